// Writing code, top to bottom: a coder drafts, outside checks look at the draft, a reviewer objects with evidence, the coder revises, the
// checks decide whether the revision may count, a judge compares. Each step is a stage of a job. What comes out is never worse than the
// draft by the checks, whatever a model says.
import * as z from 'zod';
import type { PipelineConfig } from '../../../base/config/pipeline.ts';
import { CancelledError, UserError } from '../../../base/errors.ts';
import type { Snippet } from '../../../base/snippet.ts';
import { toPath } from '../../../base/uri.ts';
import type { ModelGate } from '../../../ignore/gate.ts';
import type { Models } from '../../../models/ask.ts';
import type { PromptMessage } from '../../../models/providers/provider.ts';
import type { Decision, ModelChoice } from '../../../models/router/router.ts';
import type { WrittenLog } from '../../../storage/written.ts';
import type { RunningJob, StageEnd } from '../../jobs/job-run.ts';
import type { JobKind } from '../../jobs/jobs.ts';
import { newMarker } from '../code-prompts.ts';
import type { EditForms } from '../edits/edit-forms.ts';
import { type EditFormat, type FormatChoice, formatTable, nextFormat } from '../edits/formats.ts';
import type { TextEdit } from '../edits/placing.ts';
import { type Judgement, undecided } from '../judge/pairwise.ts';
import { fitToModel } from '../rewrite.ts';
import { lineAt, targetOf, wholeLines } from '../target.ts';
import { type AskedModel, askRole, type RoleAnswer, type RoleQuestion } from './ask-role.ts';
import { type CodeCandidate, candidateOf } from './candidate.ts';
import { Checks, type ChecksDeps, testsQuestion } from './checks.ts';
import { type Objection, objectionsIn, objectionsSchema } from './evidence.ts';
import { History } from './history.ts';
import { type JudgedBy, judge, sentenceOf } from './judging.ts';
import {
  coderMessages,
  type JudgedCode,
  type RoleName,
  reviewerMessages,
  revisionMessages,
  type WriteSubject,
} from './prompts.ts';
import { type CheckReport, isBetter, isNoWorse, passes, reportWords } from './report.ts';
import { instructionsFor, wantedFor } from './roles.ts';

const Position = z.object({ line: z.number(), character: z.number() });
/** As it is stored with the job. */
const WriteRequest = z.object({
  instruction: z.string(),
  snippet: z.object({
    uri: z.string(),
    languageId: z.string(),
    version: z.number().nullable(),
    text: z.string(),
    range: z.object({ start: Position, end: Position }).exactOptional(),
  }),
  /** The model that the user named, or the level that did. */
  model: z.string().exactOptional(),
  source: z.enum(['message', 'chat', 'profile', 'workspace', 'policy']).exactOptional(),
  tests: z.array(z.array(z.string())),
  /** Whether the user has allowed them to run. */
  testsAllowed: z.boolean().exactOptional(),
});
export type WriteRequest = z.infer<typeof WriteRequest>;

/** What the work needs of the client that asks. */
export interface WriteContext {
  /** The folders, as URIs, whose rules say what is kept from models. */
  roots: readonly string[];
  trusts(file: string): Promise<boolean>;
  /** The client's PATH. */
  path?: string | undefined;
  policy?: ModelChoice['policy'];
  /** The draft as it is written. */
  onText?(text: string): void;
  onStage?(detail: string): void;
}

export interface WriteResult {
  code: string;
  /** Absent where the answer is no edit. */
  edit?: TextEdit;
  final: 'draft' | 'revision';
  judge: Judgement;
  /** Probability that the user keeps it; absent while too few outcomes are known. */
  probability?: number;
  /** What the user must know before using it; absent where it is approved and passes the checks. */
  label?: string;
  notes: string[];
  decision: Decision;
}

export interface WriteDeps extends ChecksDeps {
  models: Models;
  gate: ModelGate;
  forms: EditForms;
  config(): PipelineConfig;
  /** What became of a profile's written code. */
  written(profile: string): WrittenLog;
}

export const writeKind = 'write';
const maxDocumentChars = 2_000_000; // it is stored with the job
const notSent = "wasn't sent to a model";

/** The kind of job that writes code. Its result is a `WriteResult`. */
export function createWriteKind(deps: WriteDeps): JobKind<WriteContext> {
  return {
    name: writeKind,
    async admit(request, { roots }) {
      const { uri, text } = WriteRequest.parse(request).snippet;
      if (text.length > maxDocumentChars)
        throw new UserError('document-too-large', 'The document is too large for this. Choose a smaller file.');
      await deps.gate.refuseKept(uri, roots, notSent);
    },
    whyKept: (document, { roots }) => deps.gate.refusal(document, roots, 'was removed from this job'),
    run: (job, request, context) => new WriteRun(job, WriteRequest.parse(request), { ...deps, context }).run(),
  };
}

