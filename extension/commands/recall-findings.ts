// After a reload of the window or a restart of the daemon, findings stand beside the code again: the daemon has kept them.
import type * as vscode from 'vscode';
import { ReviewCurrent } from '../../shared/protocol/review.ts';
import type { Context } from '../context.ts';

/** Shows the findings of open files that are not shown yet. A failure only goes to the log: the next review shows them. */
export async function recallFindings(ctx: Context, documents: readonly vscode.TextDocument[]): Promise<void> {
  for (const { uri } of documents.filter(({ uri }) => uri.scheme === 'file')) {
    try {
      const { findings } = await ctx.daemon.call(ReviewCurrent, { textDocument: { uri: uri.toString() } });
      for (const finding of findings) if (!ctx.findings.get(finding.id)) ctx.findings.show(finding);
    } catch (error) {
      ctx.log.warn(`Couldn't show the findings of ${uri.toString()}: ${String(error)}`);
    }
  }
}
