// What the calls of a run tell of what may come, for models whose answers are forced: small ones change the same line back and forth while its
// test fails alike each time, and go on with whatever file they see once all is done. Pure.

import { noLongerDefines, onlySpaceDiffers, stillNamed } from '../edit-text.ts';
import type { PastCall } from '../tool.ts';
import { isChange } from './choices.ts';
import { isPassedTest, saysNothing } from './run-choices.ts';

/** So often a program may fail alike, after a change each time, until its run is over. */
export const maxFailuresAlike = 4;

/** How often the last program that failed has failed so, with a change before each time but the first. */
export function failuresAlike(past: readonly PastCall[]): number {
  const last = past.findLast(isFailure);
  if (last === undefined) return 0;
  const ends = past.flatMap((call, at) => (isRunOf(call, last) ? [{ call, at }] : []));
  let count = 0;
  for (let later = past.length; ; ) {
    const end = ends.pop();
    if (!end || !isFailure(end.call) || wordsOf(end.call) !== wordsOf(last)) return count;
    if (count === 0 || past.slice(end.at, later).some(isChange)) count++;
    later = end.at;
  }
}

/** Changes that a program which failed has followed: with what they made, as with what stood there before, the task isn't done. */
export function triedChanges(past: readonly PastCall[]): PastCall[] {
  return past.slice(0, Math.max(0, past.findLastIndex(isFailure))).filter(isChange);
}

/** Whether there was a look at the last change or its tests have passed: what was learned since asks for no other. */
export function isOver(past: readonly PastCall[]): boolean {
  const since = past.slice(past.findLastIndex((call) => isChange(call) && !asksForMore(call)) + 1);
  if (since.length === past.length || since.some(bringsNews)) return false;
  return since.some(({ name, ok }) => ok && name !== 'edit');
}

/** Programs that say something do, and people. Small models look at a file after each change, or at any other, and change that too. */
export function bringsNews(call: PastCall): boolean {
  const isLook = ['read', 'list', 'search', 'edit', 'plan', 'think'].includes(call.name);
  return !isLook && !saysNothing(call) && !isPassedTest(call);
}

/** It did nothing, or took away what nothing else has: another edit may follow, which mends that. */
export function asksForMore({ ok, text }: PastCall): boolean {
  const isLoss = text.includes(noLongerDefines) && !text.includes(stillNamed);
  return ok && (text.includes(onlySpaceDiffers) || isLoss);
}

function isFailure({ name, ok }: PastCall): boolean {
  return name === 'run' && !ok;
}

function isRunOf(call: PastCall, { given }: PastCall): boolean {
  return call.name === 'run' && String(call.given['argv']) === String(given['argv']);
}

/** How long it took differs each time. */
function wordsOf({ text }: PastCall): string {
  return text.replace(/\b\d+(?:\.\d+)? ?m?s\b|(?<=duration_ms )[\d.]+/g, '');
}
