// A review that a run lets be done apart: the pipeline's own, of what the run has changed or of files that it names, by models alone.
import { join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { languageOf } from '../../../../shared/language.ts';
import { isIncompleteReview, isOpenFinding } from '../../../../shared/protocol/review.ts';
import { markdownReport } from '../../../../shared/review-markdown.ts';
import { counted } from '../../../../shared/words/counted.ts';
import { UserError } from '../../../base/errors.ts';
import type { Snippet } from '../../../base/snippet.ts';
import type { Allowance } from '../../../models/ask.ts';
import { tokensOfUsage } from '../../../models/providers/provider.ts';
import { redact } from '../../../models/secrets/scanner.ts';
import { textLines } from '../../change-sets/text-lines.ts';
import type { Review } from '../../pipeline/review.ts';
import type { ReviewOptions, ReviewResult } from '../../pipeline/run/options.ts';
import type { TrustCheck } from '../approvals/need-trust.ts';
import type { RunChanges } from '../checkpoints/changes.ts';
import { whyNoTurn } from '../loop/limits.ts';
import { resultFor, roomFor } from '../loop/results.ts';
import { costOf, usageOf } from '../loop/spending.ts';
import { stageName } from '../loop/stage-names.ts';
import type { CallResult, ShownCall } from '../loop/turn.ts';
import { type FolderFiles, pathInFolder } from '../tools/folder-files.ts';
import type { CallScope, RunBudget, ToolOutcome, ToolRun, ToolSpending } from '../tools/tool.ts';
import { shortened, spentWords } from './summary.ts';

export interface ReviewApartDeps {
  review: Pick<Review, 'run' | 'runDiff'>;
  files: FolderFiles;
  trusts: TrustCheck;
  /** What a run has changed until now. */
  changes(run: ToolRun): Promise<RunChanges>;
}

interface WantedReview {
  /** All that the run has changed, where none is named. */
  paths: readonly string[];
  run: ToolRun;
  scope: CallScope;
  budget: RunBudget;
}

/** A stage, so that a review is done once and what it cost is counted once. Throws UserErrors `nothing-to-review` and those of the review. */
export function reviewApart(deps: ReviewApartDeps, wanted: WantedReview): Promise<ToolOutcome> {
  const { scope } = wanted;
  return scope.stage(stageName('review', `${scope.callId}.1`), async () => {
    const outcome = await reviewed(deps, wanted);
    const { usage, costUsd } = outcome.spent;
    return { outcome, detail: outcome.summary, tokens: tokensOfUsage(usage), costUsd };
  });
}

async function reviewed(
  deps: ReviewApartDeps,
  { paths, run, scope, budget }: WantedReview,
): Promise<ToolOutcome & { spent: ToolSpending }> {
  const allowance = new ReviewAllowance(scope.answerId, budget);
  const options = optionsFor(deps, { run, scope, allowance });
  const result = await (paths.length > 0
    ? reviewFiles(paths, deps, { run, scope, options })
    : reviewChanges(deps, { run, scope, options }));
  const { spent } = allowance;
  const open = result.findings.filter(isOpenFinding).length;
  const name = isIncompleteReview(result.coverage) ? 'Incomplete review' : 'Review';
  const report = shortened(redact(markdownReport([result], (uri) => nameOf(uri, run))).text);
  return {
    ok: true,
    text: [
      { source: 'The report of a review', text: report.text },
      ...report.notes,
      'Only models looked at the code: no linter ran. Check each finding before you act on it.',
    ],
    summary: `${name}: ${counted(open, 'finding')}, ${spentWords(spent)}.`,
    isMaterial: true,
    spent,
  };
}

function optionsFor(
  { trusts }: Pick<ReviewApartDeps, 'trusts'>,
  { run, scope, allowance }: { run: ToolRun; scope: CallScope; allowance: Allowance },
): ReviewOptions {
  return {
    ...run.choice,
    profile: run.profile,
    chat: scope.chatId,
    root: run.root,
    trusts: (file) => trusts(run.session, file),
    runsNothing: true,
    allowance,
    signal: run.signal,
    onStage: (_stage, detail) => run.report(detail),
    onFinding() {},
    onWithdrawn() {},
    onNote() {},
  };
}

interface OptionedReview {
  run: ToolRun;
  scope: CallScope;
  options: ReviewOptions;
}

async function reviewFiles(
  paths: readonly string[],
  { review, files }: Pick<ReviewApartDeps, 'review' | 'files'>,
  { run, scope, options }: OptionedReview,
): Promise<ReviewResult> {
  const snippets: Snippet[] = [];
  for (const path of new Set(paths.map((said) => pathInFolder(said, run.root)))) {
    const uri = pathToFileURL(join(run.root, path)).href;
    const text = await files.text(path, run);
    await listRead(scope, { path, text, place: snippets.length + 1 });
    snippets.push({ uri, text, languageId: languageOf(uri, text), version: null });
  }
  return review.run(snippets, options);
}

async function reviewChanges(deps: ReviewApartDeps, { run, scope, options }: OptionedReview): Promise<ReviewResult> {
  const changes = await deps.changes(run);
  const diff = diffOf(changes);
  let place = 0;
  for (const { path } of changes.files) {
    const text = await deps.files.text(path, run).catch(() => undefined); // deleted, or kept from models: the review leaves it out
    if (text !== undefined) await listRead(scope, { path, text, place: ++place });
  }
  return deps.review.runDiff(diff, options);
}

/** What a review reads is listed inside its call, and is material for the run as any reading is. */
async function listRead(
  { callId, stage }: CallScope,
  { path, text, place }: { path: string; text: string; place: number },
): Promise<void> {
  const title = `Read ${path}`;
  const outcome: CallResult = {
    kind: 'read',
    title,
    source: path,
    ok: true,
    text: resultFor([{ source: path, text }], roomFor(Number.POSITIVE_INFINITY)),
    summary: `${title}.`,
    isMaterial: true,
  };
  const prompt = `read ${JSON.stringify({ path })}`;
  await stage(stageName('call', `${callId}.1.${place}`), async () => ({
    outcome,
    shown: { kind: 'read', title, ok: true } satisfies ShownCall,
    detail: outcome.summary,
    prompt,
    answer: outcome.text,
  }));
}

/** The lines that came, as a diff without those around them. Throws UserError `nothing-to-review`. */
function diffOf({ files }: RunChanges): string {
  const diffs = files.map(({ path, hunks }) => {
    let grown = 0;
    const shown = hunks.flatMap(({ range, oldText, newText }) => {
      const [old, now] = [textLines(oldText).lines, textLines(newText).lines];
      const first = range.start.line + grown + 1;
      grown += now.length - old.length;
      if (now.length === 0) return [];
      const head = `@@ -${range.start.line + 1},${old.length} +${first},${now.length} @@`;
      return [head, ...old.map((line) => `-${line}`), ...now.map((line) => `+${line}`)];
    });
    const isNamed = !/[\t\r\n]/.test(path); // a diff has no such name
    return shown.length > 0 && isNamed ? [`--- a/${path}`, `+++ b/${path}`, ...shown, ''].join('\n') : '';
  });
  const diff = diffs.join('');
  if (diff !== '') return diff;
  throw new UserError('nothing-to-review', 'This run has changed no lines yet. Name the files to review in paths.');
}

function nameOf(uri: string, { root }: ToolRun): string {
  return relative(root, fileURLToPath(uri)).replaceAll(sep, '/');
}

/** Counts what a review asks of models, and ends that where its share is used up. Lives as long as the review. */
class ReviewAllowance implements Allowance {
  readonly answer: string;
  readonly #budget: RunBudget;
  readonly #startedAt = performance.now();
  readonly #calls: ToolSpending[] = [];

  constructor(answer: string, budget: RunBudget) {
    this.answer = answer;
    this.#budget = budget;
  }

  get spent(): ToolSpending {
    return { usage: usageOf(this.#calls), costUsd: costOf(this.#calls) ?? null };
  }

  admit(): void {
    const spent = { turns: [], tools: this.#calls, workMs: performance.now() - this.#startedAt };
    const limits = { ...this.#budget, rounds: Number.POSITIVE_INFINITY, toGoOn: 'The rest was not reviewed.' };
    const why = whyNoTurn(spent, limits);
    if (why !== undefined) throw new UserError('budget-reached', why);
  }

  count({ usage, usd }: Parameters<Allowance['count']>[0]): void {
    this.#calls.push({ usage, costUsd: usd ?? null });
  }
}
