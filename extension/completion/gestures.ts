// What the user does with completion beside typing: turns it on and off, snoozes it, and gets a model for it.
import * as vscode from 'vscode';
import type { CompletionState } from '../../shared/protocol/completion.ts';
import { DaemonStatus } from '../../shared/protocol/daemon.ts';
import { ModelsSetup } from '../../shared/protocol/models.ts';
import { getModel } from '../commands/get-model.ts';
import type { Context } from '../context.ts';
import { listedItems } from '../models/found-items.ts';
import { setCompletionEnabled, toggleCompletionLanguage } from '../settings.ts';
import { tellSentence, window } from '../window.ts';

export async function toggleCompletion(ctx: Context): Promise<void> {
  const { state, code } = await stateIn(ctx, undefined);
  await setCompletionEnabled(state === 'off' && code === undefined);
}

export async function toggleCompletionForLanguage(ctx: Context): Promise<void> {
  const document = await openDocument();
  if (!document) return;
  const { state } = await stateIn(ctx, document);
  await toggleCompletionLanguage(document.languageId, state === 'off');
}

export async function toggleCompletionForFile(ctx: Context): Promise<void> {
  const document = await openDocument();
  if (!document) return;
  const { state, code, why } = await stateIn(ctx, document);
  if (state === 'off' && code !== undefined)
    return void tellSentence('showInformationMessage', { message: why ?? '', code });
  ctx.completion.switchFile(document.uri, state === 'off');
}

const snoozes = [
  { label: '5 minutes', minutes: 5 },
  { label: '15 minutes', minutes: 15 },
  { label: '1 hour', minutes: 60 },
];

export async function snoozeCompletion(ctx: Context): Promise<void> {
  const picked = await window.showQuickPick(snoozes, {
    title: 'Switchyard: Snooze Completion',
    placeHolder: 'No suggestions as you type for…',
  });
  if (picked) ctx.completion.snooze(picked.minutes);
}

/** The models of the list that are made for it, the smallest first. */
export async function setUpCompletion(ctx: Context): Promise<void> {
  const { gguf } = await ctx.daemon.call(ModelsSetup, {});
  if (!gguf.available) return void window.showWarningMessage(gguf.detail);
  const made = gguf.downloads
    .filter(({ roles }) => roles.includes('completion'))
    .toSorted((one, other) => one.sizeBytes - other.sizeBytes);
  const picked = await window.showQuickPick(listedItems(made, ''), {
    title: 'Switchyard: Set Up Completion',
    placeHolder:
      'Download a model that suggests code as you type. Smaller ones are faster, larger ones suggest better code.',
    matchOnDetail: true,
  });
  if (picked?.model !== undefined) await getModel(ctx, picked.model);
}

async function openDocument(): Promise<vscode.TextDocument | undefined> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document) await window.showInformationMessage('Open a file first.');
  return document;
}

async function stateIn(ctx: Context, document: vscode.TextDocument | undefined): Promise<CompletionState> {
  const textDocument = document && { uri: document.uri.toString() };
  const { completion } = await ctx.daemon.call(DaemonStatus, { ...(textDocument && { textDocument }) });
  return completion ?? { state: 'off' };
}
