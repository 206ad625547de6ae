// "Show What Is Always Allowed…": what the agent does without asking in this profile, by folder, each with a button that takes it back.
import * as vscode from 'vscode';
import { TrustAllowed, TrustForget } from '../../shared/protocol/trust.ts';
import type { Context } from '../context.ts';
import { shownRows, window } from '../window.ts';
import { type AllowedRow, type AllowedThing, allowedByFolder } from './allowed-rows.ts';

type Row = vscode.QuickPickItem & { thing?: AllowedThing; root?: string };

export async function showAlwaysAllowed(ctx: Context): Promise<void> {
  for (;;) {
    const { allowed } = await ctx.daemon.call(TrustAllowed, {});
    if (allowed.length === 0)
      return void window.showInformationMessage(
        'Nothing is always allowed in this profile: the agent asks before each change and each program.',
      );
    const picked = await pick(rowsOf(allowed));
    if (!picked) return;
    if (picked.isButton || (await isMeant(picked.row))) await forget(ctx, picked.row);
  }
}

function rowsOf(allowed: readonly AllowedThing[]): Row[] {
  const button: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('trash'),
    tooltip: vscode.l10n.t('Ask Again From Now On'),
  };
  return allowedByFolder(allowed, { now: Date.now(), t: vscode.l10n.t }).flatMap(({ root, rows }): Row[] => [
    { label: pathOf(root), kind: vscode.QuickPickItemKind.Separator },
    ...rows.map((row: AllowedRow) => ({ ...row, buttons: [button] })),
    ...(rows.length > 1 ? [{ label: '$(trash) Take Back All in This Folder…', description: pathOf(root), root }] : []),
  ]);
}

function pick(rows: readonly Row[]): Promise<{ row: Row; isButton: boolean } | undefined> {
  const list = vscode.window.createQuickPick<Row>();
  const { promise, resolve } = Promise.withResolvers<{ row: Row; isButton: boolean } | undefined>();
  list.title = vscode.l10n.t('Switchyard: always allowed');
  list.placeholder = vscode.l10n.t('The agent does this without asking. Choose what it should ask about again');
  list.matchOnDetail = true;
  list.items = shownRows(rows);
  list.onDidAccept(() => {
    const [row] = list.selectedItems;
    resolve(row && { row, isButton: false });
  });
  list.onDidTriggerItemButton(({ item }) => resolve({ row: item, isButton: true }));
  list.onDidHide(() => resolve(undefined));
  list.show();
  return promise.finally(() => list.dispose());
}

/** Enter is pressed in passing; the button means it. */
async function isMeant({ thing, root }: Row): Promise<boolean> {
  const options = { modal: true, detail: thing?.text ?? pathOf(root ?? '') };
  const question = thing
    ? 'Ask again before the agent does this?'
    : 'Ask again before the agent does anything in this folder?';
  return (await window.showInformationMessage(question, options, 'Ask Again')) !== undefined;
}

async function forget(ctx: Context, { thing, root }: Row): Promise<void> {
  if (thing) await ctx.daemon.call(TrustForget, { root: thing.root, id: thing.id });
  else if (root !== undefined) await ctx.daemon.call(TrustForget, { root });
}

function pathOf(root: string): string {
  return vscode.Uri.parse(root).fsPath;
}
