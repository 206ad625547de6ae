// Wire <-> domain for chats that are exported and imported. An answer's cost and decision go along; ids of records do not.
import type { ChatExport, Decision } from '../../shared/protocol/chat.ts';
import type { Params, Result } from '../../shared/protocol/define.ts';
import type { ChatImport, ChatTree, TransferredMessage } from '../../shared/protocol/transfer.ts';
import type { DaemonShapes } from '../services.ts';
import type { ImportedChat } from '../storage/import.ts';
import type { Sum } from '../storage/ledger.ts';
import type { TreeMessage } from '../storage/messages.ts';
import type { ProfileStorage } from '../storage/storage.ts';
import { type ReadPage, toDocument } from '../transfer/document.ts';
import { toMarkdown } from '../transfer/markdown.ts';
import type { Handler } from './handler.ts';

export const handleChatTree: Handler<typeof ChatTree> = (params, { storage }) => chatPage(params, storage);

async function chatPage(
  { chatId, cursor, limit }: Params<typeof ChatTree>,
  { chats, ledger, projects }: ProfileStorage<DaemonShapes>,
): Promise<Result<typeof ChatTree>> {
  const [
    { id, title, model, projectId, createdAt, updatedAt, origin = { source: 'switchyard', id } },
    { items, next },
  ] = await Promise.all([
    chats.chat(chatId),
    chats.tree(chatId, { ...(cursor && { cursor }), ...(limit && { limit }) }),
  ]);
  const answers = items.filter(({ role }) => role === 'assistant').map((message) => message.id);
  const sums = answers.length === 0 ? [] : await ledger.sums({ by: 'answer', answers });
  const spent = new Map(sums.map((sum) => [sum.key, sum]));
  const messages = items.map((message) => transferred(message, spent.get(message.id)));
  const project = projectId !== undefined && (await projects.list()).find((known) => known.id === projectId);
  const madeIn = project && { project: { id: project.id, folder: project.path } };
  return {
    chat: { title, ...(model !== undefined && { model }), createdAt, updatedAt, origin, ...madeIn },
    messages,
    ...(next && { next }),
  };
}

/** The whole text at once, for a view. Other clients read pages and write as they read. */
export const handleChatExport: Handler<typeof ChatExport> = async ({ chatId, format }, { storage }) => {
  const read: ReadPage = (cursor) => chatPage({ chatId, limit: 200, cursor }, storage);
  const pieces: string[] = [];
  for await (const piece of format === 'json' ? toDocument([read]) : toMarkdown(chatId, read)) pieces.push(piece);
  return { text: pieces.join('') };
};

export const handleChatImport: Handler<typeof ChatImport, 'sessionProfiles'> = async (
  { chat: { project, ...chat }, dryRun = false },
  { session, services, storage, signal, emit },
) => {
  const projectId = project && (await services.sessionProfiles.projectMadeIn(session, project, { makes: !dryRun }));
  const messages = chat.messages.map((message) => ({
    ...message,
    ...(message.decision && { decision: unrecorded(message.decision) }),
  }));
  const total = messages.length;
  return storage.chats.importChat(
    { ...chat, ...(projectId !== undefined && { projectId }), messages } as ImportedChat<DaemonShapes>,
    {
      dryRun,
      signal,
      onProgress: (taken) => emit({ kind: 'messages', taken, total }),
    },
  );
};

/** An answer that still streams is exported as a partial one. */
function transferred(stored: TreeMessage<DaemonShapes>, spent: Sum | undefined): TransferredMessage {
  const { status, decision } = stored;
  return {
    ...stored,
    status: status === 'streaming' ? 'partial' : status,
    ...(decision && { decision: unrecorded(decision) }),
    ...(spent?.unknown === 0 && { cost: spent.costUsd }),
  };
}

/** A decision without the id of its record, which stays where it was made. */
function unrecorded({ id: _, ...decision }: Decision): Decision {
  return decision;
}
