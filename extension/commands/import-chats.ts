// Imports chats of other programs, or of a Switchyard elsewhere, out of a file or a folder that the user names.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { describeImport, importChats as runImport } from '../../daemon/transfer/importing.ts';
import { ChatImport } from '../../shared/protocol/transfer.ts';
import type { Context } from '../context.ts';
import { DaemonError } from '../daemon-client.ts';
import { window, withCancellableProgress } from '../window.ts';
import { asDaemonErrors } from './transfer-errors.ts';

const maxToldInMessage = 1; // lines; more of them are a document

export async function importChats(ctx: Context): Promise<void> {
  const path = await pickPlace();
  if (path === undefined) return;
  const report = await withCancellableProgress('Importing chats', (progress, signal) =>
    asDaemonErrors(() =>
      runImport({
        path,
        from: 'auto',
        signal,
        send: (params, onPart) => ctx.daemon.call(ChatImport, params, { signal, onPart }),
        isAboutChat: (error) => error instanceof DaemonError && error.code === 'bad-chat',
        onProgress: ({ found }, within) =>
          progress.report({
            message: within
              ? `${found} chats, ${within.taken} of ${within.total} messages of this one`
              : `${found} chats`,
          }),
      }),
    ),
  );
  ctx.history.reload();
  const lines = describeImport(report, false);
  if (lines.length <= maxToldInMessage) void window.showInformationMessage(lines.join(' '));
  else await ctx.documents.showReport('Imported Chats.md', ['# Imported Chats', ...lines].join('\n\n'));
}

/** What is on this machine already is offered by name; a dialog cannot choose between files and folders everywhere. */
async function pickPlace(): Promise<string | undefined> {
  const sessions = join(homedir(), '.continue', 'sessions');
  const items = [
    ...(existsSync(sessions) ? [{ label: 'Continue', description: sessions, path: sessions, folders: false }] : []),
    {
      label: 'A file…',
      description: 'an export of Switchyard, ChatGPT, claude.ai, or Copilot Chat',
      path: undefined,
      folders: false,
    },
    {
      label: 'A folder…',
      description: 'sessions of Claude Code, Codex, Continue, or Cline, or an unpacked export',
      path: undefined,
      folders: true,
    },
  ];
  const picked = await window.showQuickPick(items, { title: 'Switchyard: import chats from where?' });
  if (!picked || picked.path !== undefined) return picked?.path;
  const { folders } = picked;
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: 'Switchyard: import chats',
      openLabel: 'Import',
      canSelectFiles: !folders,
      canSelectFolders: folders,
      ...(!folders && { filters: { Chats: ['json', 'jsonl', 'zip'] } }),
    })) ?? [];
  return chosen?.fsPath;
}
