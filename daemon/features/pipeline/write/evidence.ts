// What a reviewer says of a draft, and whether it has evidence: code that stands in the draft, a check that fails, or a counter-example.
// What has none changes nothing, however it is worded. Pure.
import { cleanMessage } from '../../../base/clean-text.ts';
import { createFindingsParser } from '../findings-stream.ts';
import { compactText } from '../target.ts';
import type { FailedCheck } from './report.ts';

export interface Objection {
  message: string;
  /** In words for the coder and for the judge. */
  evidence: string;
}

const fields = ['message', 'quote', 'check', 'input', 'expected', 'actual'];

/** The JSON schema of a reviewer's answer, for models that can be held to one. */
export const objectionsSchema = {
  name: 'objections',
  schema: {
    type: 'object',
    properties: {
      findings: {
        type: 'array',
        items: {
          type: 'object',
          properties: Object.fromEntries(fields.map((field) => [field, { type: 'string' }])),
          required: fields,
          additionalProperties: false,
        },
      },
    },
    required: ['findings'],
    additionalProperties: false,
  },
};

const maxObjections = 12;
const maxMessageChars = 600;
const minQuotedChars = 3; // a lone bracket is everywhere and proves nothing

/** Those with evidence, and how many there were. */
export function objectionsIn(
  answer: string,
  draft: { code: string; failed: readonly FailedCheck[] },
): { proven: Objection[]; said: number } {
  const said = createFindingsParser().push(answer);
  const proven = said.flatMap((raw) => {
    const evidence = evidenceOf(raw, draft);
    const message = cleanMessage(textOf(raw['message']), maxMessageChars);
    return evidence === undefined || message === '' ? [] : [{ message, evidence }];
  });
  return { proven: proven.slice(0, maxObjections), said: said.length };
}

function evidenceOf(
  raw: Record<string, unknown>,
  { code, failed }: { code: string; failed: readonly FailedCheck[] },
): string | undefined {
  const quote = textOf(raw['quote']);
  if (isQuoted(quote, code)) return `the code \`${cleanMessage(quote, maxMessageChars)}\``;
  const check = textOf(raw['check']).trim().toLowerCase();
  const named = failed.find(({ name }) => name.toLowerCase() === check);
  if (named) return `the failing check ${named.name}`;
  const [input, expected, actual] = ['input', 'expected', 'actual'].map((field) =>
    cleanMessage(textOf(raw[field]), maxMessageChars),
  ) as [string, string, string];
  if (input === '' || expected === '' || actual === '' || expected === actual) return undefined;
  return `the counter-example ${input}: expected ${expected}, and it gives ${actual}`;
}

function isQuoted(quote: string, code: string): boolean {
  const needle = compactText(quote).text;
  return needle.length >= minQuotedChars && compactText(code).text.includes(needle);
}

/** Models write a number or a list where a text was asked. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
