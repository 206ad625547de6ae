// Adds a GGUF file that is already on this machine.
import * as vscode from 'vscode';
import { ModelsImport } from '../../shared/protocol/models.ts';
import type { Context } from '../context.ts';
import { window } from '../window.ts';

export async function importModel(ctx: Context): Promise<void> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: 'Switchyard: import a model',
      openLabel: 'Import',
      filters: { 'GGUF models': ['gguf'] },
    })) ?? [];
  if (!file) return;
  const { model } = await ctx.daemon.call(ModelsImport, { path: file.fsPath });
  ctx.chat.modelsChanged();
  void window.showInformationMessage(`${model} is ready to use.`);
}
