// A model's findings about the documents that it reads, from a claim to what is shown: each document has its vote, its panel and its filter
// when it has been read.
import type { PipelineConfig } from '../../../base/config/pipeline.ts';
import type { Attempt, Models } from '../../../models/ask.ts';
import { draftFromClaim } from '../claim.ts';
import type { HunkMemory } from '../memory/hunk-memory.ts';
import type { Admission } from '../run/admission.ts';
import type { ReviewOptions } from '../run/options.ts';
import type { RunReport } from '../run/report.ts';
import type { ReviewTarget } from '../target.ts';
import type { Claim, Finding, HeldFinding } from '../types.ts';
import { Ballot } from './ballot.ts';
import { isAgreed } from './candidate.ts';
import { type PanelJudgement, strongestFirst } from './judge.ts';
import type { Lessons } from './lessons.ts';
import type { ModelNoise } from './noise.ts';
import { type PanelOutcome, weigh } from './panel.ts';
import { type PanelRoles, panelRoles, readersOwn } from './panel-roles.ts';
import type { PassGains } from './passes.ts';
import type { AnalyserFact } from './refuter.ts';

/** A model while it reads. */
export type ReadingModel = Pick<Attempt, 'id' | 'info' | 'notes' | 'selection' | 'stream' | 'isShown'>;

export interface ModelFindingsDeps {
  admission: Admission;
  memory: HunkMemory;
  report: RunReport;
  options: ReviewOptions;
  gains: PassGains;
  models: Models;
  /** Who doubts the findings; the reader itself without it. */
  config?: (() => PipelineConfig) | undefined;
  noise: ModelNoise;
  /** Tokens per second of the model on this machine, where it was measured. */
  readSpeed?: number | undefined;
  lessons?: Lessons | undefined;
}

interface Totals {
  model?: string;
  weighed: number;
  held: number;
  durationMs: number;
}

/** Lives as long as one model reads. */
export class ModelFindings {
  /** How many claims were made. */
  claims = 0;
  readonly #model: ReadingModel;
  readonly #deps: ModelFindingsDeps;
  readonly #totals = new Map<'refuter' | 'judge' | 'filter', Totals>();
  readonly #judgements: PanelJudgement[] = [];
  #roles: Promise<PanelRoles> | undefined;
  #open: { target: ReviewTarget; ballot: Ballot } | undefined;

  constructor(model: ReadingModel, deps: ModelFindingsDeps) {
    this.#model = model;
    this.#deps = deps;
  }

  begin(target: ReviewTarget): void {
    this.#open = { target, ballot: new Ballot() };
  }

