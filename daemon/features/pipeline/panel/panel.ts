// What happens to a model's findings about one document before they are shown: vote, refuter, judge. Each step that fails leaves what
// the step before it gave, and a note. Analysers' findings never come here.
import { counted } from '../../../../shared/words/counted.ts';
import { CancelledError } from '../../../base/errors.ts';
import { newMarker } from '../code-prompts.ts';
import { cutForTime, panelChars } from '../surroundings/reading-time.ts';
import type { ReviewTarget } from '../target.ts';
import type { HeldFinding } from '../types.ts';
import { budgetOf } from '../windows.ts';
import type { PanelCandidate } from './candidate.ts';
import { applyJudgement, judgeSchema, type PanelJudgement, strongestFirst } from './judge.ts';
import type { ModelNoise } from './noise.ts';
import { answerTo, type PanelModel, panelMessages } from './panel-prompt.ts';
import type { PanelRoleName, PanelRoles } from './panel-roles.ts';
import { type PanelMemory, PastVerdicts } from './past-verdicts.ts';
import { type AnalyserFact, applyRefutations, type Refuted, type RefuterRound, refuterSchema } from './refuter.ts';

export interface PanelCase {
  target: ReviewTarget;
  candidates: readonly PanelCandidate[];
  /** What analysers say of the document. */
  facts: readonly AnalyserFact[];
  /** Whether the code tells its reviewer what to say: a model that obeys would take findings away. */
  isSteering: boolean;
}

export interface PanelOptions {
  /** Which made the claims. */
  model: PanelModel;
  /** Who weighs them. */
  roles: PanelRoles;
  /** What was said in earlier reviews; all is asked without it. */
  memory?: PanelMemory;
  noise: ModelNoise;
  /** Tokens per second, as measured on this machine. */
  readSpeed?: number | undefined;
  signal: AbortSignal;
  onNote(text: string): void;
  /** The sentence for what a step threw. */
  sentenceFor(error: unknown): string;
}

export interface PanelOutcome {
  /** The strongest first. */
  ranked: PanelCandidate[];
  held: HeldFinding[];
  judgement?: PanelJudgement;
  /** What each step that a model did has cost in time, and did. */
  steps: { name: PanelRoleName; model: string; weighed: number; held: number; durationMs: number }[];
}

/** Throws CancelledError. */
export async function weigh(panelCase: PanelCase, options: PanelOptions): Promise<PanelOutcome> {
  const outcome: PanelOutcome = { ranked: strongestFirst(panelCase.candidates), held: [], steps: [] };
  if (panelCase.candidates.length === 0 || panelCase.isSteering) return outcome;
  const isAsked = await refute(panelCase, outcome, options);
  await judge(panelCase, outcome, { ...options, isAsked });
  return outcome;
}

/** Returns whether a model was asked: of what was weighed before nothing is. */
async function refute(panelCase: PanelCase, outcome: PanelOutcome, options: PanelOptions): Promise<boolean> {
  const { target, candidates } = panelCase;
  const { memory, onNote } = options;
  const { model, identity } = options.roles.refuter;
  const before = memory && new PastVerdicts({ memory, model: identity, target });
  const { held, kept, unknown } = (await before?.recall(candidates)) ?? { held: [], kept: [], unknown: candidates };
  outcome.held.push(...held);
  outcome.ranked = strongestFirst([...kept, ...unknown]);
  if (unknown.length === 0) return false;
  await step('refuter', { candidates: unknown, outcome, options }, async () => {
    const refuted = await refutedOf({ ...panelCase, candidates: unknown }, options);
    if ('parseError' in refuted) {
      onNote(`Findings weren't double-checked: ${model.id} ${refuted.parseError}.`);
      return 0;
    }
    await before?.keep(refuted);
    outcome.ranked = strongestFirst([...kept, ...refuted.kept]);
    outcome.held.push(...refuted.held);
    return refuted.held.length;
  });
  return true;
}

/** A model that was often disproved is asked once more about what is doubtful; where that can't be read, one round decides as for any model. */
async function refutedOf(panelCase: PanelCase, options: PanelOptions): Promise<Refuted | { parseError: string }> {
  const { model, noise } = options;
  const isNoisy = noise.isNoisy(model.id);
  const answer = await refuterAnswer(panelCase, options);
  const read = (round: RefuterRound) => applyRefutations(answer, { ...panelCase, round });
  const first = read(isNoisy ? 'first' : 'only');
  if ('parseError' in first) return first;
  const refuted = first.held.filter(({ reason }) => reason === 'refuted').length;
  noise.add(model.id, { weighed: panelCase.candidates.length, refuted });
  if (first.open.length === 0) return first;
  const open = { ...panelCase, candidates: first.open };
  const last = await againOf(open, options);
  if ('parseError' in last) {
    options.onNote(`Doubtful findings weren't double-checked once more: ${last.parseError}`);
    return read('only');
  }
  return { kept: [...first.kept, ...last.kept], held: [...first.held, ...last.held], open: [] };
}

