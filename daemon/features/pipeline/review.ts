// A review, top to bottom: analysers, reviewer, check, store. Knows nothing of the wire or of any editor.
import { pathToFileURL } from 'node:url';
import { CancelledError, recordBug, throwIfCancelled, UserError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { type Snippet, textIn } from '../../base/snippet.ts';
import type { ModelGate } from '../../ignore/gate.ts';
import type { Attempt, Models } from '../../models/ask.ts';
import { type Decision, type ModelChoice, requestFor, type Selection } from '../../models/router/router.ts';
import type { Findings, ReviewSubject, RunState, StoredRun } from '../../storage/findings.ts';
import type { Analysers } from './analysers/analysers.ts';
import { draftFromClaim } from './claim.ts';
import { type LeftOutFile, targetsOfDiff } from './diff-targets.ts';
import type { EditGate } from './edits/gate.ts';
import { withSoundSuggestions } from './edits/suggestion.ts';
import { isProven } from './evidence.ts';
import { FindingFilter, type FindingOrigin, type SuppressedCounts } from './finding-filter.ts';
import { type Fix, type FixOptions, fixFor } from './fix.ts';
import { claimsAbout } from './reviewer.ts';
import { RunRecord, subjectOf } from './run-record.ts';
import { analysersDetail, checkDetail, reviewSummary } from './summary.ts';
import { countLines, fileNameOf, type ReviewTarget, targetOf } from './target.ts';
import type { Draft, Finding, ReviewShapes, Stage, StageName } from './types.ts';
import { isBinary } from './verdict/binary.ts';
import { Coverage, type CoverageEntry } from './verdict/coverage.ts';

export interface ReviewOptions extends ModelChoice {
  /** Path of the workspace's (or the repository's) folder; the file's own folder when absent. */
  root?: string;
  /** The folders, as URIs, whose rules say what is kept from models; `root` is one of them. */
  roots?: readonly string[];
  /** Whether the project's own tools and configuration may be used for a file (a path). */
  trusts(file: string): Promise<boolean>;
  /** What the diff is of: `diff` when it is left out. */
  change?: 'staged' | 'unstaged';
  /** The staged text of a file of the diff, by its path in the repository; absent where the diff is not of what is staged. */
  stagedText?(path: string): Promise<string | undefined>;
  /** The client's PATH, on which analysers are looked for; the daemon's own when absent. */
  path?: string;
  signal: AbortSignal;
  onStage(stage: StageName, detail: string): void;
  onFinding(finding: Finding): void;
  onNote(text: string): void;
}

export interface ReviewResult {
  runId: string;
  /** In reading order. */
  findings: Finding[];
  summary: string;
  notes: string[];
  stages: Stage[];
  suppressed: SuppressedCounts;
  /** Which model was asked last, and why that one; absent where none was. */
  decision?: Decision;
  /** What was looked at, by whom, and what was not. */
  coverage: CoverageEntry[];
}

export interface ReviewDeps {
  analysers: Analysers;
  models: Models;
  gate: ModelGate;
  edits: EditGate;
  /** What a profile's reviews found. */
  findings(profile: string): Findings<ReviewShapes>;
  newId(): string;
  log: Log;
}

/** Each throws CancelledError, and UserErrors of the parts it uses. */
export interface Review {
  run(snippet: Snippet, options: ReviewOptions): Promise<ReviewResult>;
  /** Reviews the changed lines of a unified diff. Needs `root`. */
  runDiff(diff: string, options: ReviewOptions): Promise<ReviewResult>;
  /** How a stored review stands: one that was running when its daemon ended was stopped. */
  stateOf(run: Pick<StoredRun, 'id' | 'state'>): RunState;
  /** The edit that fixes a finding in the document as it is now, with the version that the edit is for. */
  fix(findingId: string, current: Snippet, options: FixOptions): Promise<Fix & { version: number | null }>;
}

export function createReview(deps: ReviewDeps): Review {
  const running = new Set<string>();
  const parts = { ...deps, running };
  const { models, gate, edits, findings } = parts;
  return {
    run(snippet, options) {
      const target = targetOf(snippet);
      return reviewTargets([target], parts, { ...options, subject: subjectOf(target) });
    },
    stateOf: ({ id, state }) => (state === 'running' && !running.has(id) ? 'stopped' : state),
    async runDiff(diff, options) {
      if (options.root === undefined)
        throw new UserError('no-root', 'To review a diff, open the folder of its repository, or name it.');
      const { targets, leftOut } = await targetsOfDiff(diff, options.root, options.stagedText);
      return reviewTargets(targets, parts, { ...options, leftOut, subject: { kind: options.change ?? 'diff' } });
    },
    async fix(findingId, current, options) {
      const { finding } = await findings(options.profile).finding(findingId);
      return { ...(await fixFor(finding, current, { models, gate, edits, ...options })), version: current.version };
    },
  };
}

const noModel = 'No model is set up yet, so only analyzers looked';
const notText = 'Binary file';

async function reviewTargets(
  targets: readonly ReviewTarget[],
  parts: ReviewDeps & { running: Set<string> },
  options: ReviewOptions & { leftOut?: readonly LeftOutFile[]; subject: ReviewSubject },
): Promise<ReviewResult> {
  const run = new Run(
    targets.filter(({ snippet }) => !isBinary(snippet.text)),
    parts,
    options,
  );
  return run.recorded(parts.running, () => review(run, targets, options));
}

async function review(
  run: Run,
  targets: readonly ReviewTarget[],
  options: ReviewOptions & { leftOut?: readonly LeftOutFile[] },
): Promise<ReviewResult> {
  for (const { snippet } of targets.filter(({ snippet }) => isBinary(snippet.text)))
    run.leaveOut({ uri: snippet.uri, why: notText, state: 'left-out' });
  for (const file of options.leftOut ?? []) run.leaveOut(file);
  await run.keepFromModels();
  const selection = run.hasShown ? await run.selectModel() : undefined; // first, so that a wrong model's name fails before any work
  await run.analyse();
  return run.finish(selection && (await run.askReviewer(selection)));
}

/** Lives as long as one review. Holds what was found so far, and the notes and stages to report. */
class Run {
  readonly #targets: readonly ReviewTarget[];
  /** Those that a model may be shown. */
  #shown: readonly ReviewTarget[] = [];
  readonly #parts: ReviewDeps;
  readonly #options: ReviewOptions & { subject: ReviewSubject };
  readonly #record: RunRecord;
  readonly #lines: number;
  readonly #filter: FindingFilter;
  readonly #notes = new Set<string>();
  readonly #stages: Stage[] = [];
  #checkedMs = 0;
  readonly #coverage = new Coverage();
  /** The model that is reading now. */
  #attempt: Attempt | undefined;

  constructor(
    targets: readonly ReviewTarget[],
    parts: ReviewDeps,
    options: ReviewOptions & { subject: ReviewSubject },
  ) {
    this.#targets = targets;
    this.#parts = parts;
    this.#options = options;
    this.#record = new RunRecord(parts.newId(), parts.findings(options.profile));
    this.#lines = targets.reduce((sum, target) => sum + countLines(target), 0);
    this.#filter = new FindingFilter({ dismissed: (fingerprints) => this.#dismissed(fingerprints) });
  }

  /** Does the review, which is listed as running until it ends. */
  async recorded(running: Set<string>, work: () => Promise<ReviewResult>): Promise<ReviewResult> {
    const { subject, root, signal } = this.#options;
    running.add(this.#record.id);
    this.#record.begin(this.#targets, subject, root);
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) await this.#record.end('stopped', '');
      else await this.#record.end('failed', error instanceof UserError ? error.message : 'Something went wrong.');
      throw error;
    } finally {
      running.delete(this.#record.id);
    }
  }

  /** A file that nobody can look at, or that is beyond the limits. */
  leaveOut({ uri, why, state }: LeftOutFile): void {
    this.note(`${fileNameOf(uri)}: ${why}.`);
    this.#coverage.add({ uri, by: 'all', state, why });
  }

  note(text: string): void {
    if (this.#notes.has(text)) return;
    this.#notes.add(text);
    this.#options.onNote(text);
  }

  /** Settles which targets a model may be shown; a note says why another is not. Analysers look at all of them. */
  async keepFromModels(): Promise<void> {
    const shown: ReviewTarget[] = [];
    for (const target of this.#targets) {
      const sentence = await this.#refusal(target);
      if (sentence === undefined) shown.push(target);
      else {
        this.note(sentence);
        this.#coverage.add({ uri: target.snippet.uri, by: 'model', state: 'left-out', why: 'Kept from models' });
      }
    }
    this.#shown = shown;
  }

  /** Whether a model may be shown any of it. */
  get hasShown(): boolean {
    return this.#shown.length > 0;
  }

  async #refusal({ snippet, formerUri }: ReviewTarget): Promise<string | undefined> {
    const { root, roots = [] } = this.#options;
    const folders = root === undefined ? roots : [...roots, pathToFileURL(root).href];
    for (const uri of [snippet.uri, ...(formerUri === undefined ? [] : [formerUri])]) {
      const sentence = await this.#parts.gate.refusal(uri, folders, "wasn't sent to a model");
      if (sentence !== undefined) return sentence;
    }
    return undefined;
  }

  /** Undefined when no model is available. Throws when the model that the user named cannot be used. */
  async selectModel(): Promise<Selection | undefined> {
    try {
      return await this.#parts.models.select(requestFor('review', this.#options), this.#options.signal);
    } catch (error) {
      if (!(error instanceof UserError) || error.code === 'model-not-found') throw error;
      const hasModel = error.code !== 'no-model';
      if (hasModel) this.note(error.message);
      const verdict = hasModel
        ? ({ state: 'failed', why: error.message } as const)
        : ({ state: 'left-out', why: noModel } as const);
      for (const { snippet } of this.#shown) this.#coverage.add({ uri: snippet.uri, by: 'model', ...verdict });
      return undefined;
    }
  }

  async analyse(): Promise<void> {
    const { root, trusts, path, signal, onStage } = this.#options;
    const started = performance.now();
    onStage('analysers', 'looking for linters');
    const missing = new Set<string>();
    const options = { trusts, signal, ...(root !== undefined && { root }), ...(path !== undefined && { path }) };
    const analysis = this.#parts.analysers.begin(this.#targets, options);
    for (const target of this.#targets) {
      const outcome = await analysis.analyse(target, (drafts) => this.#admit(drafts, target, 'analyser'));
      this.#release(target, 'analyser');
      for (const look of outcome.looks) this.#coverage.add({ uri: target.snippet.uri, ...look });
      for (const name of outcome.missing) missing.add(name);
      for (const note of outcome.notes) this.note(note);
    }
    const looks = this.#coverage.entries.filter(({ by }) => by !== 'model' && by !== 'all');
    this.#endStage('analysers', analysersDetail(looks, [...missing]), performance.now() - started);
  }

  /** What was found before a model failed stays. Returns the selection that was asked last. */
  async askReviewer(first: Selection): Promise<Selection> {
    const { signal } = this.#options;
    const reading = new Reading(first);
    let last = reading;
    try {
      const wanted = requestFor('review', this.#options);
      await this.#parts.models.ask({ wanted, first, signal }, async (attempt) => {
        last = new Reading(attempt.selection);
        await this.#read(attempt, last);
      });
    } catch (error) {
      if (signal.aborted) throw new CancelledError();
      const sentence = this.#sentenceFor(error);
      this.note(`The review by ${last.id} was interrupted. The findings so far are kept. ${sentence}`);
      last.breakOff(this.#shown, sentence);
    }
    throwIfCancelled(signal);
    for (const target of this.#shown) this.#release(target, 'model');
    for (const entry of last.coverage.entries) this.#coverage.add(entry);
    const detail = `${last.claims} ${last.claims === 1 ? 'finding' : 'findings'} reported`;
    this.#endStage('reviewer', detail, performance.now() - last.started, last.id);
    return last.selection;
  }

  async #read(attempt: Attempt, reading: Reading): Promise<void> {
    this.#attempt = attempt;
    this.#filter.forgetWaiting();
    for (const note of attempt.notes) this.note(note);
    this.#options.onStage('reviewer', `${attempt.id} is reading (${attempt.decision.reason})`);
    const claims = claimsAbout(this.#shown, {
      model: attempt,
      known: () => this.#filter.kept,
      signal: this.#options.signal,
      onNote: (text) => this.note(text),
      onRead: ({ snippet }) => reading.add(snippet.uri, 'read'),
      onUnread: ({ snippet }, why) => reading.add(snippet.uri, 'failed', why),
      onTargetEnd: (target) => this.#release(target, 'model'),
    });
    for await (const { target, claim } of claims) {
      reading.claims++;
      const draft = draftFromClaim(claim, target, attempt.id);
      if (draft) await this.#admit([draft], target, 'model');
      else this.#filter.suppressed.unquoted++;
    }
  }

  async finish(selection: Selection | undefined): Promise<ReviewResult> {
    const { suppressed, kept } = this.#filter;
    const order = new Map(this.#targets.map(({ snippet }, index) => [snippet.uri, index]));
    const findings = kept.toSorted(
      (a, b) =>
        (order.get(a.uri) ?? 0) - (order.get(b.uri) ?? 0) ||
        a.range.start.line - b.range.start.line ||
        a.range.start.character - b.range.start.character,
    );
    this.#endStage('check', checkDetail(findings.length, suppressed), this.#checkedMs);
    const coverage = this.#coverage.entries;
    const summary = reviewSummary({ findings, lines: this.#lines, coverage });
    await this.#store({ findings, summary, coverage });
    return {
      runId: this.#record.id,
      findings,
      summary,
      notes: [...this.#notes],
      stages: this.#stages,
      suppressed,
      coverage,
      ...(selection && { decision: selection.decision }),
    };
  }

  /** Checks the evidence and filters. What passes both is shown at once. */
  async #admit(drafts: readonly Draft[], target: ReviewTarget, from: FindingOrigin): Promise<void> {
    const started = performance.now();
    const { uri, text } = target.snippet;
    const { signal } = this.#options;
    const sound = await withSoundSuggestions(drafts, from, { target, edits: this.#parts.edits, signal });
    const findings = sound.map(
      (draft): Finding => ({ ...draft, id: this.#parts.newId(), uri, evidence: textIn(text, draft.range) }),
    );
    const proven = findings.filter((finding) => isProven(text, finding));
    this.#filter.suppressed.unquoted += findings.length - proven.length;
    const shown = await this.#filter.filter(proven, from);
    this.#checkedMs += performance.now() - started;
    throwIfCancelled(this.#options.signal);
    this.#show(shown, from);
  }

  /** What waited for the document to be read is shown: the strongest of it. */
  #release(target: ReviewTarget, from: FindingOrigin): void {
    this.#show(this.#filter.release(target.snippet.uri, from, countLines(target)), from);
  }

  #show(findings: readonly Finding[], from: FindingOrigin): void {
    if (from === 'model' && findings.length > 0 && this.#attempt) this.#attempt.isShown = true; // no other takes over now
    for (const finding of findings) this.#options.onFinding(finding);
  }

  #endStage(name: StageName, detail: string, durationMs: number, model?: string): void {
    this.#options.onStage(name, detail);
    this.#stages.push({ name, detail, durationMs: Math.round(durationMs), ...(model !== undefined && { model }) });
  }

  /** Without storage the review goes on, and a note says that dismissals are unknown. */
  async #dismissed(fingerprints: readonly string[]): Promise<Set<string>> {
    try {
      return await this.#parts.findings(this.#options.profile).dismissed(fingerprints);
    } catch (error) {
      this.note(`Couldn't read earlier dismissals, so dismissed findings may be back: ${this.#sentenceFor(error)}`);
      return new Set();
    }
  }

  async #store(result: Parameters<RunRecord['save']>[1]): Promise<void> {
    try {
      await this.#record.save(this.#targets, result);
    } catch (error) {
      this.note(
        `Couldn't save the findings, so they can't be dismissed or fixed from here: ${this.#sentenceFor(error)}`,
      );
    }
  }

  #sentenceFor(error: unknown): string {
    if (error instanceof UserError) return error.message;
    return `something went wrong inside Switchyard (${recordBug(error, 'review', this.#parts.log)} in the log).`;
  }
}

/** Lives as long as one model reads: another that takes over reads from the start. */
class Reading {
  readonly coverage = new Coverage();
  readonly started = performance.now();
  claims = 0;
  readonly selection: Selection;
  readonly #broken = new Set<string>();

  constructor(selection: Selection) {
    this.selection = selection;
  }

  get id(): string {
    return this.selection.candidate.id;
  }

  /** Without a reason where an error, which is told later, ended the reading. */
  add(uri: string, state: 'read' | 'failed', why?: string): void {
    if (state === 'failed' && why === undefined) this.#broken.add(uri);
    else this.coverage.add({ uri, by: this.id, state, ...(why !== undefined && { why }) });
  }

  /** Nothing more is read: what was begun is read in part, the rest not at all. */
  breakOff(targets: readonly ReviewTarget[], why: string): void {
    for (const { snippet } of targets)
      if (this.#broken.has(snippet.uri) || !this.coverage.has(snippet.uri, this.id))
        this.add(snippet.uri, 'failed', why);
  }
}
