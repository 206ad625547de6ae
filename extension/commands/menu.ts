// The status bar's menu.
import * as vscode from 'vscode';
import { CostsSummary } from '../../shared/protocol/costs.ts';
import { DaemonStatus } from '../../shared/protocol/daemon.ts';
import { ModelsList } from '../../shared/protocol/models.ts';
import { formatUsd } from '../../shared/usd.ts';
import { completionRows } from '../completion/completion-words.ts';
import { languageName } from '../completion/language-name.ts';
import type { Context } from '../context.ts';
import { type MenuRow, menuRows } from '../logic/menu-rows.ts';
import { modelEntries } from '../vscode-chat/model-entries.ts';
import { window } from '../window.ts';

export async function menu(ctx: Context): Promise<void> {
  const { state } = ctx.daemon;
  const placeHolder =
    state.kind === 'lost' || state.kind === 'reconnecting' ? state.detail : (ctx.index.state?.detail ?? 'What next?');
  const picked = await window.showQuickPick(rowsNow(ctx), { title: 'Switchyard', placeHolder });
  if (picked)
    await vscode.commands.executeCommand(picked.command, ...(picked.argument === undefined ? [] : [picked.argument]));
}

/** Those that depend on the daemon's state are left out where it can't be asked. */
async function rowsNow({ daemon, completion }: Context): Promise<MenuRow[]> {
  if (daemon.state.kind !== 'connected') return menuRows();
  const document = vscode.window.activeTextEditor?.document;
  const textDocument = document && { uri: document.uri.toString() };
  const [status, statusHere, costs, listed] = await Promise.all([
    daemon.call(DaemonStatus, {}).catch(() => undefined),
    textDocument && daemon.call(DaemonStatus, { textDocument }).catch(() => undefined),
    daemon.call(CostsSummary, {}).catch(() => undefined),
    daemon.call(ModelsList, {}).catch(() => undefined),
  ]);
  const states = {
    everywhere: status?.completion,
    here: statusHere?.completion,
    language: document && languageName(document.languageId, manifests()),
    isFileOff: document && completion.isFileOff(document.uri),
  };
  return menuRows({
    hasModel: listed && modelEntries(listed.models).some(({ target }) => target.model !== undefined),
    completion: completionRows(states, completion.view, vscode.l10n.t),
    spent: costs && vscode.l10n.t('{0} today', formatUsd(costs.today.costUsd)),
  });
}

function manifests(): unknown[] {
  return vscode.extensions.all.map(({ packageJSON }) => packageJSON);
}
