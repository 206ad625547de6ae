// The part of a review that a model does: the chosen one reads, and another from the start where it fails before anything was shown.
import { CancelledError, throwIfCancelled } from '../../../base/errors.ts';
import { requestFor, type Selection } from '../../../models/router/router.ts';
import type { Speeds } from '../../../models/setup/speeds.ts';
import { ModelFindings, type ModelFindingsDeps, type ReadingModel } from '../panel/document.ts';
import type { PanelJudgement } from '../panel/judge.ts';
import { askedAlone } from '../panel/panel-roles.ts';
import { passesFor } from '../panel/passes.ts';
import { claimsAbout, countPrompts, isKnown, maxPrompts, type PromptsLeft } from '../reviewer.ts';
import { instructionsIn } from '../rules/instructions.ts';
import type { ProjectRules } from '../rules/rules.ts';
import type { SurroundingCode } from '../surroundings/surrounding-code.ts';
import { countLines, type ReviewTarget } from '../target.ts';
import { Coverage, type CoverageEntry } from '../verdict/coverage.ts';

export interface ModelStageDeps extends Omit<ModelFindingsDeps, 'readSpeed'> {
  speeds: Pick<Speeds, 'of'>;
  surroundings: Pick<SurroundingCode, 'of'>;
  rules: Pick<ProjectRules, 'of'>;
}

export interface ModelStage {
  /** Which was asked last. */
  selection: Selection;
  judgement?: PanelJudgement;
}

/** What was found before a model failed stays. */
export async function readByModel(
  targets: readonly ReviewTarget[],
  first: Selection,
  deps: ModelStageDeps,
): Promise<ModelStage> {
  const { models, memory, surroundings, rules, report, options } = deps;
  const { signal, allowance } = options;
  let last = new Reading(first);
  const work = async (model: ReadingModel): Promise<void> => {
    const readSpeed = deps.speeds.of(model.id)?.read;
    last = new Reading(model.selection, { findings: new ModelFindings(model, { ...deps, readSpeed }), readSpeed });
    await read(targets, { model, reading: last }, deps);
  };
  try {
    const { id, info } = first.candidate;
    const readSpeed = deps.speeds.of(id)?.read;
    if (await isKnown(targets, { model: { id, info }, memory, surroundings, rules, readSpeed }))
      await work(hardlyAsked(first, deps));
    else await models.ask({ wanted: requestFor('review', options), first, allowance, signal }, work);
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    const sentence = report.sentenceFor(error);
    report.note(`The review by ${last.id} was interrupted. The findings so far are kept. ${sentence}`);
    last.breakOff(targets, sentence);
  }
  throwIfCancelled(signal);
  for (const entry of last.entries()) report.coverage.add(entry);
  const claims = last.findings?.claims ?? 0;
  const passes = last.maxPasses > 1 ? ` in up to ${last.maxPasses} passes` : '';
  const detail = `${claims} ${claims === 1 ? 'finding' : 'findings'} reported${passes}${last.beforeText()}`;
  report.endStage('reviewer', detail, last.readMs, last.id);
  last.findings?.report();
  const judgement = last.findings?.judgement;
  return { selection: last.selection, ...(judgement && { judgement }) };
}

/** For a model that has read everything before: it is asked only where something has to be weighed again, since asking counts as a request. */
function hardlyAsked(first: Selection, { models, options }: ModelStageDeps): ReadingModel {
  const { id, info } = first.candidate;
  const { signal, allowance } = options;
  return {
    ...{ id, info, selection: first, notes: [], isShown: false },
    stream: (prompt) => askedAlone(models, { wanted: requestFor('review', options), first, allowance, signal }, prompt),
  };
}

interface ModelAtWork {
  model: ReadingModel;
  reading: Reading;
}

async function read(targets: readonly ReviewTarget[], at: ModelAtWork, deps: ModelStageDeps): Promise<void> {
  const { model } = at;
  const { admission, report, options } = deps;
  admission.onModelShown = () => {
    model.isShown = true; // no other takes over now
  };
  for (const note of model.notes) report.note(note);
  report.beginStage('reviewer', `${model.id} is reading (${model.selection.decision.reason})`);
  for (const target of targets) {
    if (options.subject?.kind === 'files') at.reading.prompts.left = maxPrompts; // as in a review of it alone
    await readTarget(target, at, deps);
  }
}