/** The second round. What it throws is told as what could not be read. */
async function againOf(open: PanelCase, options: PanelOptions): Promise<ReturnType<typeof applyRefutations>> {
  const { roles, signal, sentenceFor } = options;
  const { model } = roles.refuter;
  try {
    const last = applyRefutations(await refuterAnswer(open, options), { ...open, round: 'last' });
    return 'parseError' in last ? { parseError: `${model.id} ${last.parseError}.` } : last;
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    return { parseError: sentenceFor(error) };
  }
}

function refuterAnswer({ target, candidates, facts }: PanelCase, options: PanelOptions) {
  const { signal } = options;
  const { model, instructions, maxOutputTokens } = options.roles.refuter;
  const readers = facts.map(
    ({ by, lines }) => `${by} has read the file and reports ${counted(lines.size, 'line')} of it.`,
  );
  const messages = panelMessages({
    ...{ target, candidates, marker: newMarker(), maxCodeChars: codeCharsFor(target, model, options) },
    ...{ instructions, facts: readers },
  });
  return answerTo(messages, { model, signal, jsonSchema: refuterSchema, claims: candidates.length, maxOutputTokens });
}

/** One finding has nothing to be joined with, and no order. Where nothing new was weighed, only what was judged before is used. */
async function judge({ target }: PanelCase, outcome: PanelOutcome, options: PanelOptions & { isAsked: boolean }) {
  const { memory, signal } = options;
  const { model, instructions, maxOutputTokens } = options.roles.judge;
  const candidates = outcome.ranked;
  if (candidates.length < 2) return;
  const shown = { target, candidates, maxCodeChars: codeCharsFor(target, model, options) };
  const question = { ...shown, instructions, facts: [] };
  const asWritten = JSON.stringify(panelMessages({ ...question, marker: '' }));
  const known = await memory?.recallAnswer(asWritten, model.id);
  if (known === undefined && !options.isAsked) return;
  await step('judge', { candidates, outcome, options }, async () => {
    const ask = () =>
      answerTo(panelMessages({ ...question, marker: newMarker() }), {
        ...{ model, signal, jsonSchema: judgeSchema, claims: candidates.length, maxOutputTokens },
      });
    const answer = known === undefined ? await ask() : { text: known, reason: 'stop' as const };
    const { ranked, held, judgement } = applyJudgement(answer, candidates);
    if (judgement.parseError !== undefined)
      options.onNote(`Findings weren't ranked by a model: ${model.id} ${judgement.parseError}.`);
    else if (known === undefined)
      await memory?.keepAnswer(asWritten, model.id, { uri: target.snippet.uri, answer: answer.text });
    outcome.ranked = ranked;
    outcome.held.push(...held);
    outcome.judgement = judgement;
    return held.length;
  });
}

/** How much of the document a model is shown. */
function codeCharsFor({ snippet }: ReviewTarget, model: PanelModel, options: PanelOptions): number {
  const { onNote } = options;
  const readSpeed = model === options.model ? options.readSpeed : undefined; // of another it isn't known here
  const { codeChars } = budgetOf(model.info);
  const chars = panelChars(codeChars, readSpeed);
  if (readSpeed !== undefined && chars < codeChars && snippet.text.length > chars)
    onNote(cutForTime(model.id, readSpeed));
  return chars;
}

/** `work` returns how many findings it held back. What it throws leaves the outcome as it is. */
async function step(
  name: PanelRoleName,
  {
    candidates,
    outcome,
    options,
  }: { candidates: readonly PanelCandidate[]; outcome: PanelOutcome; options: PanelOptions },
  work: () => Promise<number>,
): Promise<void> {
  const started = performance.now();
  let held = 0;
  try {
    held = await work();
  } catch (error) {
    if (options.signal.aborted) throw new CancelledError();
    const what = name === 'refuter' ? "weren't double-checked" : "weren't ranked by a model";
    options.onNote(`Findings ${what}. ${options.sentenceFor(error)}`);
  }
  outcome.steps.push({
    name,
    model: options.roles[name].model.id,
    weighed: candidates.length,
    held,
    durationMs: performance.now() - started,
  });
}
