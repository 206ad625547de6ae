// What a judge says: one of the words it was given, the conflicts it sees, and how sure it is. What isn't exactly that is no verdict.
// Pure; never throws.
import * as z from 'zod';
import { cleanMessage } from '../../../base/clean-text.ts';
import type { FinishReason } from '../../../models/providers/provider.ts';
import { strictJson } from './strict-json.ts';

interface Verdict<Word extends string> {
  verdict: Word;
  /** In a sentence each, safe to show. */
  conflicts: string[];
  /** What the judge itself says, 0 to 1: a raw number, which says little before it is calibrated. */
  confidence: number;
}

/** `parseError` is the end of a sentence that begins with the model. */
export type JudgeAnswer<Word extends string> = Verdict<Word> | { parseError: string };

export const maxConflicts = 20;
export const maxConflictChars = 500;

/** The JSON schema that a judge's answer must follow, for models that can be held to one. */
export function verdictSchema(words: readonly string[]): { name: string; schema: Record<string, unknown> } {
  const properties = {
    conflicts: { type: 'array', items: { type: 'string' } },
    confidence: { type: 'number' },
    verdict: { type: 'string', enum: [...words] },
  };
  return {
    name: 'verdict',
    schema: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
  };
}

/** Reads a judge's answer. One that did not come to its own end is none. */
export function readVerdict<Word extends string>(
  answer: { text: string; reason: FinishReason },
  words: readonly [Word, ...Word[]],
): JudgeAnswer<Word> {
  if (answer.reason === 'content-filter') return { parseError: 'declined to answer' };
  if (answer.reason !== 'stop') return { parseError: 'was cut off' };
  const read = strictJson(
    answer.text,
    z.strictObject({
      verdict: z.enum(words),
      conflicts: z.array(z.string()).max(maxConflicts),
      confidence: z.number().min(0).max(1),
    }),
  );
  if ('parseError' in read) return read;
  const { verdict, conflicts, confidence } = read.value;
  const shown = conflicts.map((conflict) => cleanMessage(conflict, maxConflictChars)).filter((text) => text !== '');
  return { verdict: verdict as Word, conflicts: shown, confidence };
}
