// After a reload of the window or a restart of the daemon, findings stand beside the code again: the daemon has kept them.
import * as vscode from 'vscode';
import {
  isOpenFinding,
  type PastReview,
  ReviewCurrent,
  ReviewFindings,
  ReviewList,
} from '../../shared/protocol/review.ts';
import type { Context } from '../context.ts';
import { isSynced } from '../places.ts';
import { thingOfPast } from '../review/subject.ts';

/** Shows the findings of open files that are not shown yet. A failure only goes to the log: the next review shows them. */
export async function recallFindings(ctx: Context, documents: readonly { uri: vscode.Uri }[]): Promise<void> {
  for (const { uri } of documents.filter((document) => isSynced(document))) {
    try {
      const { findings } = await ctx.daemon.call(ReviewCurrent, { textDocument: { uri: uri.toString() } });
      for (const finding of findings) if (!ctx.findings.get(finding.id)) ctx.findings.show(finding);
    } catch (error) {
      ctx.log.warn(`Couldn't show the findings of ${uri.toString()}: ${String(error)}`);
    }
  }
}

const maxRunsSearched = 50;
const maxFilesRecalled = 50;

/** Shows this window's last review again, with the findings in files that are not open. */
export async function recallLastReview(ctx: Context): Promise<void> {
  if (ctx.review.last) return;
  const { runs } = await ctx.daemon.call(ReviewList, { limit: maxRunsSearched });
  const run = runs.find((past) => isEnded(past) && vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(past.uri)));
  if (!run) return;
  const {
    findings,
    held = [],
    coverage = [],
    rules = [],
  } = await ctx.daemon.call(ReviewFindings, { runId: run.runId });
  if (ctx.review.last) return; // one has ended meanwhile
  const [open, solved] = [findings.filter(isOpenFinding), findings.filter((finding) => !isOpenFinding(finding))];
  ctx.review.show({ thing: thingOfPast(run), summary: run.summary, solved, held, coverage, rules });
  const uris = [...new Set(open.map(({ uri }) => uri))].slice(0, maxFilesRecalled).map((uri) => vscode.Uri.parse(uri));
  await recallFindings(
    ctx,
    uris.map((uri) => ({ uri })),
  );
}

function isEnded({ state }: PastReview): boolean {
  return state === 'done' || state === 'incomplete';
}