interface Checked extends CodeCandidate {
  report: CheckReport;
}

/** What a judge compares: the revision is absent where there is none that may be taken. */
interface Judged {
  draft: Checked;
  revision: Checked | undefined;
  objections: readonly Objection[];
}

/** What a role is asked, by what its model can read and write. */
type RoleMessages = (subject: WriteSubject, model: AskedModel, outputTokens: number) => Promise<PromptMessage[]>;

/** Lives as long as its job runs. */
class WriteRun {
  readonly #job: RunningJob;
  readonly #request: WriteRequest;
  readonly #snippet: Snippet;
  readonly #deps: WriteDeps & { context: WriteContext };
  readonly #config: PipelineConfig;
  readonly #choice: ModelChoice;
  readonly #marker = newMarker();
  readonly #notes = new Set<string>();

  constructor(job: RunningJob, request: WriteRequest, deps: WriteDeps & { context: WriteContext }) {
    const { model, source } = request;
    this.#job = job;
    this.#request = request;
    this.#snippet = request.snippet;
    this.#deps = deps;
    this.#config = deps.config();
    this.#choice = {
      profile: job.profile,
      policy: deps.context.policy,
      ...(model !== undefined && { model }),
      ...(source !== undefined && { source }),
    };
  }

  async run(): Promise<WriteResult> {
    const { gate, context } = this.#deps;
    await gate.refuseKept(this.#snippet.uri, context.roots, notSent); // rules may have changed since it was asked for
    const tests = await this.#allowedTests();
    const answer = await this.#stage('draft', 'Writing a draft', () => this.#draft());
    const { trusts, path } = context;
    const { signal } = this.#job;
    await using checks = await Checks.open(this.#deps, { snippet: this.#snippet, tests, trusts, path, signal });
    const history = await History.read(this.#deps.written(this.#job.profile), this.#job.signal);
    const draft = await this.#checked('draft checks', answer, checks);
    const why = history.whyNoReview({ coder: answer.model, language: this.#snippet.languageId });
    const objections = why === undefined ? await this.#review(draft) : await this.#leaveOutReview(why);
    const revised = objections.length === 0 ? undefined : await this.#revise(draft, objections, checks);
    const revision = revised && this.#taken(revised, draft);
    const judgement = await this.#judge({ draft, revision, objections }, history);
    const { languageId: language } = this.#snippet;
    await history.add({ jobId: this.#job.id, answer, language, draft, revised, judgement });
    return this.#finish({ draft, revision }, judgement, answer.decision);
  }

  /** Those that the user lets run. In a folder that isn't trusted none run, and nothing is asked. */
  async #allowedTests(): Promise<string[][]> {
    const { tests, testsAllowed = false } = this.#request;
    const path = toPath(this.#snippet.uri);
    if (tests.length === 0 || testsAllowed || path === undefined) return tests;
    const { context } = this.#deps;
    if (!(await context.trusts(path))) return tests;
    context.onStage?.('Waiting for your answer');
    if (this.#job.ask('tests', testsQuestion(tests)).id === 'yes') return tests;
    this.#notes.add("The tests didn't run, since you chose to continue without them.");
    return [];
  }

  async #judge({ draft, revision, objections }: Judged, history: History): Promise<JudgedBy> {
    if (!draft.edit && !revision?.edit)
      return this.#stage('judge', 'Judging', async () => ({
        outcome: undecided(),
        detail: 'Not asked: there is no code to judge.',
      }));
    this.#deps.context.onStage?.('Judging');
    return judge(
      this.#job,
      { draft: judgedCode(draft), objections, ...(revision && { revision: judgedCode(revision) }) },
      {
        models: this.#deps.models,
        config: this.#config,
        choice: this.#choice,
        system: await instructionsFor('judge', this.#config),
        subject: this.#subject(),
        probability: (model, confidence) => history.probability(model, confidence),
      },
    );
  }

  /** Where the checks see a difference they decide, and the judge where they see none; else it is the draft. */
  #finish(
    { draft, revision }: Pick<Judged, 'draft' | 'revision'>,
    judgement: JudgedBy,
    decision: Decision,
  ): WriteResult {
    const isBetterByChecks = revision !== undefined && isBetter(revision.report, draft.report);
    const isRevised = isBetterByChecks || (revision !== undefined && judgement.prefers === 'revision');
    const { code, edit, report } = isRevised ? revision : draft;
    const why = edit ? whyNotApproved(report, judgement, isRevised) : undefined;
    const { model: _, probability, ...asJudged } = judgement;
    const label = edit ? why?.words : `Nothing can be applied: ${report.failed[0]?.text ?? 'the answer is no code'}.`;
    return {
      code,
      ...(edit && { edit }),
      final: isRevised ? 'revision' : 'draft',
      judge: { ...asJudged, ...(why && { verdict: why.verdict }) },
      ...(probability !== undefined && !why && { probability }),
      ...(label !== undefined && { label }),
      notes: [...this.#notes],
      decision,
    };
  }

  #stage<Outcome>(name: string, detail: string, work: () => Promise<StageEnd<Outcome>>): Promise<Outcome> {
    this.#job.report(detail);
    this.#deps.context.onStage?.(detail);
    return this.#job.stage(name, work);
  }

  async #draft(): Promise<StageEnd<RoleAnswer>> {
    const { answer: first, choice, isEdit } = await this.#writeDraft();
    const asked = `Asked for ${formatTable[choice.format].words}: ${choice.why}.`;
    const next = nextFormat(choice, first.reason !== 'stop');
    if (isEdit || next === undefined) return stageOf(first, `Wrote a draft. ${asked}`);
    const second = await this.#writeDraft(next).catch((error: unknown) => {
      if (this.#job.signal.aborted) throw error;
      return undefined; // there is one answer to go on with
    });
    const again = `That didn't work, so asked for ${formatTable[next].words}.`;
    const answer = second?.isEdit ? second.answer : first;
    return stageOf(second ? withCostOf(answer, [first, second.answer]) : answer, `Wrote a draft. ${asked} ${again}`);
  }

  /** In the form that is likeliest to work, if none is named. */
  async #writeDraft(format?: EditFormat): Promise<{ answer: RoleAnswer; choice: FormatChoice; isEdit: boolean }> {
    const { forms, context } = this.#deps;
    const { onText } = context;
    const { profile, signal } = this.#job;
    const system = await instructionsFor('coder', this.#config);
    let choice: FormatChoice = { format: format ?? 'function', next: undefined, why: 'another form failed' };
    const written = await this.#ask('coder', {
      async messages(subject, model, outputTokens) {
        if (format === undefined) choice = await forms.choose({ profile, model, ...subject, outputTokens });
        return coderMessages(subject, system, choice.format);
      },
      ...(onText && { onText: (text) => onText(text) }),
    });
    const answer = { ...written, format: choice.format };
    const asked = { profile, model: { id: answer.model }, format: choice.format };
    if (answer.reason === 'length') await forms.count(asked, 'cut-off');
    if (answer.reason !== 'stop' || answer.text.trim() === '') return { answer, choice, isEdit: false };
    const verdict = await forms.read({ ...asked, ...this.#subject(), answer: answer.text, signal });
    return { answer, choice, isEdit: 'edit' in verdict };
  }

  async #checked(stage: string, answer: RoleAnswer, checks: Checks): Promise<Checked> {
    const { forms } = this.#deps;
    const candidate = await candidateOf(answer, this.#subject(), { forms, signal: this.#job.signal });
    const report = await this.#stage(stage, 'Checking', async () => {
      const outcome = await checks.check(candidate.checked);
      return { outcome, detail: `${capitalised(reportWords(outcome))}.` };
    });
    for (const note of report.notes) this.#notes.add(note);
    return { ...candidate, report };
  }

  /** What the reviewer proves against the draft. One that cannot be asked proves nothing. */
  #review({ code, report: { failed } }: Checked): Promise<Objection[]> {
    return this.#stage('review', 'Reviewing the draft', () =>
      this.#optional<Objection[]>([], async () => {
        const system = await instructionsFor('reviewer', this.#config);
        const answer = await this.#ask('reviewer', {
          messages: async (subject) => reviewerMessages(subject, { system, draft: code, failed }),
          jsonSchema: objectionsSchema,
        });
        const { proven, said } = objectionsIn(answer.text, { code, failed });
        return { ...stageOf(answer, reviewWords(proven.length, said)), outcome: proven };
      }),
    );
  }

  #leaveOutReview(why: string): Promise<Objection[]> {
    return this.#stage('review', 'Leaving the review out', async () => ({ outcome: [], detail: `Left out: ${why}.` }));
  }

  /** Undefined where there is none. */
  async #revise(draft: Checked, objections: readonly Objection[], checks: Checks): Promise<Checked | undefined> {
    const answer = await this.#stage('revision', 'Revising the draft', () =>
      this.#optional<RoleAnswer | null>(null, async () => {
        const system = await instructionsFor('coder', this.#config);
        const revised = await this.#ask('coder', {
          messages: async (subject) => revisionMessages(subject, { system, draft: draft.code, objections }),
        });
        return stageOf(revised, 'Revised the draft.');
      }),
    );
    if (!answer) return undefined;
    const revision = await this.#checked('revision checks', answer, checks);
    return revision.code === draft.code ? undefined : revision;
  }

  /** A revision that the checks find no worse than the draft. */
  #taken(revision: Checked, draft: Checked): Checked | undefined {
    if (isNoWorse(revision.report, draft.report)) return revision;
    this.#notes.add('The revision did worse in the checks, so the draft was kept.');
    return undefined;
  }

  /** Where a stage fails that the work can do without, it says so and goes on. */
  async #optional<Outcome>(otherwise: Outcome, work: () => Promise<StageEnd<Outcome>>): Promise<StageEnd<Outcome>> {
    try {
      return await work();
    } catch (error) {
      if (this.#job.signal.aborted) throw new CancelledError();
      const detail = `It couldn't be done: ${sentenceOf(error)}`;
      this.#notes.add(detail);
      return { outcome: otherwise, detail };
    }
  }

  #ask(
    role: RoleName,
    { messages, ...question }: { messages: RoleMessages } & Pick<RoleQuestion, 'jsonSchema' | 'onText'>,
  ): Promise<RoleAnswer> {
    return askRole(this.#deps.models, {
      wanted: wantedFor(role, this.#config, this.#choice),
      messages: async (model) => {
        const { subject, outputTokens } = this.#fitted(model);
        const maxOutputTokens = this.#config[role].maxOutputTokens ?? outputTokens;
        return { messages: await messages(subject, model, maxOutputTokens), maxOutputTokens };
      },
      signal: this.#job.signal,
      ...question,
    });
  }

  /** Without more of the document than the lines themselves. */
  #subject(): WriteSubject {
    const { range, ...whole } = this.#snippet;
    const document = targetOf(whole);
    const last = document.starts.length - 1;
    const end = last > 0 && lineAt(document, last) === '' ? last - 1 : last; // the line end of the last line stays
    const asked = range ? wholeLines(range) : { first: 0, last: end };
    const lines = { first: Math.min(asked.first, last), last: Math.min(asked.last, last) };
    return {
      instruction: this.#request.instruction,
      target: targetOf(this.#snippet, [lines]),
      lines,
      shown: lines,
      marker: this.#marker,
    };
  }

  #fitted(model: AskedModel): { subject: WriteSubject; outputTokens: number } {
    const subject = this.#subject();
    const { shown, outputTokens } = fitToModel(subject.target, model);
    return { subject: { ...subject, shown }, outputTokens: Math.max(outputTokens, roomFor(model)) };
  }
}