  /** An error is shown at once, though it may be held back in the end. */
  async add(claim: Claim, pass: number): Promise<void> {
    if (!this.#open) throw new Error('a claim about no document');
    const { target, ballot } = this.#open;
    const { admission } = this.#deps;
    this.claims++;
    const draft = draftFromClaim(claim, target, this.#model.id);
    if (!draft) {
      admission.filter.suppressed.unquoted++;
      return;
    }
    for (const finding of await admission.consider([draft], target)) {
      const said = ballot.add(finding, pass);
      if (said === 'repeated') admission.filter.suppressed.duplicate++;
      if (said === 'new' && pass === 0 && finding.severity === 'error') admission.showForNow(finding);
    }
  }

  /** The document has been read so many times. */
  async end(passes: number, isSteering: boolean): Promise<void> {
    if (!this.#open) return;
    const { target, ballot } = this.#open;
    const { admission, report, options } = this.#deps;
    const candidates = ballot.count(passes);
    this.#roles ??= candidates.length > 0 ? this.#askedFor() : undefined;
    const roles = (await this.#roles) ?? readersOwn(this.#model);
    const refuter = roles.refuter.model.id;
    const whose = refuter === this.#model.id ? 'its' : 'the';
    if (candidates.length > 0)
      report.beginStage('refuter', `${refuter} is double-checking ${candidates.length} of ${whose} findings`);
    const outcome = await weigh(
      { target, candidates, facts: this.#factsOf(target), isSteering },
      {
        model: this.#model,
        roles,
        memory: this.#deps.memory,
        noise: this.#deps.noise,
        readSpeed: this.#deps.readSpeed,
        signal: options.signal,
        onNote: (text) => report.note(text),
        sentenceFor: (error) => report.sentenceFor(error),
      },
    );
    for (const { name, ...totals } of outcome.steps) this.#count(name, totals);
    if (outcome.judgement) this.#judgements.push(outcome.judgement);
    const like = await this.#likeDismissed(outcome);
    const ranked = outcome.ranked.filter(({ finding }) => !like.some((held) => held.finding.id === finding.id));
    this.#learnGain(
      candidates,
      ranked.map(({ finding }) => finding),
      passes,
    );
    admission.settle(
      target,
      ranked.map(({ finding }) => finding),
      [...outcome.held, ...like],
    );
    this.#open = undefined;
  }

  /** The model failed on the way: what it has found of the document by then is kept as it is. */
  breakOff(): void {
    if (!this.#open) return;
    const { target, ballot } = this.#open;
    this.#open = undefined;
    this.#deps.admission.settle(
      target,
      strongestFirst(ballot.count(1)).map(({ finding }) => finding),
      [],
    );
  }

  /** Tells what the steps did that took place. */
  report(): void {
    const { report } = this.#deps;
    for (const [name, { weighed, held, durationMs, model }] of this.#totals)
      report.endStage(name, detailOf[name](weighed, held), durationMs, model);
  }

  /** Of all documents together: as sure as the least sure one. */
  get judgement(): PanelJudgement | undefined {
    const [first] = this.#judgements;
    if (!first) return undefined;
    const parseError = this.#judgements.find((one) => one.parseError !== undefined)?.parseError;
    return {
      confidence: Math.min(...this.#judgements.map(({ confidence }) => confidence)),
      conflicts: this.#judgements.flatMap(({ conflicts }) => conflicts),
      ...(parseError !== undefined && { parseError }),
    };
  }

  /** Two passes that agree, and what is a question of security, are never held back for what the user said of others. */
  async #likeDismissed({ ranked }: PanelOutcome): Promise<HeldFinding[]> {
    const { lessons, options, report } = this.#deps;
    const asked = ranked.filter((candidate) => !isAgreed(candidate)).map(({ finding }) => finding);
    if (!lessons || asked.length === 0) return [];
    const started = performance.now();
    const { held, note } = await lessons.likeDismissed(asked, options);
    if (note !== undefined) report.note(note);
    if (held.length > 0)
      this.#count('filter', { weighed: asked.length, held: held.length, durationMs: performance.now() - started });
    return held;
  }

  #learnGain(candidates: readonly { finding: Finding; firstPass: number }[], kept: readonly Finding[], passes: number) {
    if (passes === 1) return;
    const late = new Set(candidates.filter(({ firstPass }) => firstPass > 0).map(({ finding }) => finding.id));
    const gained = kept.filter(({ id }) => late.has(id)).length;
    this.#deps.gains.add(this.#model.id, { kept: kept.length, gained });
  }

  #askedFor(): Promise<PanelRoles> {
    const { models, config, options, report } = this.#deps;
    if (!config) return Promise.resolve(readersOwn(this.#model));
    const { profile, policy, chat, allowance, signal } = options;
    return panelRoles(this.#model, {
      models,
      config: config().review,
      choice: { profile, policy, ...(chat !== undefined && { chat }) },
      allowance,
      signal,
      onNote: (text) => report.note(text),
      sentenceFor: (error) => report.sentenceFor(error),
    });
  }

  #count(name: 'refuter' | 'judge' | 'filter', { weighed, held, durationMs, model }: Totals): void {
    const known = this.#totals.get(name) ?? { weighed: 0, held: 0, durationMs: 0 };
    this.#totals.set(name, {
      weighed: known.weighed + weighed,
      held: known.held + held,
      durationMs: known.durationMs + durationMs,
      ...(model !== undefined && { model }),
    });
  }

  /** The analysers that have read the document, and where each found something. */
  #factsOf({ snippet: { uri } }: ReviewTarget): AnalyserFact[] {
    const { admission, report } = this.#deps;
    const readers = report.coverage.entries.filter((entry) => entry.uri === uri && entry.state === 'read');
    return readers.map(({ by }) => {
      const own = admission.filter.kept.filter((finding) => finding.uri === uri && finding.source === by);
      return { by, lines: new Set(own.flatMap(linesOf)) };
    });
  }
}

function linesOf({ range: { start, end } }: Finding): number[] {
  return Array.from({ length: end.line - start.line + 1 }, (_, index) => start.line + index);
}

const detailOf: Readonly<Record<'refuter' | 'judge' | 'filter', (weighed: number, held: number) => string>> = {
  refuter: (weighed, held) => `${weighed} double-checked; ${held} disproved or unconfirmed`,
  judge: (weighed, held) => `${weighed} ranked; ${held} merged`,
  filter: (weighed, held) => `${held} of ${weighed} like findings that you dismissed`,
};
