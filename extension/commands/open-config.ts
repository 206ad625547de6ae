// Opens the daemon's configuration, where providers and their addresses are named; creates the file where there is none.
import * as vscode from 'vscode';
import { DaemonStatus } from '../../shared/protocol/daemon.ts';
import type { Context } from '../context.ts';

const empty = '{\n  "providers": {}\n}\n';

export async function openConfig(ctx: Context): Promise<void> {
  const { configFile } = await ctx.daemon.call(DaemonStatus, {});
  const uri = vscode.Uri.file(configFile);
  try {
    await vscode.workspace.fs.stat(uri);
  } catch {
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(empty));
  }
  await vscode.window.showTextDocument(
    await vscode.languages.setTextDocumentLanguage(await vscode.workspace.openTextDocument(uri), 'jsonc'),
  );
}