/** As often as it pays; then what was found is weighed. */
async function readTarget(target: ReviewTarget, { model, reading }: ModelAtWork, deps: ModelStageDeps): Promise<void> {
  const { admission, report, options, memory, surroundings, rules } = deps;
  const { findings } = reading;
  const { uri, text } = target.snippet;
  const passes = passesOver(target, { model, reading }, deps);
  const started = performance.now();
  const passesRead = new Set<number>();
  findings?.begin(target);
  for (let pass = 0; pass < passes; pass++) {
    const isFirst = pass === 0; // what goes wrong in another takes nothing from what the first has read
    const claims = claimsAbout([target], {
      ...{ model, memory, surroundings, rules, pass, signal: options.signal },
      ...{ prompts: reading.prompts, readSpeed: reading.readSpeed },
      known: () => admission.filter.kept,
      onNote: (note) => isFirst && report.note(note),
      onRead(_target, when) {
        passesRead.add(pass);
        if (isFirst) reading.addRead(uri, when);
      },
      onUnread: (_target, why) => isFirst && reading.add(uri, 'failed', why),
    });
    for await (const { claim } of claims) await findings?.add(claim, pass);
  }
  reading.readMs += performance.now() - started;
  const [steering] = instructionsIn(text); // a model may obey, so that what it doesn't say proves nothing
  if (steering) reading.add(uri, 'partly', `Line ${steering.line + 1} tells its reviewer what to say`);
  await findings?.end(Math.max(1, passesRead.size), steering !== undefined);
}

function passesOver(target: ReviewTarget, { model, reading }: ModelAtWork, { gains }: ModelStageDeps): number {
  const passes = passesFor(countLines(target), {
    isLocal: model.selection.candidate.provider.local,
    gain: gains.of(model.id),
    prompts: countPrompts(target, model.info),
    maxPrompts: reading.prompts.left,
  });
  reading.maxPasses = Math.max(reading.maxPasses, passes);
  return passes;
}

/** Lives as long as one model reads: another that takes over reads from the start. */
class Reading {
  readonly coverage = new Coverage();
  readonly prompts: PromptsLeft = { left: maxPrompts };
  readMs = 0;
  maxPasses = 1;
  readonly selection: Selection;
  /** Absent until it has begun. */
  readonly findings: ModelFindings | undefined;
  readonly readSpeed: number | undefined;
  readonly #broken = new Set<string>();
  /** Pieces that were read, by document. */
  readonly #read = new Map<string, { now: number; before: number }>();

  constructor(selection: Selection, begun: { findings?: ModelFindings; readSpeed?: number | undefined } = {}) {
    this.selection = selection;
    this.findings = begun.findings;
    this.readSpeed = begun.readSpeed;
  }

  get id(): string {
    return this.selection.candidate.id;
  }

  addRead(uri: string, when: 'now' | 'before'): void {
    const read = this.#read.get(uri) ?? { now: 0, before: 0 };
    read[when]++;
    this.#read.set(uri, read);
    this.add(uri, 'read');
  }

  /** With a word for documents of which nothing had to be read again. */
  entries(): CoverageEntry[] {
    return this.coverage.entries.map((entry) => {
      const isBefore = entry.state === 'read' && this.#read.get(entry.uri)?.now === 0;
      return isBefore ? { ...entry, why: 'Unchanged since it was read before' } : entry;
    });
  }

  beforeText(): string {
    const read = [...this.#read.values()];
    const before = read.reduce((sum, one) => sum + one.before, 0);
    const all = read.reduce((sum, one) => sum + one.now, before);
    return before === 0 ? '' : `; ${before} of ${all} pieces were unchanged and not read again`;
  }

  /** Without a reason where an error, which is told later, ended the reading. */
  add(uri: string, state: 'read' | 'failed' | 'partly', why?: string): void {
    if (state === 'failed' && why === undefined) this.#broken.add(uri);
    else this.coverage.add({ uri, by: this.id, state, ...(why !== undefined && { why }) });
  }

  /** Nothing more is read: what was begun is read in part, the rest not at all. */
  breakOff(targets: readonly ReviewTarget[], why: string): void {
    this.findings?.breakOff();
    for (const { snippet } of targets)
      if (this.#broken.has(snippet.uri) || !this.coverage.has(snippet.uri, this.id))
        this.add(snippet.uri, 'failed', why);
  }
}
