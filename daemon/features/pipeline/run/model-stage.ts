// The part of a review that a model does: the chosen one reads, and another from the start where it fails before anything was shown.
import { CancelledError, throwIfCancelled } from '../../../base/errors.ts';
import type { Attempt, Models } from '../../../models/ask.ts';
import { requestFor, type Selection } from '../../../models/router/router.ts';
import { draftFromClaim } from '../claim.ts';
import type { HunkMemory } from '../memory/hunk-memory.ts';
import { claimsAbout, isKnown } from '../reviewer.ts';
import type { ReviewRules } from '../rules/rules.ts';
import type { SurroundingCode } from '../surroundings/surrounding-code.ts';
import type { ReviewTarget } from '../target.ts';
import { Coverage, type CoverageEntry } from '../verdict/coverage.ts';
import type { Admission } from './admission.ts';
import type { ReviewOptions } from './options.ts';
import type { RunReport } from './report.ts';

export interface ModelStageDeps {
  models: Models;
  admission: Admission;
  memory: HunkMemory;
  surroundings: Pick<SurroundingCode, 'of'>;
  rules: Pick<ReviewRules, 'of'>;
  report: RunReport;
  options: ReviewOptions;
}

/** What was found before a model failed stays. Returns the selection that was asked last. */
export async function readByModel(
  targets: readonly ReviewTarget[],
  first: Selection,
  deps: ModelStageDeps,
): Promise<Selection> {
  const { models, memory, surroundings, rules, admission, report, options } = deps;
  const { signal } = options;
  let last = new Reading(first);
  const work = async (model: ReadingModel): Promise<void> => {
    last = new Reading(model.selection);
    await read(targets, { model, reading: last }, deps);
  };
  try {
    const { id, info } = first.candidate;
    if (await isKnown(targets, { model: { id, info }, memory, surroundings, rules })) await work(unasked(first));
    else await models.ask({ wanted: requestFor('review', options), first, signal }, work);
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    const sentence = report.sentenceFor(error);
    report.note(`The review by ${last.id} was interrupted. The findings so far are kept. ${sentence}`);
    last.breakOff(targets, sentence);
  }
  throwIfCancelled(signal);
  for (const target of targets) admission.release(target, 'model');
  for (const entry of last.entries()) report.coverage.add(entry);
  const detail = `${last.claims} ${last.claims === 1 ? 'finding' : 'findings'} reported${last.beforeText()}`;
  report.endStage('reviewer', detail, performance.now() - last.started, last.id);
  return last.selection;
}

type ReadingModel = Pick<Attempt, 'id' | 'info' | 'notes' | 'selection' | 'stream' | 'isShown'>;

/** For a model that has read everything before: asking it would count as a request. */
function unasked(selection: Selection): ReadingModel {
  const { id, info } = selection.candidate;
  return {
    ...{ id, info, selection, notes: [], isShown: false },
    stream() {
      throw new Error('nothing is to be asked');
    },
  };
}

async function read(
  targets: readonly ReviewTarget[],
  { model, reading }: { model: ReadingModel; reading: Reading },
  { admission, memory, surroundings, rules, report, options }: ModelStageDeps,
): Promise<void> {
  admission.onModelShown = () => {
    model.isShown = true; // no other takes over now
  };
  admission.filter.forgetWaiting();
  for (const note of model.notes) report.note(note);
  report.beginStage('reviewer', `${model.id} is reading (${model.selection.decision.reason})`);
  const claims = claimsAbout(targets, {
    model,
    memory,
    surroundings,
    rules,
    known: () => admission.filter.kept,
    signal: options.signal,
    onNote: (text) => report.note(text),
    onRead: ({ snippet }, when) => reading.addRead(snippet.uri, when),
    onUnread: ({ snippet }, why) => reading.add(snippet.uri, 'failed', why),
    onTargetEnd: (target) => admission.release(target, 'model'),
  });
  for await (const { target, claim } of claims) {
    reading.claims++;
    const draft = draftFromClaim(claim, target, model.id);
    if (draft) await admission.admit([draft], target, 'model');
    else admission.filter.suppressed.unquoted++;
  }
}

/** Lives as long as one model reads: another that takes over reads from the start. */
class Reading {
  readonly coverage = new Coverage();
  readonly started = performance.now();
  claims = 0;
  readonly selection: Selection;
  readonly #broken = new Set<string>();
  /** Pieces that were read, by document. */
  readonly #read = new Map<string, { now: number; before: number }>();

  constructor(selection: Selection) {
    this.selection = selection;
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
