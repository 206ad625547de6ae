// The part of a review that a model does: the chosen one reads, and another from the start where it fails before anything was shown.
import { cleanMessage } from '../../../base/clean-text.ts';
import { CancelledError, throwIfCancelled } from '../../../base/errors.ts';
import type { Attempt, Models } from '../../../models/ask.ts';
import { requestFor, type Selection } from '../../../models/router/router.ts';
import { ModelFindings, type ModelFindingsDeps } from '../panel/document.ts';
import type { Judgement } from '../panel/judge.ts';
import { passesFor } from '../panel/passes.ts';
import { claimsAbout, countPrompts, maxPrompts, type PromptsLeft } from '../reviewer.ts';
import { countLines, fileNameOf, type ReviewTarget } from '../target.ts';
import { Coverage } from '../verdict/coverage.ts';
import { type InstructionLine, instructionsIn } from '../verdict/instructions.ts';
import type { RunReport } from './report.ts';

export interface ModelStageDeps extends ModelFindingsDeps {
  models: Models;
}

export interface ModelStage {
  /** Which was asked last. */
  selection: Selection;
  judgement?: Judgement;
}

/** What was found before a model failed stays. */
export async function readByModel(
  targets: readonly ReviewTarget[],
  first: Selection,
  deps: ModelStageDeps,
): Promise<ModelStage> {
  const { models, report, options } = deps;
  const { signal } = options;
  let last = new Reading(first);
  try {
    await models.ask({ wanted: requestFor('review', options), first, signal }, async (attempt) => {
      last = new Reading(attempt.selection, new ModelFindings(attempt, deps));
      await read(targets, { attempt, reading: last }, deps);
    });
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    const sentence = report.sentenceFor(error);
    report.note(`The review by ${last.id} was interrupted. The findings so far are kept. ${sentence}`);
    last.breakOff(targets, sentence);
  }
  throwIfCancelled(signal);
  for (const entry of last.coverage.entries) report.coverage.add(entry);
  const claims = last.findings?.claims ?? 0;
  const passes = last.maxPasses > 1 ? ` in up to ${last.maxPasses} passes` : '';
  const detail = `${claims} ${claims === 1 ? 'finding' : 'findings'} reported${passes}`;
  report.endStage('reviewer', detail, last.readMs, last.id);
  last.findings?.report();
  const judgement = last.findings?.judgement;
  return { selection: last.selection, ...(judgement && { judgement }) };
}

interface ModelAtWork {
  attempt: Attempt;
  reading: Reading;
}

async function read(
  targets: readonly ReviewTarget[],
  { attempt, reading }: ModelAtWork,
  deps: ModelStageDeps,
): Promise<void> {
  const { admission, report } = deps;
  admission.onModelShown = () => {
    attempt.isShown = true; // no other takes over now
  };
  for (const note of attempt.notes) report.note(note);
  report.beginStage('reviewer', `${attempt.id} is reading (${attempt.decision.reason})`);
  for (const target of targets) await readTarget(target, { attempt, reading }, deps);
}

/** As often as it pays; then what was found is weighed. */
async function readTarget(
  target: ReviewTarget,
  { attempt, reading }: ModelAtWork,
  { admission, report, options, gains }: ModelStageDeps,
): Promise<void> {
  const { findings } = reading;
  const { uri, text } = target.snippet;
  const passes = passesFor(countLines(target), {
    gain: gains.of(attempt.id),
    prompts: countPrompts(target, attempt.info),
    maxPrompts: reading.prompts.left,
  });
  const started = performance.now();
  reading.maxPasses = Math.max(reading.maxPasses, passes);
  findings?.begin(target);
  const passesRead = new Set<number>();
  for (let pass = 0; pass < passes; pass++) {
    const isFirst = pass === 0; // what goes wrong in another takes nothing from what the first has read
    const claims = claimsAbout([target], {
      model: attempt,
      pass,
      prompts: reading.prompts,
      known: () => admission.filter.kept,
      signal: options.signal,
      onNote: (note) => isFirst && report.note(note),
      onRead() {
        passesRead.add(pass);
        if (isFirst) reading.add(uri, 'read');
      },
      onUnread: (_target, why) => isFirst && reading.add(uri, 'failed', why),
    });
    for await (const { claim } of claims) await findings?.add(claim, pass);
  }
  reading.readMs += performance.now() - started;
  const steering = instructionsIn(text);
  if (steering.length > 0) reading.add(uri, 'partly', tellOfInstructions(target, steering, report));
  await findings?.end(Math.max(1, passesRead.size), steering.length > 0);
}

/** A model may obey what it reads, so that what it doesn't say proves nothing. Returns why it counts as read in part. */
function tellOfInstructions(target: ReviewTarget, [first]: InstructionLine[], report: RunReport): string {
  const where = `line ${(first?.line ?? 0) + 1}`;
  const quote = cleanMessage(first?.text ?? '', maxQuoteChars);
  report.note(
    `${fileNameOf(target.snippet.uri)}, ${where} reads like an instruction to its reviewer: "${quote}". A model may follow it, so check this file yourself.`,
  );
  return `${where} tells its reviewer what to say`;
}

const maxQuoteChars = 120;

/** Lives as long as one model reads: another that takes over reads from the start. */
class Reading {
  readonly coverage = new Coverage();
  readonly prompts: PromptsLeft = { left: maxPrompts };
  readMs = 0;
  maxPasses = 1;
  readonly selection: Selection;
  /** Absent until it has begun. */
  readonly findings: ModelFindings | undefined;
  readonly #broken = new Set<string>();

  constructor(selection: Selection, findings?: ModelFindings) {
    this.selection = selection;
    this.findings = findings;
  }

  get id(): string {
    return this.selection.candidate.id;
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
