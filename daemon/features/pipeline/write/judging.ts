// The judge of the pipeline: one candidate alone, or two in both orders, and once more by a stronger model where it is not sure. What
// fails here approves nothing and stops nothing.
import type { PipelineConfig } from '../../../base/config/pipeline.ts';
import { CancelledError, UserError } from '../../../base/errors.ts';
import type { Models } from '../../../models/ask.ts';
import type { PromptMessage } from '../../../models/providers/provider.ts';
import type { ModelChoice, Selection, SelectRequest } from '../../../models/router/router.ts';
import type { RunningJob, StageEnd } from '../../jobs/job-run.ts';
import {
  type Judgement,
  pairJudgement,
  pairWords,
  singleJudgement,
  singleWords,
  undecided,
} from '../judge/pairwise.ts';
import { readVerdict, verdictSchema } from '../judge/verdict.ts';
import { type AskedModel, askRole, type RoleAnswer } from './ask-role.ts';
import type { Objection } from './evidence.ts';
import { type JudgedCode, pairMessages, singleMessages, type WriteSubject } from './prompts.ts';
import { wantedFor, wantedForEscalation } from './roles.ts';

export interface JudgeDeps {
  models: Models;
  config: PipelineConfig;
  choice: ModelChoice;
  /** The judge's instructions. */
  system: string;
  subject: WriteSubject;
  /** From a judge's number to a probability; undefined while too few outcomes are known. */
  probability(model: string, confidence: number): number | undefined;
}

/** A judgement, who made it, and the probability that its number stands for, once that is known. */
export type JudgedBy = Judgement & { model?: string; probability?: number };

/** What is judged: the revision is absent where there is none that may be taken. */
export interface JudgedPair {
  draft: JudgedCode;
  revision?: JudgedCode;
  objections: readonly Objection[];
}

const minVerdictTokens = 1000;
const maxVerdictTokens = 4096; // a model that reasons first needs more than its verdict is long

/** The stages `judge` and `escalation`. Throws CancelledError. */
export async function judge(job: RunningJob, pair: JudgedPair, deps: JudgeDeps): Promise<JudgedBy> {
  const { config, choice } = deps;
  const first = await judgedBy(job, 'judge', { ...deps, pair, wanted: wantedFor('judge', config, choice) });
  const wanted = wantedForEscalation(config, choice);
  const isSure =
    first.verdict !== 'undecided' && (first.probability ?? first.confidence ?? 0) >= config.escalation.below;
  if (isSure || !wanted) return first;
  const chosen = await stronger(job, { wanted, deps, pair, asked: first.model });
  if ('why' in chosen) {
    const { why } = chosen;
    await job.stage('no escalation', async () => ({ outcome: null, detail: `No other judge was asked: ${why}.` }));
    return first;
  }
  const second = await judgedBy(job, 'escalation', { ...deps, pair, wanted, first: chosen.selection });
  return second.verdict === 'undecided' ? first : second;
}

/** The model that judges again, or why none does. */
async function stronger(
  job: RunningJob,
  {
    wanted,
    deps,
    pair,
    asked,
  }: { wanted: SelectRequest; deps: JudgeDeps; pair: JudgedPair; asked: string | undefined },
): Promise<{ selection: Selection } | { why: string }> {
  try {
    const { draft, revision } = pair;
    const text = [deps.subject.instruction, draft.code, revision?.code ?? ''].join('\n');
    const selection = await deps.models.select({ ...wanted, request: { text, needs: { json: true } } }, job.signal);
    const { model, estimatedCost } = selection.decision;
    const { maxCostUsd } = deps.config.escalation;
    const calls = revision ? 2 : 1;
    if (model === asked) return { why: `${model} judged already` };
    if (estimatedCost === undefined) return { why: `the cost of ${model} isn't known` };
    return estimatedCost * calls > maxCostUsd ? { why: `${model} costs more than $${maxCostUsd}` } : { selection };
  } catch (error) {
    if (job.signal.aborted) throw new CancelledError();
    return { why: reasonOf(error) };
  }
}

