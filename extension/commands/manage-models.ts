// What the rows of the Models view offer for a model: load, unload, keep loaded, delete with undo, copy the ID; and for a download.
import * as vscode from 'vscode';
import { formatBytes } from '../../shared/bytes.ts';
import {
  type Model,
  ModelsConfigure,
  ModelsDelete,
  ModelsDeleted,
  ModelsDiscard,
  ModelsImport,
  ModelsList,
  ModelsLoad,
  ModelsRestore,
  ModelsUnload,
} from '../../shared/protocol/models.ts';
import type { Context } from '../context.ts';
import { window, withCancellableProgress } from '../window.ts';
import { getModel } from './get-model.ts';

export async function refreshModels(ctx: Context): Promise<void> {
  await ctx.daemon.call(ModelsList, { refresh: true });
  ctx.models.refresh();
}

export async function loadModel(ctx: Context, row: unknown): Promise<void> {
  const model = modelOf(row);
  if (!model) return;
  await withCancellableProgress(vscode.l10n.t('Loading {0}', model.id), (_progress, signal) =>
    ctx.daemon.call(ModelsLoad, { model: model.id }, { signal }),
  );
  changed(ctx);
}

export async function unloadModel(ctx: Context, row: unknown): Promise<void> {
  const model = modelOf(row);
  if (!model) return;
  await ctx.daemon.call(ModelsUnload, { model: model.id });
  changed(ctx);
}

export async function keepModel(ctx: Context, row: unknown, isKept: boolean): Promise<void> {
  const model = modelOf(row);
  if (!model) return;
  const value = isKept ? { value: true } : {};
  await ctx.daemon.call(ModelsConfigure, { model: model.id, name: 'keepLoaded', ...value });
  changed(ctx);
  if (isKept && !model.loaded) await loadModel(ctx, row);
}

export async function copyModelId(_ctx: Context, row: unknown): Promise<void> {
  const model = modelOf(row);
  if (model) await vscode.env.clipboard.writeText(model.id);
}

/** A file of the user's own is only taken off the list. */
export async function deleteModel(ctx: Context, row: unknown): Promise<void> {
  const model = modelOf(row);
  if (!model) return;
  const { id } = await ctx.daemon.call(ModelsDelete, { model: model.id });
  changed(ctx);
  const said = model.isOwned
    ? vscode.l10n.t('{0} was deleted.', model.id)
    : vscode.l10n.t("{0} was removed from the list. Its file wasn't deleted.", model.id);
  const choice = await window.showInformationMessage(said, 'Undo');
  if (!choice) return;
  if (id !== undefined) await ctx.daemon.call(ModelsRestore, { id });
  else if (model.file !== undefined) await ctx.daemon.call(ModelsImport, { path: model.file });
  changed(ctx);
}

export async function restoreModel(ctx: Context): Promise<void> {
  const { models } = await ctx.daemon.call(ModelsDeleted, {});
  if (models.length === 0) return void window.showInformationMessage('No deleted models can be restored.');
  const items = models.map(({ id, model, bytes, goneAt }) => ({
    label: model,
    description: formatBytes(bytes),
    detail: vscode.l10n.t(
      'Will be permanently deleted on {0}.',
      new Date(goneAt).toLocaleDateString(vscode.env.language),
    ),
    id,
  }));
  const picked = await window.showQuickPick(items, { title: 'Switchyard: restore which model?' });
  if (!picked) return;
  const { model } = await ctx.daemon.call(ModelsRestore, { id: picked.id });
  changed(ctx);
  void window.showInformationMessage(vscode.l10n.t('{0} was restored.', model));
}

export async function pauseDownload(ctx: Context, row: unknown): Promise<void> {
  const model = downloadOf(row);
  if (model !== undefined) ctx.downloads.pause(model);
}

export async function resumeDownload(ctx: Context, row: unknown): Promise<void> {
  const model = downloadOf(row);
  if (model !== undefined) await getModel(ctx, model);
}

export async function discardDownload(ctx: Context, row: unknown): Promise<void> {
  const model = downloadOf(row);
  if (model === undefined) return;
  await ctx.daemon.call(ModelsDiscard, { model });
  ctx.models.refresh();
}

function changed(ctx: Context): void {
  ctx.models.refresh();
  ctx.chat.modelsChanged();
}

function modelOf(row: unknown): Model | undefined {
  return (row as { model?: Model } | undefined)?.model;
}

function downloadOf(row: unknown): string | undefined {
  return (row as { download?: { model: string } } | undefined)?.download?.model;
}
