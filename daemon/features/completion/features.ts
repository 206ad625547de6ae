// What is known before a suggestion is asked for, as numbers: from these a filter can learn which ones are of use. No text. Pure.
import { indentOf, lineAround } from './place.ts';
import type { Spot, Typing } from './typing.ts';

const longMs = 60_000;

export function featuresOf(
  spot: Spot,
  { changedAtMs, lastOutcome }: Pick<Typing, 'changedAtMs' | 'lastOutcome'>,
  { isInvoked }: { isInvoked: boolean },
): Record<string, number> {
  const { before, after } = lineAround(spot);
  const line = before.trim();
  const last = line.at(-1) ?? '';
  return {
    invoked: Number(isInvoked),
    msSinceChange: Math.round(Math.min(longMs, performance.now() - changedAtMs)),
    lastOutcome,
    lineLength: line.length,
    indent: indentOf(before),
    restLength: after.trim().length,
    position: spot.text.length === 0 ? 0 : Number((spot.offset / spot.text.length).toFixed(3)),
    afterWord: Number(/\w/.test(last)),
    afterOpener: Number(/[([{]/.test(last)),
    afterDot: Number(last === '.'),
    afterSpace: Number(/\s$/.test(before)),
    inComment: Number(/^(\/\/|#|\/\*|\*|--)/.test(line)),
  };
}
