// A review, top to bottom: analysers, reviewer, check, store. Knows nothing of the wire or of any editor.
import { pathToFileURL } from 'node:url';
import { CancelledError, recordBug, throwIfCancelled, UserError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { type Snippet, textIn } from '../../base/snippet.ts';
import type { ModelGate } from '../../ignore/gate.ts';
import type { Attempt, Models } from '../../models/ask.ts';
import { type Decision, type ModelChoice, requestFor, type Selection } from '../../models/router/router.ts';
import type { Findings } from '../../storage/findings.ts';
import type { Analysers } from './analysers/analysers.ts';
import { draftFromClaim } from './claim.ts';
import { targetsOfDiff } from './diff-targets.ts';
import type { EditGate } from './edits/gate.ts';
import { withSoundSuggestions } from './edits/suggestion.ts';
import { isProven } from './evidence.ts';
import { FindingFilter, fingerprintOf, maxModelFindings, type SuppressedCounts } from './finding-filter.ts';
import { type Fix, type FixOptions, fixFor } from './fix.ts';
import { claimsAbout } from './reviewer.ts';
import { analysersDetail, checkDetail, reviewSummary } from './summary.ts';
import { countLines, type ReviewTarget, targetOf } from './target.ts';
import type { Draft, Finding, Stage, StageName } from './types.ts';

export interface ReviewOptions extends ModelChoice {
  /** Path of the workspace's (or the repository's) folder; the file's own folder when absent. */
  root?: string;
  /** The folders, as URIs, whose rules say what is kept from models; `root` is one of them. */
  roots?: readonly string[];
  /** Whether the project's own tools and configuration may be used for a file (a path). */
  trusts(file: string): Promise<boolean>;
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
}

export interface ReviewDeps {
  analysers: Analysers;
  models: Models;
  gate: ModelGate;
  edits: EditGate;
  /** What a profile's reviews found. */
  findings(profile: string): Findings<{ finding: Finding }>;
  newId(): string;
  log: Log;
}

/** Each throws CancelledError, and UserErrors of the parts it uses. */
export interface Review {
  run(snippet: Snippet, options: ReviewOptions): Promise<ReviewResult>;
  /** Reviews the changed lines of a unified diff. Needs `root`. */
  runDiff(diff: string, options: ReviewOptions): Promise<ReviewResult>;
  /** The edit that fixes a finding in the document as it is now, with the version that the edit is for. */
  fix(findingId: string, current: Snippet, options: FixOptions): Promise<Fix & { version: number | null }>;
}

export function createReview(parts: ReviewDeps): Review {
  const { models, gate, edits, findings } = parts;
  return {
    run: (snippet, options) => reviewTargets([targetOf(snippet)], parts, options),
    async runDiff(diff, options) {
      if (options.root === undefined)
        throw new UserError(
          'no-root',
          'A diff can only be reviewed with the folder of its repository. Open the folder, or name it.',
        );
      const early: string[] = []; // notes from before there is a run to collect them
      const targets = await targetsOfDiff(diff, options.root, (note) => early.push(note));
      return reviewTargets(targets, parts, { ...options, early });
    },
    async fix(findingId, current, options) {
      const { finding } = await findings(options.profile).finding(findingId);
      return { ...(await fixFor(finding, current, { models, gate, edits, ...options })), version: current.version };
    },
  };
}

async function reviewTargets(
  targets: readonly ReviewTarget[],
  parts: ReviewDeps,
  options: ReviewOptions & { early?: string[] },
): Promise<ReviewResult> {
  const run = new Run(targets, parts, options);
  for (const note of options.early ?? []) run.note(note);
  await run.keepFromModels();
  const selection = run.isKept ? undefined : await run.selectModel(); // first, so that a wrong model's name fails before any work
  await run.analyse();
  return run.finish(selection && (await run.askReviewer(selection)));
}

/** Lives as long as one review. Holds what was found so far, and the notes and stages to report. */
class Run {
  readonly #targets: readonly ReviewTarget[];
  /** Those that a model may be shown. */
  #shown: readonly ReviewTarget[] = [];
  readonly #parts: ReviewDeps;
  readonly #options: ReviewOptions;
  readonly #id: string;
  readonly #lines: number;
  readonly #filter: FindingFilter;
  readonly #notes = new Set<string>();
  readonly #stages: Stage[] = [];
  #checkedMs = 0;
  readonly #ran = new Set<string>();
  #hasModel = true;
  /** The model that is reading now. */
  #attempt: Attempt | undefined;

  constructor(targets: readonly ReviewTarget[], parts: ReviewDeps, options: ReviewOptions) {
    this.#targets = targets;
    this.#parts = parts;
    this.#options = options;
    this.#id = parts.newId();
    this.#lines = targets.reduce((sum, target) => sum + countLines(target), 0);
    this.#filter = new FindingFilter({
      dismissed: (fingerprints) => this.#dismissed(fingerprints),
      lines: this.#lines,
    });
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
      else this.note(sentence);
    }
    this.#shown = shown;
  }

  /** Whether all of what is reviewed is kept from models. */
  get isKept(): boolean {
    return this.#targets.length > 0 && this.#shown.length === 0;
  }

  async #refusal({ snippet, formerUri }: ReviewTarget): Promise<string | undefined> {
    const { root, roots = [] } = this.#options;
    const folders = root === undefined ? roots : [...roots, pathToFileURL(root).href];
    for (const uri of [snippet.uri, ...(formerUri === undefined ? [] : [formerUri])]) {
      const sentence = await this.#parts.gate.refusal(uri, folders, 'was not sent to a model');
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
      this.#hasModel = error.code !== 'no-model';
      if (this.#hasModel) this.note(error.message);
      return undefined;
    }
  }

  async analyse(): Promise<void> {
    const { root, trusts, signal, onStage } = this.#options;
    const started = performance.now();
    onStage('analysers', 'looking for analysers');
    const missing = new Set<string>();
    for (const target of this.#targets) {
      const onDrafts = (drafts: Draft[]) => this.#admit(drafts, target, 'analyser');
      const outcome = await this.#parts.analysers.analyse(target, {
        ...(root !== undefined && { root }),
        trusts,
        signal,
        onDrafts,
      });
      for (const name of outcome.ran) this.#ran.add(name);
      for (const name of outcome.missing) missing.add(name);
      for (const note of outcome.notes) this.note(note);
    }
    this.#endStage('analysers', analysersDetail([...this.#ran], [...missing]), performance.now() - started);
  }

  /** What was found before a model failed stays. Returns the selection that was asked last. */
  async askReviewer(first: Selection): Promise<Selection> {
    const { signal, onStage } = this.#options;
    let last = first;
    let claims = 0;
    let started = performance.now();
    try {
      const wanted = requestFor('review', this.#options);
      await this.#parts.models.ask({ wanted, first, signal }, async (attempt) => {
        this.#attempt = attempt;
        last = attempt.selection;
        claims = 0;
        started = performance.now();
        for (const note of attempt.notes) this.note(note);
        onStage('reviewer', `${attempt.id} is reading (${attempt.decision.reason})`);
        for await (const { target, claim } of this.#claimsOf(attempt)) {
          claims++;
          const draft = draftFromClaim(claim, target, attempt.id);
          if (draft) await this.#admit([draft], target, 'model');
          else this.#filter.suppressed.unquoted++;
        }
      });
    } catch (error) {
      if (signal.aborted) throw new CancelledError();
      this.note(
        `The review by ${last.candidate.id} broke off, and what was found until then is kept: ${this.#sentenceFor(error)}`,
      );
    }
    throwIfCancelled(signal);
    this.#endStage(
      'reviewer',
      `${claims} ${claims === 1 ? 'finding' : 'findings'} claimed`,
      performance.now() - started,
      last.candidate.id,
    );
    return last;
  }

  #claimsOf(model: Attempt): ReturnType<typeof claimsAbout> {
    const { signal } = this.#options;
    return claimsAbout(this.#shown, {
      model,
      known: [...this.#filter.kept],
      maxFindings: maxModelFindings(this.#lines),
      signal,
      onNote: (text) => this.note(text),
    });
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
    const summary = reviewSummary({
      findings,
      lines: this.#lines,
      model: selection?.candidate.id,
      isKept: this.isKept,
      hasModel: this.#hasModel,
      analysers: [...this.#ran],
    });
    await this.#store(findings, summary);
    return {
      runId: this.#id,
      findings,
      summary,
      notes: [...this.#notes],
      stages: this.#stages,
      suppressed,
      ...(selection && { decision: selection.decision }),
    };
  }

  /** Checks the evidence and filters. What passes both is shown at once. */
  async #admit(drafts: readonly Draft[], target: ReviewTarget, from: 'analyser' | 'model'): Promise<void> {
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
    if (from === 'model' && shown.length > 0 && this.#attempt) this.#attempt.isShown = true; // no other takes over now
    for (const finding of shown) this.#options.onFinding(finding);
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
      this.note(`Earlier dismissals could not be read, so dismissed findings may be back: ${this.#sentenceFor(error)}`);
      return new Set();
    }
  }

  /** Stores one run per document. Those of a diff are numbered. */
  async #store(findings: readonly Finding[], summary: string): Promise<void> {
    for (const [index, { snippet }] of this.#targets.entries()) {
      const id = this.#targets.length === 1 ? this.#id : `${this.#id}.${index + 1}`;
      const own = findings.filter(({ uri }) => uri === snippet.uri);
      try {
        await this.#parts.findings(this.#options.profile).saveRun({
          id,
          uri: snippet.uri,
          summary,
          findings: own.map((finding) => ({
            id: finding.id,
            runId: id,
            uri: finding.uri,
            fingerprint: fingerprintOf(finding),
            finding,
          })),
        });
      } catch (error) {
        this.note(
          `The findings could not be stored, so they cannot be dismissed or fixed from here: ${this.#sentenceFor(error)}`,
        );
      }
    }
  }

  #sentenceFor(error: unknown): string {
    if (error instanceof UserError) return error.message;
    return `something unexpected went wrong (${recordBug(error, 'review', this.#parts.log)} in the log).`;
  }
}
