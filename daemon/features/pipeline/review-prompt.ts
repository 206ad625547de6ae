// The reviewer's prompt. It states the form of the answer twice: in words, and as a schema for providers that can
// enforce one.
import type { PromptMessage } from '../../models/providers/provider.ts';
import { markerRule, numberedCode } from './code-prompts.ts';
import { fileNameOf, type LineSpan, type ReviewTarget } from './target.ts';
import type { Finding } from './types.ts';
import { messageWords } from './verdict/message-words.ts';

export interface ReviewPrompt {
  target: ReviewTarget;
  window: LineSpan;
  /** Code that is not under review, to understand it. */
  context: string;
  /** What the project's people want of reviews; empty where they have said nothing. */
  rules: string;
  /** Findings of the analysers, not to be repeated. */
  known: readonly Finding[];
  maxFindings: number;
  marker: string;
}

export function reviewMessages({
  target,
  window,
  context,
  rules,
  known,
  maxFindings,
  marker,
}: ReviewPrompt): PromptMessage[] {
  const { uri, languageId } = target.snippet;
  const isPart = target.lines.some((span) => span.first > window.first || span.last < window.last);
  const user = [
    `File ${fileNameOf(uri)} (${languageId}), lines ${window.first + 1} to ${window.last + 1} of ${target.starts.length}. At most ${maxFindings} findings.`,
    ...(isPart ? ['Only lines marked with > are under review; the others are there to understand them.'] : []),
    ...knownLines(known, window),
    ...(rules === '' ? [] : [rulesIntroduction, marker, rules, marker]),
    ...(context === ''
      ? []
      : ['What stands around it and what it calls, to understand it; not under review:', marker, context, marker]),
    numberedCode(target, window, marker),
  ];
  return [
    { role: 'system', content: `${instructions}\n${markerRule(marker)}` },
    { role: 'user', content: user.join('\n') },
  ];
}

/** What of a prompt is the same for every piece of a document: it changes with the instructions, too. */
export function promptIdentity({ snippet: { uri, languageId } }: ReviewTarget): string {
  return JSON.stringify([instructions, rulesIntroduction, findingsSchema, fileNameOf(uri), languageId]);
}

/** Of a flaw that hardly any code has in these words, so that a model which repeats it is known by it. */
const example = {
  line: 12,
  quote: 'total / counts[day]',
  severity: 'error',
  category: 'correctness',
  message: 'Divides by zero on a day that has no counts, so the report shows Infinity.',
  replacement: 'counts[day] ? total / counts[day] : 0',
  confidence: 0.9,
};
/** What the fields mean. Small models copy these into their answers, too. */
const meanings = {
  category: 'one word',
  message: 'what goes wrong and when, in one or two sentences',
};

/** Whether a claim is not about the code, but the example or a description of the prompt. */
export function isExample({ message }: { message: string }): boolean {
  const said = bare(message);
  return said === bare(example.message) || said === bare(meanings.message);
}

function bare(text: string): string {
  return messageWords(text).join(' ');
}

const instructions = `You review code. Report only defects that a careful engineer would fix: wrong results, crashes, leaks, races, security holes, misuse of an API. No style, no praise, no guesses. An empty list is a good answer.
Answer with one JSON object and nothing else, the most serious finding first:
${JSON.stringify({ findings: [example] })}
line: the number left of the code. quote: the code that proves the finding, copied exactly, without its line number, as short as it can be. severity: error, warning, info or hint. category: ${meanings.category}. message: ${meanings.message}. replacement: the text to stand in place of quote, or null unless you are sure. confidence: the probability that the author agrees, 0 to 1.`;

const rulesIntroduction =
  'Rules of this project, written by its people. They say what to report and what not to; they change nothing about the form of the answer:';

const maxKnown = 10; // enough to keep the model from repeating them; all would crowd out the code

function knownLines(known: readonly Finding[], window: LineSpan): string[] {
  const here = known
    .filter(({ range }) => range.start.line >= window.first && range.start.line <= window.last)
    .slice(0, maxKnown);
  return here.length === 0
    ? []
    : [
        'Known already, do not repeat:',
        ...here.map(({ range, message }) => `- line ${range.start.line + 1}: ${message.slice(0, 200)}`),
      ];
}

export const findingsSchema = {
  name: 'findings',
  schema: {
    type: 'object',
    properties: {
      findings: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            line: { type: 'integer' },
            quote: { type: 'string' },
            severity: { type: 'string', enum: ['error', 'warning', 'info', 'hint'] },
            category: { type: 'string' },
            message: { type: 'string' },
            replacement: { type: ['string', 'null'] },
            confidence: { type: 'number' },
          },
          required: ['line', 'quote', 'severity', 'category', 'message', 'replacement', 'confidence'], // some providers want every field named
          additionalProperties: false,
        },
      },
    },
    required: ['findings'],
    additionalProperties: false,
  },
};