const maxOutputTokens = 8192;

/** What a model with a long context window may write, beside the longest prompt that it is given. */
function roomFor({ info: { contextTokens = 0 } }: AskedModel): number {
  return Math.min(maxOutputTokens, contextTokens - 20_000);
}

function judgedCode({ code, report: { failed } }: Checked): JudgedCode {
  return { code, failed };
}

function stageOf(answer: RoleAnswer, detail: string): StageEnd<RoleAnswer> {
  const { text, model, prompt, tokens, costUsd, notes } = answer;
  return {
    outcome: { ...answer, prompt: '' },
    detail: [detail, ...notes].join(' '),
    model,
    prompt,
    answer: text,
    tokens,
    costUsd,
  };
}

/** An answer that cost what all of them did. */
function withCostOf(answer: RoleAnswer, all: readonly RoleAnswer[]): RoleAnswer {
  const sum = (of: (one: RoleAnswer) => number): number => all.reduce((total, one) => total + of(one), 0);
  const isPriced = all.every(({ costUsd }) => costUsd !== null);
  return {
    ...answer,
    tokens: { input: sum(({ tokens }) => tokens.input), output: sum(({ tokens }) => tokens.output) },
    costUsd: isPriced ? sum(({ costUsd }) => costUsd ?? 0) : null,
  };
}

