// What a model is told of a call: quotations in fences, without secrets, no longer than its context bears. Pure.
import { counted } from '../../../../shared/words/counted.ts';
import { UserError } from '../../../base/errors.ts';
import { refusalText, resultText, type ToolText } from '../../tools/result.ts';

const maxResultChars = 12_000;
const minResultChars = 800;
const charsPerToken = 3;
/** Of what a model holds, so much is one result's. */
const resultShare = 0.2;

/** Characters of a result, for a model that holds so many tokens. */
export function roomFor(contextTokens: number): number {
  return Math.min(maxResultChars, Math.max(minResultChars, Math.floor(contextTokens * charsPerToken * resultShare)));
}

/** Quotations are cut after a line, which the text says. */
export function resultFor(parts: readonly ToolText[], maxChars: number): string {
  const quoted = parts.filter((part) => typeof part !== 'string');
  const words = parts.reduce(
    (sum, part) => sum + (typeof part === 'string' ? part.length : part.source.length + 20),
    0,
  );
  let room = Math.max(minResultChars / 2, maxChars - words);
  const cut = parts.map((part) => {
    if (typeof part === 'string') return part;
    const text = part.keepsEnd ? tail(part.text, room) : head(part.text, room);
    room = Math.max(0, room - text.length);
    return { ...part, text };
  });
  return resultText(cut, { max: maxChars + 1000 + quoted.length * 100, isWarned: true });
}

function head(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const end = text.lastIndexOf('\n', maxChars);
  const shown = text.slice(0, end > 0 ? end : maxChars).toWellFormed();
  const left = text.slice(shown.length).split('\n').length - (end > 0 ? 1 : 0);
  return `${shown}\n… ${counted(left, 'more line')}. Ask for a smaller part.`;
}

function tail(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const begin = text.indexOf('\n', text.length - maxChars);
  const shown = text.slice(begin < 0 ? -maxChars : begin + 1).toWellFormed();
  return `… ${text.length - shown.length} characters before this\n${shown}`;
}

/** What a call that can't be done comes to. What isn't for users is thrown on. */
export function refusalOf(error: unknown): string {
  if (!(error instanceof UserError)) throw error;
  return refusalText(error.message);
}
