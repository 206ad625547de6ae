// What happens to a model's findings about one document before they are shown: vote, refuter, judge. Each step that fails leaves what
// the step before it gave, and a note. Analysers' findings never come here.
import { CancelledError, UserError } from '../../../base/errors.ts';
import { newMarker } from '../code-prompts.ts';
import type { ReviewTarget } from '../target.ts';
import type { HeldFinding } from '../types.ts';
import { budgetOf } from '../windows.ts';
import type { Candidate } from './candidate.ts';
import { applyJudgement, type Judgement, judgeInstructions, judgeSchema, strongestFirst } from './judge.ts';
import { answerTo, type PanelModel, panelMessages } from './panel-prompt.ts';
import { type AnalyserFact, applyRefutations, refuterInstructions, refuterSchema } from './refuter.ts';

export interface PanelCase {
  target: ReviewTarget;
  candidates: readonly Candidate[];
  /** What analysers say of the document. */
  facts: readonly AnalyserFact[];
  /** Whether the code tells its reviewer what to say: a model that obeys would take findings away. */
  isSteering: boolean;
}

export interface PanelOptions {
  model: PanelModel;
  signal: AbortSignal;
  onNote(text: string): void;
  /** The sentence for what a step threw. */
  sentenceFor(error: unknown): string;
}

type PanelStep = 'refuter' | 'judge';

export interface PanelOutcome {
  /** The strongest first. */
  ranked: Candidate[];
  held: HeldFinding[];
  judgement?: Judgement;
  /** What each step that a model did has cost in time, and did. */
  steps: { name: PanelStep; weighed: number; held: number; durationMs: number }[];
}

/** Throws CancelledError. */
export async function weigh(panelCase: PanelCase, options: PanelOptions): Promise<PanelOutcome> {
  const outcome: PanelOutcome = { ranked: strongestFirst(panelCase.candidates), held: [], steps: [] };
  if (panelCase.candidates.length === 0) return outcome;
  if (panelCase.isSteering) return outcome;
  await refute(panelCase, outcome, options);
  await judge(panelCase, outcome, options);
  return outcome;
}

async function refute(panelCase: PanelCase, outcome: PanelOutcome, options: PanelOptions): Promise<void> {
  const { target, facts } = panelCase;
  const candidates = outcome.ranked;
  const readers = facts.map(({ by, lines }) => `${by} has read the file and reports ${lines.size} lines of it.`);
  await step('refuter', { candidates, outcome, options }, async () => {
    const question = questionAbout(target, candidates, options.model);
    const messages = panelMessages({ ...question, instructions: refuterInstructions, facts: readers });
    const answer = await answerTo(messages, {
      ...{ model: options.model, signal: options.signal },
      ...{ jsonSchema: refuterSchema, claims: candidates.length },
    });
    const refuted = applyRefutations(answer, { target, candidates, facts });
    if ('parseError' in refuted) {
      options.onNote(`Findings weren't double-checked: ${options.model.id} ${refuted.parseError}.`);
      return 0;
    }
    outcome.ranked = refuted.kept;
    outcome.held.push(...refuted.held);
    return refuted.held.length;
  });
}

/** One finding has nothing to be joined with, and no order. */
async function judge({ target }: PanelCase, outcome: PanelOutcome, options: PanelOptions): Promise<void> {
  const candidates = outcome.ranked;
  if (candidates.length < 2) return;
  await step('judge', { candidates, outcome, options }, async () => {
    const question = questionAbout(target, candidates, options.model);
    const messages = panelMessages({ ...question, instructions: judgeInstructions, facts: [] });
    const answer = await answerTo(messages, {
      ...{ model: options.model, signal: options.signal },
      ...{ jsonSchema: judgeSchema, claims: candidates.length },
    });
    const { ranked, held, judgement } = applyJudgement(answer, candidates);
    if (judgement.parseError !== undefined)
      options.onNote(`Findings weren't ranked by a model: ${options.model.id} ${judgement.parseError}.`);
    outcome.ranked = ranked;
    outcome.held.push(...held);
    outcome.judgement = judgement;
    return held.length;
  });
}

function questionAbout(target: ReviewTarget, candidates: readonly Candidate[], { info }: PanelModel) {
  return { target, candidates, marker: newMarker(), maxCodeChars: budgetOf(info).codeChars };
}

/** `work` returns how many findings it held back. What it throws leaves the outcome as it is. */
async function step(
  name: PanelStep,
  { candidates, outcome, options }: { candidates: readonly Candidate[]; outcome: PanelOutcome; options: PanelOptions },
  work: () => Promise<number>,
): Promise<void> {
  const started = performance.now();
  let held = 0;
  try {
    held = await work();
  } catch (error) {
    if (options.signal.aborted) throw new CancelledError();
    const what = name === 'refuter' ? "weren't double-checked" : "weren't ranked by a model";
    options.onNote(`Findings ${what}. ${error instanceof UserError ? error.message : options.sentenceFor(error)}`);
  }
  outcome.steps.push({ name, weighed: candidates.length, held, durationMs: performance.now() - started });
}
