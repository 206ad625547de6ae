// The part of a review that a model does: the chosen one reads, and another from the start where it fails before anything was shown.
import { CancelledError, throwIfCancelled } from '../../../base/errors.ts';
import type { Attempt, Models } from '../../../models/ask.ts';
import { requestFor, type Selection } from '../../../models/router/router.ts';
import { draftFromClaim } from '../claim.ts';
import { claimsAbout } from '../reviewer.ts';
import type { ReviewTarget } from '../target.ts';
import { Coverage } from '../verdict/coverage.ts';
import type { Admission } from './admission.ts';
import type { ReviewOptions } from './options.ts';
import type { RunReport } from './report.ts';

export interface ModelStageDeps {
  models: Models;
  admission: Admission;
  report: RunReport;
  options: ReviewOptions;
}

/** What was found before a model failed stays. Returns the selection that was asked last. */
export async function readByModel(
  targets: readonly ReviewTarget[],
  first: Selection,
  deps: ModelStageDeps,
): Promise<Selection> {
  const { models, admission, report, options } = deps;
  const { signal } = options;
  let last = new Reading(first);
  try {
    await models.ask({ wanted: requestFor('review', options), first, signal }, async (attempt) => {
      last = new Reading(attempt.selection);
      await read(targets, { attempt, reading: last }, deps);
    });
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    const sentence = report.sentenceFor(error);
    report.note(`The review by ${last.id} was interrupted. The findings so far are kept. ${sentence}`);
    last.breakOff(targets, sentence);
  }
  throwIfCancelled(signal);
  for (const target of targets) admission.release(target, 'model');
  for (const entry of last.coverage.entries) report.coverage.add(entry);
  const detail = `${last.claims} ${last.claims === 1 ? 'finding' : 'findings'} reported`;
  report.endStage('reviewer', detail, performance.now() - last.started, last.id);
  return last.selection;
}

async function read(
  targets: readonly ReviewTarget[],
  { attempt, reading }: { attempt: Attempt; reading: Reading },
  { admission, report, options }: ModelStageDeps,
): Promise<void> {
  admission.onModelShown = () => {
    attempt.isShown = true; // no other takes over now
  };
  admission.filter.forgetWaiting();
  for (const note of attempt.notes) report.note(note);
  report.beginStage('reviewer', `${attempt.id} is reading (${attempt.decision.reason})`);
  const claims = claimsAbout(targets, {
    model: attempt,
    known: () => admission.filter.kept,
    signal: options.signal,
    onNote: (text) => report.note(text),
    onRead: ({ snippet }) => reading.add(snippet.uri, 'read'),
    onUnread: ({ snippet }, why) => reading.add(snippet.uri, 'failed', why),
    onTargetEnd: (target) => admission.release(target, 'model'),
  });
  for await (const { target, claim } of claims) {
    reading.claims++;
    const draft = draftFromClaim(claim, target, attempt.id);
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
