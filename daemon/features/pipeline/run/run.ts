// One review, step by step: what a model may see, analysers, reviewer, check, store.
import { pathToFileURL } from 'node:url';
import type { PipelineConfig } from '../../../base/config/pipeline.ts';
import { UserError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import type { Outlines } from '../../../code-index/syntax-checker.ts';
import type { ModelGate } from '../../../ignore/gate.ts';
import type { Models } from '../../../models/ask.ts';
import { requestFor, type Selection } from '../../../models/router/router.ts';
import type { Speeds } from '../../../models/setup/speeds.ts';
import type { Code } from '../../../storage/code.ts';
import type { Findings, ReviewSubject } from '../../../storage/findings.ts';
import type { Analysers } from '../analysers/analysers.ts';
import type { LeftOutFile } from '../changes/diff-targets.ts';
import type { EditGate } from '../edits/gate.ts';
import { HunkMemory } from '../memory/hunk-memory.ts';
import { PastFindings } from '../memory/past-findings.ts';
import type { Lessons } from '../panel/lessons.ts';
import type { ModelNoise } from '../panel/noise.ts';
import type { PassGains } from '../panel/passes.ts';
import { instructionsIn } from '../rules/instructions.ts';
import { ProjectRules, type RuleFile } from '../rules/rules.ts';
import { analysersDetail, reviewSummary } from '../summary.ts';
import { SurroundingCode } from '../surroundings/surrounding-code.ts';
import { countLines, fileNameOf, type ReviewTarget } from '../target.ts';
import type { ReviewShapes } from '../types.ts';
import { isBinary } from '../verdict/binary.ts';
import { Admission } from './admission.ts';
import { type ModelStage, readByModel } from './model-stage.ts';
import type { ReviewOptions, ReviewResult } from './options.ts';
import { RunReport } from './report.ts';
import { RunRecord } from './run-record.ts';

export interface ReviewDeps {
  analysers: Analysers;
  models: Models;
  speeds: Pick<Speeds, 'of'>;
  gate: ModelGate;
  outlines: Outlines;
  /** The index of code of a profile. */
  code(profile: string): Pick<Code, 'symbols'>;
  edits: EditGate;
  /** What a profile's reviews found. */
  findings(profile: string): Findings<ReviewShapes>;
  newId(): string;
  log: Log;
  /** What readings after the first were good for. */
  gains: PassGains;
  /** Who doubts what a model finds; the model itself without it. */
  config?(): PipelineConfig;
  /** How often models were disproved. */
  noise: ModelNoise;
  /** What was learned from dismissals; nothing is held back for them without it. */
  lessons?: Lessons;
}

/** What is reviewed, and how. */
export interface RunOptions extends ReviewOptions {
  subject: ReviewSubject;
  leftOut?: readonly LeftOutFile[];
}

const noModel = 'No model is set up yet, so only linters can check this';
const notText = 'Binary file';
const maxInstructions = 5; // that are quoted

/** Lives as long as one review. */
export class Run {
  /** Those that are text. */
  readonly #targets: readonly ReviewTarget[];
  readonly #binary: readonly ReviewTarget[];
  /** Those that a model may be shown. */
  #shown: readonly ReviewTarget[] = [];
  readonly #deps: ReviewDeps;
  readonly #options: RunOptions;
  readonly #record: RunRecord;
  readonly #report: RunReport;
  readonly #past: PastFindings;
  readonly #rules: ProjectRules;
  readonly #admission: Admission;

  constructor(targets: readonly ReviewTarget[], deps: ReviewDeps, options: RunOptions) {
    const findings = deps.findings(options.profile);
    this.#targets = targets.filter(({ snippet }) => !isBinary(snippet.text));
    this.#binary = targets.filter(({ snippet }) => isBinary(snippet.text));
    this.#deps = deps;
    this.#options = options;
    this.#record = new RunRecord(deps.newId(), findings, options.subject);
    this.#report = new RunReport(options, deps.log);
    const { edits, newId } = deps;
    const { trusts } = options;
    const onNote = (text: string): void => this.#report.note(text);
    this.#rules = new ProjectRules('review', { roots: this.#folders, gate: deps.gate, trusts, onNote });
    this.#past = new PastFindings({ findings, onUnread: (error) => this.#noteUnread(error) });
    this.#admission = new Admission({ edits, newId, past: this.#past, report: this.#report, options });
  }

  /** The review is listed as running until it ends. */
  async result(running: Set<string>): Promise<ReviewResult> {
    const { root, signal } = this.#options;
    running.add(this.#record.id);
    this.#record.begin(this.#targets, root);
    try {
      return await this.#review();
    } catch (error) {
      if (signal.aborted) await this.#record.end('stopped', '');
      else await this.#record.end('failed', error instanceof UserError ? error.message : 'Something went wrong.');
      throw error;
    } finally {
      running.delete(this.#record.id);
    }
  }

  async #review(): Promise<ReviewResult> {
    for (const { snippet } of this.#binary)
      this.#report.leaveOut({ uri: snippet.uri, why: notText, state: 'left-out' });
    for (const file of this.#options.leftOut ?? []) this.#report.leaveOut(file);
    await this.#keepFromModels();
    this.#noteInstructions();
    const selection = this.#shown.length > 0 ? await this.#selectModel() : undefined; // first, so that a wrong model's name fails before any work
    await this.#analyse();
    return this.#finish(selection && (await this.#readByModel(selection)));
  }

  /** Settles which targets a model may be shown; a note says why another is not. Analysers look at all of them. */
  async #keepFromModels(): Promise<void> {
    const shown: ReviewTarget[] = [];
    for (const target of this.#targets) {
      const sentence = await this.#refusal(target);
      if (sentence === undefined) shown.push(target);
      else {
        this.#report.note(sentence);
        const { uri } = target.snippet;
        this.#report.coverage.add({ uri, by: 'model', state: 'left-out', why: 'Kept from models' });
        await this.#deps
          .findings(this.#options.profile)
          .forgetHunks(uri)
          .catch(() => {}); // a rule may be new
      }
    }
    this.#shown = shown;
  }

  async #refusal({ snippet, formerUri }: ReviewTarget): Promise<string | undefined> {
    const folders = this.#folders;
    for (const uri of [snippet.uri, ...(formerUri === undefined ? [] : [formerUri])]) {
      const sentence = await this.#deps.gate.refusal(uri, folders, "wasn't sent to a model");
      if (sentence !== undefined) return sentence;
    }
    return undefined;
  }

  /** Undefined when no model is available. Throws when the model that the user named cannot be used. */
  async #selectModel(): Promise<Selection | undefined> {
    try {
      return await this.#deps.models.select(requestFor('review', this.#options), this.#options.signal);
    } catch (error) {
      if (!(error instanceof UserError) || error.code === 'model-not-found') throw error;
      const hasModel = error.code !== 'no-model';
      if (hasModel) this.#report.note(error.message);
      const verdict = hasModel
        ? ({ state: 'failed', why: error.message } as const)
        : ({ state: 'left-out', why: noModel } as const);
      for (const { snippet } of this.#shown) this.#report.coverage.add({ uri: snippet.uri, by: 'model', ...verdict });
      return undefined;
    }
  }

  async #analyse(): Promise<void> {
    const { root, trusts, path, runsNothing = false, signal } = this.#options;
    if (runsNothing) return;
    const started = performance.now();
    this.#report.beginStage('analysers', 'looking for linters');
    const missing = new Set<string>();
    const options = { trusts, signal, ...(root !== undefined && { root }), ...(path !== undefined && { path }) };
    const analysis = this.#deps.analysers.begin(this.#targets, options);
    for (const target of this.#targets) {
      const outcome = await analysis.analyse(target, (drafts) => this.#admission.admit(drafts, target));
      this.#admission.release(target);
      for (const look of outcome.looks) this.#report.coverage.add({ uri: target.snippet.uri, ...look });
      for (const name of outcome.missing) missing.add(name);
      for (const note of outcome.notes) this.#report.note(note);
    }
    const looks = this.#report.coverage.entries.filter(({ by }) => by !== 'model' && by !== 'all');
    this.#report.endStage('analysers', analysersDetail(looks, [...missing]), performance.now() - started);
  }

  #readByModel(selection: Selection): Promise<ModelStage> {
    const memory = new HunkMemory({
      findings: this.#deps.findings(this.#options.profile),
      isFresh: this.#options.isFresh ?? false,
      onFailure: (error) => this.#noteUnread(error),
    });
    const { signal, profile } = this.#options;
    const { models, speeds, outlines, code, gate, gains, noise, config, lessons } = this.#deps;
    const surroundings = new SurroundingCode({ outlines, code: code(profile), gate, roots: this.#folders, signal });
    const own = { admission: this.#admission, rules: this.#rules, report: this.#report, options: this.#options };
    return readByModel(this.#shown, selection, {
      models,
      speeds,
      gains,
      noise,
      config,
      lessons,
      memory,
      surroundings,
      ...own,
    });
  }

  /** As URIs. */
  get #folders(): string[] {
    const { root, roots = [] } = this.#options;
    return [...new Set([...roots, ...(root === undefined ? [] : [pathToFileURL(root).href])])];
  }

  /** Text that speaks to a reviewer is data for every model; the user should know of it. */
  #noteInstructions(): void {
    const found = this.#shown.flatMap((target) =>
      instructionsIn(target.snippet.text)
        .filter(({ line }) => target.lines.some(({ first, last }) => first <= line && line <= last))
        .map(({ line, text }) => `${fileNameOf(target.snippet.uri)}, line ${line + 1}: "${text}"`),
    );
    if (found.length === 0) return;
    const more = found.length > maxInstructions ? `; and ${found.length - maxInstructions} more` : '';
    const shown = found.slice(0, maxInstructions).join('; ');
    this.#report.note(`The code contains text that tells a reviewer what to do. It was read as code. ${shown}${more}`);
  }

  async #appliedRules(): Promise<RuleFile[]> {
    const rules = await this.#rules.applied();
    const names = rules.map(({ name, isCut }) => `${name}${isCut ? ' (its beginning)' : ''}`);
    if (names.length > 0) this.#report.note(`Rules applied: ${names.join(', ')}.`);
    return rules;
  }

  async #finish(stage: ModelStage | undefined): Promise<ReviewResult> {
    const findings = this.#admission.end(this.#targets);
    const coverage = this.#report.coverage.entries;
    const lines = this.#targets.reduce((sum, target) => sum + countLines(target), 0);
    const { solved, held } = await this.#past.settle(this.#targets, coverage);
    const rules = await this.#appliedRules();
    const aside = { solved, held: [...this.#admission.filter.held, ...held], rules };
    const summary = reviewSummary({ findings, solved, lines, coverage });
    await this.#store({ findings, summary, coverage, aside });
    return {
      runId: this.#record.id,
      findings: [...findings, ...solved],
      held: aside.held,
      rules,
      summary,
      notes: this.#report.notes,
      stages: this.#report.stages,
      suppressed: this.#admission.filter.suppressed,
      coverage,
      ...(stage?.judgement && { judge: stage.judgement }),
      ...(stage && { decision: stage.selection.decision }),
    };
  }

  /** Without storage the review goes on. */
  #noteUnread(error: unknown): void {
    const why = this.#report.sentenceFor(error);
    this.#report.note(`Couldn't read earlier reviews, so dismissed findings may be back: ${why}`);
  }

  async #store(result: Parameters<RunRecord['save']>[1]): Promise<void> {
    try {
      await this.#record.save(this.#targets, result, this.#past);
    } catch (error) {
      this.#report.note(
        `Couldn't save the findings, so they can't be dismissed or fixed from here: ${this.#report.sentenceFor(error)}`,
      );
    }
  }
}
