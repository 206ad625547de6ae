// Exports chats as Markdown, a file each, or as one JSON document that can be imported elsewhere.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { type Ask, allChats, documentOf, type NamedChat, pagesReader } from '../../daemon/transfer/exporting.ts';
import { writePieces } from '../../daemon/transfer/files.ts';
import { fileNameOf, toMarkdown } from '../../daemon/transfer/markdown.ts';
import type { Context } from '../context.ts';
import { type Progress, window, withCancellableProgress } from '../window.ts';
import { asDaemonErrors } from './transfer-errors.ts';

/** No chats named means all. */
interface ExportChoice {
  chats: readonly NamedChat[] | undefined;
  format: 'markdown' | 'json';
  path: string;
}

/** `which` is `all` where the gesture said so already; else the user is asked. */
export async function exportChats(ctx: Context, which?: unknown): Promise<void> {
  const chats = which === 'all' ? which : await pickChats((message, params) => ctx.daemon.call(message, params));
  const format = chats && (await pickFormat());
  const path = format && (await pickPath(format));
  if (!path) return;
  const choice: ExportChoice = { chats: chats === 'all' ? undefined : chats, format, path };
  const count = await withCancellableProgress('Exporting chats', (progress, signal) =>
    asDaemonErrors(() =>
      write(choice, { ask: (message, params) => ctx.daemon.call(message, params, { signal }), progress, signal }),
    ),
  );
  void window.showInformationMessage(
    vscode.l10n.t(count === 1 ? '1 chat is in {1}.' : '{0} chats are in {1}.', count, path),
  );
}

/** Returns how many chats were written. */
async function write(
  { chats, format, path }: ExportChoice,
  { ask, progress, signal }: { ask: Ask; progress: Progress; signal: AbortSignal },
): Promise<number> {
  let count = 0;
  const onChat = ({ title }: NamedChat): void => {
    count++;
    progress.report({ message: title });
  };
  if (format === 'json') {
    await writePieces(path, documentOf(ask, chats ?? allChats(ask), onChat), signal);
    return count;
  }
  for await (const chat of chats ?? allChats(ask)) {
    onChat(chat);
    await writePieces(
      join(path, fileNameOf(chat.id, chat.title)),
      toMarkdown(chat.id, pagesReader(ask, chat.id)),
      signal,
    );
  }
  return count;
}

const maxListed = 1000;

async function pickChats(ask: Ask): Promise<NamedChat[] | 'all' | undefined> {
  const listed: NamedChat[] = [];
  for await (const chat of allChats(ask)) {
    listed.push(chat);
    if (listed.length === maxListed) break;
  }
  if (listed.length === 0) return void window.showInformationMessage('There are no chats to export.');
  const all = { label: '$(checklist) All chats', chat: undefined };
  const items = [all, ...listed.map((chat) => ({ label: chat.title || 'New chat', chat }))];
  const picked = await window.showQuickPick(items, {
    title: 'Switchyard: export which chats?',
    canPickMany: true,
  });
  if (!picked || picked.length === 0) return undefined;
  return picked.includes(all) ? 'all' : picked.flatMap(({ chat }) => chat ?? []);
}

async function pickFormat(): Promise<ExportChoice['format'] | undefined> {
  const items = [
    { label: 'Markdown', description: 'For reading: one file for each chat', format: 'markdown' as const },
    {
      label: 'JSON',
      description: 'For importing elsewhere: one file with every version of every message',
      format: 'json' as const,
    },
  ];
  return (await window.showQuickPick(items, { title: 'Switchyard: choose an export format' }))?.format;
}

async function pickPath(format: ExportChoice['format']): Promise<string | undefined> {
  if (format === 'json')
    return (
      await vscode.window.showSaveDialog({
        title: vscode.l10n.t('Switchyard: export chats'),
        saveLabel: vscode.l10n.t('Export'),
        filters: { JSON: ['json'] },
      })
    )?.fsPath;
  const [folder] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Switchyard: export chats to a folder'),
      openLabel: vscode.l10n.t('Export'),
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  return folder?.fsPath;
}
