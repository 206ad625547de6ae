// Adds GGUF files that are already on this machine: one, with all its parts, or a folder of them.
import * as vscode from 'vscode';
import { ModelsImport } from '../../shared/protocol/models.ts';
import type { Context } from '../context.ts';
import { window } from '../window.ts';

const sources = [
  { label: '$(file) A GGUF file…', isFolder: false },
  { label: '$(folder) A folder of GGUF files…', isFolder: true },
];

export async function importModel(ctx: Context): Promise<void> {
  // Most systems have no dialog for both.
  const source = await window.showQuickPick(sources, { title: 'Switchyard: import a model from where?' });
  if (!source) return;
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Switchyard: import a model'),
      openLabel: vscode.l10n.t('Import'),
      canSelectFiles: !source.isFolder,
      canSelectFolders: source.isFolder,
      ...(!source.isFolder && { filters: { 'GGUF models': ['gguf'] } }),
    })) ?? [];
  if (!chosen) return;
  const { models } = await ctx.daemon.call(ModelsImport, { path: chosen.fsPath });
  ctx.models.refresh();
  ctx.chat.modelsChanged();
  const names = new Intl.ListFormat(vscode.env.language).format(models);
  void window.showInformationMessage(
    vscode.l10n.t(models.length === 1 ? '{0} is ready to use.' : '{0} are ready to use.', names),
  );
}
