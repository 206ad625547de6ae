// `switchyard eval review`: lets the configured models review known changes, and tells what they found and what they made up.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CostsSummary } from '../../../shared/protocol/costs.ts';
import type { Result } from '../../../shared/protocol/define.ts';
import { isIncompleteReview, isOpenFinding, ReviewRun } from '../../../shared/protocol/review.ts';
import { counted } from '../../../shared/words/counted.ts';
import { programFiles } from '../../base/program-files.ts';
import type { DaemonClient } from '../kit/client.ts';
import type { ExitCode } from '../kit/command.ts';
import { printLine } from '../kit/terminal.ts';
import { inOwnProfile, never } from './own-profile.ts';
import { type ReviewCase, readReviewCorpus } from './review-corpus.ts';
import { isOnFlaw, type ReviewScores, type ScoredReview, scoresOf } from './review-scores.ts';
import { tellMeasured } from './tell-measured.ts';

interface ReviewEvaluation {
  model?: string;
  limit?: number;
  json: boolean;
}

interface Measured {
  /** By everything that looked. */
  all: ScoredReview[];
  /** What linters alone found: the floor. */
  linters: ScoredReview[];
  /** Of findings of models: what was held back, and how much of that stood on a wrong line. */
  held: { count: number; onFlaw: number };
  /** `null` when it is unknown. */
  usd: number | null;
}

/** Where it is stopped, or fails, what was measured until then is told first. */
export async function evaluateReviews({ model, limit, json }: ReviewEvaluation): Promise<ExitCode> {
  const corpus = readReviewCorpus(join(programFiles().media, 'eval', 'review'));
  const chosen = limit === undefined ? corpus : spread(corpus, limit);
  const measured: Measured = { all: [], linters: [], held: { count: 0, onFlaw: 0 }, usd: null };
  const work = inOwnProfile(async (client, folder) => {
    writeFileSync(join(folder, 'go.mod'), 'module shop\n\ngo 1.22\n'); // without it nothing of Go is checked
    try {
      await reviewAll(client, chosen, { measured, folder, json, model });
    } finally {
      measured.usd = await costOf(client);
    }
  });
  return tellMeasured(work, {
    json,
    done: () => measured.all.length,
    of: chosen.length,
    summary: () => summaryOf(measured),
    print: () => report(measured),
  });
}

/** US dollars, also after Ctrl+C; `null` when they are unknown. */
async function costOf(client: DaemonClient): Promise<number | null> {
  try {
    const { total } = await client.call(CostsSummary, {}, undefined, never);
    return total.unknown > 0 ? null : total.costUsd;
  } catch {
    return null;
  }
}

/** Some of each language and class. */
function spread(corpus: readonly ReviewCase[], count: number): ReviewCase[] {
  const step = corpus.length / Math.min(count, corpus.length);
  return Array.from({ length: Math.min(count, corpus.length) }, (_, i) => corpus[Math.floor(i * step)]).filter(
    (change) => change !== undefined,
  );
}

async function reviewAll(
  client: DaemonClient,
  corpus: readonly ReviewCase[],
  { measured, folder, json, model }: { measured: Measured; folder: string; json: boolean; model: string | undefined },
): Promise<void> {
  for (const change of corpus) {
    const result = await review(client, change, { folder, model });
    const isWhole = !isIncompleteReview(result.coverage);
    const findings = result.findings.filter(isOpenFinding);
    const linters = findings.filter(({ source }) => !source.includes('/'));
    measured.all.push({ change, findings, isWhole });
    measured.linters.push({ change, findings: linters, isWhole: true });
    measured.held.count += result.held.length;
    measured.held.onFlaw += result.held.filter(({ finding }) => isOnFlaw(finding, change)).length;
    if (!json) printLine(`${wordOf(change, findings).padEnd(12)} ${change.id}`);
  }
}

async function review(
  client: DaemonClient,
  { fileName, language, text }: ReviewCase,
  { folder, model }: { folder: string; model: string | undefined },
): Promise<Result<typeof ReviewRun>> {
  const path = join(folder, fileName);
  writeFileSync(path, text);
  const uri = pathToFileURL(path).href;
  const languageId = language === 'shell' ? 'shellscript' : language;
  client.notify('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text } });
  const result = await client.call(ReviewRun, { textDocument: { uri }, ...(model !== undefined && { model }) });
  client.notify('textDocument/didClose', { textDocument: { uri } });
  rmSync(path);
  return result;
}

function wordOf(change: ReviewCase, findings: readonly Result<typeof ReviewRun>['findings'][number][]): string {
  if (change.flaw === undefined) return findings.length === 0 ? 'silent' : 'false alarm';
  if (findings.some((finding) => isOnFlaw(finding, change))) return 'found';
  return findings.length === 0 ? 'missed' : 'wrong line';
}

function summaryOf({ all, linters, held, usd }: Measured): object {
  return { all: scoresOf(all), linters: scoresOf(linters), held, usd };
}

function report({ all, linters, held, usd }: Measured): void {
  const [scores, floor] = [scoresOf(all), scoresOf(linters)];
  printLine('');
  printLine(`Linters alone: ${sentence(floor)}`);
  printLine(`With models: ${sentence(scores)}`);
  const found = Object.entries(scores.recallByClass).map(([flaw, recall]) => `${flaw} ${percent(recall)}`);
  printLine(`Found by class: ${found.join(', ')}.`);
  printLine(`Held back: ${counted(held.count, 'finding')}, ${held.onFlaw} of them on a wrong line of code.`);
  printLine(`Cost: ${usd === null ? 'not priced' : `$${usd.toFixed(4)}`}.`);
}

function sentence({ flaws, clean, ...scores }: ReviewScores): string {
  return [
    `${percent(scores.recall)} of ${flaws} flaws found, ${percent(scores.precision)} of the findings right`,
    `right line in ${percent(scores.lineAccuracy)} of the files with findings, ${percent(scores.exact)} quoted exactly`,
    `silent about ${percent(scores.silent)} of ${clean} clean changes`,
    `${scores.per100Lines.toFixed(1)} findings per 100 lines, ${percent(scores.coverage)} of the changes fully checked.`,
  ].join('; ');
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
