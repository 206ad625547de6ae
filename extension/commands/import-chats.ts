// Imports chats of other programs, or of a Switchyard elsewhere, out of a file or a folder that the user names.
import * as vscode from 'vscode';
import { type FoundPlace, placesHere } from '../../daemon/transfer/found-here.ts';
import { describeImport, importChats as runImport } from '../../daemon/transfer/importing.ts';
import { findPlace, programs } from '../../daemon/transfer/places.ts';
import {
  importedKeys,
  keyOf,
  type ListedChat,
  messageCount,
  type Survey,
  survey,
} from '../../daemon/transfer/survey.ts';
import { ChatList } from '../../shared/protocol/chat.ts';
import { ChatImport } from '../../shared/protocol/transfer.ts';
import type { Context } from '../context.ts';
import { DaemonError } from '../daemon-client.ts';
import { window, withCancellableProgress } from '../window.ts';
import { asDaemonErrors } from './transfer-errors.ts';

const maxToldInMessage = 1; // lines; more of them are a document

export async function importChats(ctx: Context): Promise<void> {
  const found = await pickPlace();
  if (!found) return;
  const chats = await pickChats(found, await surveyOf(ctx, found));
  if (!chats) return;
  const report = await withCancellableProgress('Importing chats', (progress, signal) =>
    asDaemonErrors(() =>
      runImport({
        ...found,
        from: 'auto',
        ...(chats !== 'all' && { wants: (chat) => chats.has(keyOf(chat)) }),
        signal,
        send: (params, onPart) => ctx.daemon.call(ChatImport, params, { signal, onPart }),
        isAboutChat: (error) => error instanceof DaemonError && error.code === 'bad-chat',
        onProgress: ({ found }, within) =>
          progress.report({
            message: within
              ? vscode.l10n.t('{0} chats, {1} of {2} messages of this one', found, within.taken, within.total)
              : vscode.l10n.t(found === 1 ? '1 chat' : '{0} chats', found),
          }),
      }),
    ),
  );
  ctx.history.reload();
  const lines = describeImport(report, false);
  if (lines.length <= maxToldInMessage) void window.showInformationMessage(lines.join(' '));
  else await ctx.documents.showReport('Imported Chats.md', ['# Imported Chats', ...lines].join('\n\n'));
}

/** What is in a place, chat by chat. */
function surveyOf(ctx: Context, { place }: FoundPlace): Thenable<Survey> {
  return withCancellableProgress('Reading chats', (_, signal) =>
    asDaemonErrors(async () => {
      const known = await importedKeys((params) => ctx.daemon.call(ChatList, params, { signal }));
      return await survey(place, known, signal);
    }),
  );
}

/** The keys of the chosen chats, or all there are, the unreadable ones included; undefined where the user wants none. */
async function pickChats({ place }: FoundPlace, { chats }: Survey): Promise<ReadonlySet<string> | 'all' | undefined> {
  if (chats.length <= 1) return 'all';
  const items = chats.map((chat) => ({ ...itemOf(chat), picked: !chat.isKnown, key: chat.key }));
  const picked = await window.showQuickPick(items, {
    canPickMany: true,
    matchOnDescription: true,
    title: vscode.l10n.t('Switchyard: which chats of {0}?', programs[place.source]),
  });
  if (!picked || picked.length === 0) return undefined;
  return picked.length === items.length ? 'all' : new Set(picked.map(({ key }) => key));
}

function itemOf({ title, updatedAt, messages, isKnown }: ListedChat): vscode.QuickPickItem {
  const about = [new Date(updatedAt).toLocaleDateString(), messageCount(messages)];
  return {
    label: title || 'Untitled',
    description: [...about, ...(isKnown ? [vscode.l10n.t('already imported')] : [])].join(' · '),
  };
}

/** What is on this machine already is offered by name; a dialog cannot choose between files and folders everywhere. */
async function pickPlace(): Promise<FoundPlace | undefined> {
  const picked = await window.showQuickPick(offeredPlaces(), {
    title: 'Switchyard: import chats from where?',
  });
  if (!picked) return undefined;
  if ('found' in picked) return picked.found;
  const { folders } = picked;
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Switchyard: import chats'),
      openLabel: vscode.l10n.t('Import'),
      canSelectFiles: !folders,
      canSelectFolders: folders,
      ...(!folders && { filters: { Chats: ['json', 'jsonl', 'zip'] } }),
    })) ?? [];
  if (!chosen) return undefined;
  const path = chosen.fsPath;
  return { path, place: await asDaemonErrors(() => findPlace(path, 'auto')) };
}

type OfferedPlace = vscode.QuickPickItem & ({ found: FoundPlace } | { folders: boolean });

async function offeredPlaces(): Promise<OfferedPlace[]> {
  const here = await placesHere();
  return [
    ...here.map((found) => ({ label: programs[found.place.source], description: found.path, found })),
    { label: 'A file…', description: 'an export of Switchyard, ChatGPT, claude.ai, or Copilot Chat', folders: false },
    {
      label: 'A folder…',
      description: 'sessions of Claude Code, Codex, Continue, or Cline, or an unpacked export',
      folders: true,
    },
  ];
}
