// The status bar's menu: the most used commands, and those that help when the daemon has a problem.
import * as vscode from 'vscode';
import { CostsSummary } from '../../shared/protocol/costs.ts';
import { DaemonStatus } from '../../shared/protocol/daemon.ts';
import { formatUsd } from '../../shared/usd.ts';
import { type CompletionRow, completionRows } from '../completion/completion-words.ts';
import type { Context } from '../context.ts';
import { window } from '../window.ts';

const budgets = 'switchyard.budgets';

const first: readonly CompletionRow[] = [
  { label: '$(comment-discussion) Open Chat', command: 'switchyard.openChat' },
  { label: '$(history) Open History', command: 'switchyard.openHistory' },
  { label: '$(checklist) Review File', command: 'switchyard.reviewFile' },
  { label: '$(git-compare) Review Changes…', command: 'switchyard.reviewChanges' },
];

const rest: readonly CompletionRow[] = [
  { label: '$(sparkle) Choose Model…', command: 'switchyard.chooseModel' },
  { label: '$(type-hierarchy) Routing Policy…', command: 'switchyard.routingPolicy' },
  { label: '$(credit-card) Budgets…', command: budgets },
  { label: '$(account) Switch Profile…', command: 'switchyard.switchProfile' },
  { label: '$(run-all) Show Jobs', command: 'switchyard.showJobs' },
  { label: '$(plug) MCP Servers…', command: 'switchyard.manageMcpServers' },
  { label: '$(shield) Show What Is Always Allowed…', command: 'switchyard.showAllowed' },
  { label: '$(list-tree) Refresh Index', command: 'switchyard.refreshIndex' },
  { label: '$(key) Add API Key…', command: 'switchyard.setKey' },
  { label: '$(library) Manage Models', command: 'switchyard.manageModels' },
  { label: '$(cloud-download) Download Model…', command: 'switchyard.downloadModel' },
  { label: '$(file-binary) Import Model…', command: 'switchyard.importModel' },
  { label: '$(globe) Open in Browser', command: 'switchyard.openInBrowser' },
  { label: '$(pulse) Doctor', command: 'switchyard.doctor' },
  { label: '$(output) Show Log', command: 'switchyard.showLog' },
  { label: '$(debug-restart) Restart Daemon', command: 'switchyard.restartDaemon' },
  { label: '$(settings-gear) Open Configuration', command: 'switchyard.openConfig' },
];

export async function menu(ctx: Context): Promise<void> {
  const { state } = ctx.daemon;
  const placeHolder =
    state.kind === 'lost' || state.kind === 'reconnecting' ? state.detail : (ctx.index.state?.detail ?? 'What next?');
  const picked = await window.showQuickPick(rowsNow(ctx), { title: 'Switchyard', placeHolder });
  if (picked)
    await vscode.commands.executeCommand(picked.command, ...(picked.argument === undefined ? [] : [picked.argument]));
}

/** Those that depend on the daemon's state are left out where it can't be asked. */
async function rowsNow({ daemon, completion }: Context): Promise<CompletionRow[]> {
  if (daemon.state.kind !== 'connected') return [...first, ...rest];
  const document = vscode.window.activeTextEditor?.document;
  const textDocument = document && { uri: document.uri.toString() };
  const [status, statusHere, costs] = await Promise.all([
    daemon.call(DaemonStatus, {}).catch(() => undefined),
    textDocument && daemon.call(DaemonStatus, { textDocument }).catch(() => undefined),
    daemon.call(CostsSummary, {}).catch(() => undefined),
  ]);
  const spent = costs && { description: vscode.l10n.t('{0} today', formatUsd(costs.today.costUsd)) };
  return [
    ...first,
    ...completionRows(
      { everywhere: status?.completion, here: statusHere?.completion, language: document?.languageId },
      completion.view,
      vscode.l10n.t,
    ),
    ...rest.map((row) => (row.command === budgets ? { ...row, ...spent } : row)),
  ];
}