function reviewWords(proven: number, said: number): string {
  if (said === 0) return 'No objections.';
  const objections = said === 1 ? '1 objection' : `${said} objections`;
  return proven === said ? `${objections}, with evidence.` : `${objections}, ${proven} of them with evidence.`;
}

/** Why what came out is not approved; undefined where it is. No judge approves what fails a check. */
function whyNotApproved(
  report: CheckReport,
  { verdict, prefers, parseError, model = 'the judge' }: JudgedBy,
  isRevised: boolean,
): { verdict: 'rejected' | 'undecided'; words: string } | undefined {
  if (!passes(report)) return { verdict: 'rejected', words: `Not approved: it fails checks: ${reportWords(report)}.` };
  const best = 'This is the best candidate by the checks.';
  if (parseError !== undefined) return { verdict: 'undecided', words: `Not approved: ${model} ${parseError}. ${best}` };
  if (verdict === 'rejected') return { verdict, words: `Not approved: ${model} rejected it. ${best}` };
  if (verdict === 'undecided')
    return { verdict, words: `Not approved: the answer of ${model} depends on the order of the candidates. ${best}` };
  if (isRevised && prefers === 'draft')
    return { verdict: 'undecided', words: `Not approved: ${model} prefers the draft, which fails checks. ${best}` };
  return undefined;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
