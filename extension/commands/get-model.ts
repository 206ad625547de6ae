// Gets a model: from the list of those that suit this machine, a hub that is searched as one types, an address, or through Ollama.
import * as vscode from 'vscode';
import { ModelsSearch, ModelsSetup } from '../../shared/protocol/models.ts';
import type { Context } from '../context.ts';
import { type FoundItem, fileItems, hubItems, listedItems, typedItems } from '../models/found-items.ts';
import { shownRows, window } from '../window.ts';

export async function downloadModel(ctx: Context): Promise<void> {
  const { gguf } = await ctx.daemon.call(ModelsSetup, {});
  if (!gguf.available) return void window.showWarningMessage(gguf.detail);
  const found = await search(ctx, gguf.downloads);
  const picked = found?.hub
    ? await window.showQuickPick(fileItems(found.hub, vscode.l10n.t), {
        title: vscode.l10n.t('Switchyard: which file of {0}?', found.hub.id),
      })
    : found;
  if (picked?.model !== undefined) await getModel(ctx, picked.model);
}

export async function pullFromOllama(ctx: Context): Promise<void> {
  const name = await window.showInputBox({
    title: 'Switchyard: pull a model through Ollama',
    prompt: "Enter a name from Ollama's library. Ollama downloads and stores the model.",
    placeHolder: 'qwen2.5-coder:1.5b',
  });
  if (name?.trim()) await getModel(ctx, `ollama/${name.trim()}`);
}

/** Downloads a model, or resumes its download. */
export async function getModel(ctx: Context, model: string): Promise<void> {
  const id = await ctx.downloads.run(model);
  if (id === undefined) return;
  ctx.chat.modelsChanged();
  void window.showInformationMessage(vscode.l10n.t('{0} is ready to use.', id));
}

const typingPauseMs = 300;

type Row = vscode.QuickPickItem & FoundItem;

/** Resolves with what is chosen. A hub that can't be searched says why in the list. */
function search(ctx: Context, downloads: Parameters<typeof listedItems>[0]): Promise<FoundItem | undefined> {
  const list = vscode.window.createQuickPick<Row>();
  const { promise, resolve } = Promise.withResolvers<FoundItem | undefined>();
  let asking = new AbortController();
  const show = (found: readonly Row[]): void => {
    const listed = listedItems(downloads, list.value);
    list.items = shownRows([
      ...rows([...typedItems(list.value, vscode.l10n.t), ...listed]),
      ...(found.length > 0 ? [{ label: 'Hub', kind: vscode.QuickPickItemKind.Separator, description: '' }] : []),
      ...found,
    ]);
  };
  const look = async (query: string, signal: AbortSignal): Promise<void> => {
    const found = await foundOnHub(ctx, query, signal);
    if (signal.aborted) return;
    list.busy = false;
    show(found);
  };
  list.title = vscode.l10n.t('Switchyard: Download Model');
  list.placeholder = vscode.l10n.t('Type to search, or enter the https address of a GGUF file');
  list.onDidChangeValue((value) => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const query = value.trim();
    list.busy = isSearch(query);
    show([]);
    if (isSearch(query)) setTimeout(() => void (!signal.aborted && look(query, signal)), typingPauseMs);
  });
  list.onDidAccept(() => {
    const [row] = list.selectedItems;
    if (row && (row.model !== undefined || row.hub)) resolve(row);
  });
  list.onDidHide(() => resolve(undefined));
  show([]);
  list.show();
  return promise.finally(() => {
    asking.abort();
    list.dispose();
  });
}

function isSearch(query: string): boolean {
  return query.length > 1 && typedItems(query).length === 0;
}

async function foundOnHub(ctx: Context, query: string, signal: AbortSignal): Promise<Row[]> {
  try {
    const { models } = await ctx.daemon.call(ModelsSearch, { query }, { signal });
    const items = hubItems(models, vscode.l10n.t);
    return rows(items.length > 0 ? items : [{ label: 'No matches', description: '' }]);
  } catch (error) {
    return rows([{ label: `$(warning) ${error instanceof Error ? error.message : String(error)}`, description: '' }]);
  }
}

/** The list must not hide rows that match what is typed by other words than their own. */
function rows(items: readonly FoundItem[]): Row[] {
  return items.map((item) => ({ ...item, alwaysShow: true }));
}