interface JudgeQuestion extends JudgeDeps {
  pair: JudgedPair;
  wanted: SelectRequest;
  first?: Selection;
}

async function judgedBy(job: RunningJob, stage: string, question: JudgeQuestion): Promise<JudgedBy> {
  job.report('Judging');
  const judgement = await job.stage<JudgedBy>(stage, async () => {
    try {
      return await ask(job, question);
    } catch (error) {
      if (job.signal.aborted) throw new CancelledError();
      const parseError = `couldn't be asked: ${reasonOf(error)}`;
      return { outcome: undecided(parseError), detail: `The judge ${parseError}.` };
    }
  });
  const { verdict, model, confidence } = judgement;
  if (verdict !== 'approved' || model === undefined || confidence === undefined) return judgement;
  const probability = question.probability(model, confidence);
  return { ...judgement, ...(probability !== undefined && { probability }) };
}

/** What the user allows, else what the model's context window does. */
function verdictTokens({ info: { contextTokens = 0 } }: AskedModel, { judge }: PipelineConfig): number {
  const share = Math.floor(contextTokens / 8);
  return judge.maxOutputTokens ?? Math.max(minVerdictTokens, Math.min(maxVerdictTokens, share));
}

async function ask(
  job: RunningJob,
  { models, wanted, first, pair, system, subject, config }: JudgeQuestion,
): Promise<StageEnd<JudgedBy>> {
  const { draft, revision, objections } = pair;
  const words: readonly [string, ...string[]] = revision ? pairWords : singleWords;
  const answered = (messages: PromptMessage[]): Promise<RoleAnswer> =>
    askRole(models, {
      wanted,
      first,
      messages: async (model) => ({ messages, maxOutputTokens: verdictTokens(model, config) }),
      jsonSchema: verdictSchema(words),
      signal: job.signal,
    });
  if (!revision) {
    const answer = await answered(singleMessages(subject, { system, candidate: draft }));
    return stageOf([answer], singleJudgement(readVerdict(answer, singleWords)));
  }
  const one = await answered(pairMessages(subject, { system, first: draft, second: revision, objections }));
  const two = await answered(pairMessages(subject, { system, first: revision, second: draft, objections }));
  return stageOf([one, two], pairJudgement(readVerdict(one, pairWords), readVerdict(two, pairWords)));
}

function stageOf(answers: readonly RoleAnswer[], judgement: Judgement): StageEnd<JudgedBy> {
  const [{ model } = { model: '' }] = answers;
  const costs = answers.map(({ costUsd }) => costUsd);
  return {
    outcome: { ...judgement, model },
    detail: wordsOf(judgement, model),
    model,
    prompt: answers.map(({ prompt }) => prompt).join('\n\n---\n\n'),
    answer: answers.map(({ text }) => text).join('\n\n---\n\n'),
    tokens: {
      input: answers.reduce((sum, { tokens }) => sum + tokens.input, 0),
      output: answers.reduce((sum, { tokens }) => sum + tokens.output, 0),
    },
    costUsd: costs.reduce((sum, cost) => (sum === null || cost === null ? null : sum + cost), 0),
  };
}

function wordsOf({ verdict, prefers, parseError }: Judgement, model: string): string {
  if (parseError !== undefined) return `${model} ${parseError}, so nothing is approved.`;
  if (verdict === 'rejected') return 'Rejected.';
  if (verdict === 'undecided') return 'Undecided: the answer depends on which candidate comes first.';
  return prefers === undefined ? 'Approved.' : `Approved: the ${prefers} is better.`;
}

/** As the end of a sentence, which has a period of its own. */
function reasonOf(error: unknown): string {
  return sentenceOf(error).replace(/\.$/, '');
}

export function sentenceOf(error: unknown): string {
  return error instanceof UserError ? error.message : 'Something went wrong.';
}
