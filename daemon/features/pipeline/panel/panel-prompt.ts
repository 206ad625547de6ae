// How refuter and judge are shown findings and code, and how their answer is collected.
import { CancelledError } from '../../../base/errors.ts';
import type { Attempt } from '../../../models/ask.ts';
import type { FinishReason, PromptMessage } from '../../../models/providers/provider.ts';
import { markerRule, numberedCode } from '../code-prompts.ts';
import { fileNameOf, type LineSpan, lineAt, type ReviewTarget, wholeLines } from '../target.ts';
import { budgetOf } from '../windows.ts';
import { lineOf, type PanelCandidate } from './candidate.ts';

export type PanelModel = Pick<Attempt, 'id' | 'info' | 'stream'>;

export interface PanelQuestion {
  target: ReviewTarget;
  candidates: readonly PanelCandidate[];
  instructions: string;
  /** What else the model should know, a line each. */
  facts: readonly string[];
  marker: string;
  maxCodeChars: number;
}

const maxClaimChars = 300;

/** The claims are a model's text about the code, and so data like the code itself. */
export function panelMessages(question: PanelQuestion): PromptMessage[] {
  const { target, candidates, instructions, facts, marker, maxCodeChars } = question;
  const claims = candidates.map(({ finding, support, passes }, index) =>
    [
      `${index + 1}. line ${lineOf(finding)}, ${finding.severity}, ${finding.category}: ${finding.message.slice(0, maxClaimChars)}`,
      ...(passes > 1 ? [`   made by ${support} of ${passes} readings`] : []),
    ].join('\n'),
  );
  const spans = spansAround(target, candidates, maxCodeChars);
  const user = [
    `File ${fileNameOf(target.snippet.uri)} (${target.snippet.languageId}).`,
    ...facts,
    'The code:',
    ...spans.map((span) => numberedCode(target, span, marker)),
    'The claims, made by a reviewer:',
    marker,
    ...claims,
    marker,
  ];
  return [
    { role: 'system', content: `${instructions}\n${markerRule(marker)} So is what stands in the claims.` },
    { role: 'user', content: user.join('\n') },
  ];
}

const widths: readonly number[] = [Number.POSITIVE_INFINITY, 60, 30, 15, 8, 3];
const numberChars = 8;

/** All of the document where that is short enough, else as much as can be around each finding. */
function spansAround(target: ReviewTarget, candidates: readonly PanelCandidate[], maxChars: number): LineSpan[] {
  let spans: LineSpan[] = [];
  for (const width of widths) {
    spans = joinedSpans(target, candidates, width);
    const chars = spans.reduce((sum, span) => sum + charsOf(target, span), 0);
    if (chars <= maxChars) return spans;
  }
  return spans;
}

function joinedSpans(target: ReviewTarget, candidates: readonly PanelCandidate[], width: number): LineSpan[] {
  const last = target.starts.length - 1;
  const spans: LineSpan[] = [];
  const wide = candidates.map(({ finding }) => wholeLines(finding.range)).sort((a, b) => a.first - b.first);
  for (const span of wide) {
    const next = { first: Math.max(0, span.first - width), last: Math.min(last, span.last + width) };
    const before = spans.at(-1);
    if (before && next.first <= before.last + 1) before.last = Math.max(before.last, next.last);
    else spans.push(next);
  }
  return spans;
}

function charsOf(target: ReviewTarget, { first, last }: LineSpan): number {
  let chars = 0;
  for (let line = first; line <= last; line++) chars += lineAt(target, line).length + numberChars;
  return chars;
}

const tokensForEach = 160; // a reason and a quote
const tokensBeside = 120;

/** The whole answer of a model. Throws what its stream throws. */
export async function answerTo(
  messages: PromptMessage[],
  {
    model,
    jsonSchema,
    claims,
    maxOutputTokens: allowed,
    signal,
  }: {
    model: PanelModel;
    jsonSchema: { name: string; schema: Record<string, unknown> };
    claims: number;
    /** As the user allows it; by default as much as the claims need. */
    maxOutputTokens?: number | undefined;
    signal: AbortSignal;
  },
): Promise<{ text: string; reason: FinishReason }> {
  const answer: { text: string; reason: FinishReason } = { text: '', reason: 'stop' };
  const maxOutputTokens = allowed ?? Math.max(budgetOf(model.info).outputTokens, tokensBeside + claims * tokensForEach);
  for await (const part of model.stream({ messages, maxOutputTokens, temperature: 0, jsonSchema })) {
    if (signal.aborted) throw new CancelledError();
    if (part.kind === 'thought') answer.text = '';
    if (part.kind === 'text') answer.text += part.text;
    if (part.kind === 'finish') answer.reason = part.reason;
  }
  return answer;
}
