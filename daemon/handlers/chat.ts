// Wire <-> domain for chats. Translates, calls one domain function, translates back; decides nothing.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  Attachment, ChatCreate, ChatDelete, ChatExport, ChatFork, ChatList, ChatMessages, ChatPart, ChatRename, ChatSend, ChatStop, Message,
} from '../../shared/protocol/chat.ts';
import { UserError } from '../base/errors.ts';
import type { ReplyPart } from '../chat/turn.ts';
import type { PageRequest, StoredMessage, Sum } from '../memory/memory.ts';
import type { Services } from '../services.ts';
import type { Handler } from '../handler.ts';

export const handleChatSend: Handler<typeof ChatSend> = async (params, { session, services, signal, emit }) => {
  await refuseIgnored(params.attachments ?? [], { roots: session.roots, ignore: services.ignore });
  const { chatId, text, attachments = [], model, mode, retryOf, fastest } = params;
  const turn = { chatId, text, model, mode, retryOf, fastest, policy: session.options.policy, workspace: session.roots[0], attachments: attachments.map(fromAttachment) };
  using running = services.turns.begin(chatId);
  const onPart = (part: ReplyPart): void => {
    if (part.kind === 'decision') running.chosen(part.chatId, part.decision.model);
    emit(toPart(part));
  };
  const reply = await services.chat.reply(turn, { signal: AbortSignal.any([signal, running.signal]), onPart });
  const { cost, ...rest } = reply;
  return { ...rest, ...(cost !== undefined && { cost }) };
};

/** What the project keeps to itself is not sent to a model, whoever attached it. */
async function refuseIgnored(attachments: readonly Attachment[], { roots, ignore }: { roots: readonly string[]; ignore: Services['ignore'] }): Promise<void> {
  for (const { uri } of attachments.filter((attachment) => attachment.uri.startsWith('file:'))) {
    const root = roots.find((folder) => uri.startsWith(`${folder}/`));
    const path = fileURLToPath(uri);
    const { ignored, by } = await ignore.isIgnored(path, root ? fileURLToPath(root) : dirname(path));
    if (ignored) throw new UserError('ignored-file', `${path} was not attached: ${by ?? 'an ignore file'} keeps it from models. Attach something else, or change that rule.`);
  }
}

function fromAttachment({ kind, uri, text, range, languageId }: Attachment) {
  return { kind, uri, text, ...(range && { range }), ...(languageId && { languageId }) };
}

function toPart(part: ReplyPart): ChatPart {
  if (part.kind !== 'tool-call') return part;
  return { kind: 'tool', id: part.id, name: part.name, arguments: part.arguments };
}

export const handleChatStop: Handler<typeof ChatStop> = async ({ chatId }, { services }) => ({ stopped: await services.turns.stop(chatId) });

export const handleChatCreate: Handler<typeof ChatCreate> = async ({ title, model }, { services }) => {
  const chat = await services.chat.conversations.createChat({ ...(title && { title }), ...(model && { model }) });
  return { chatId: chat.id };
};

export const handleChatRename: Handler<typeof ChatRename> = async ({ chatId, title, model }, { services }) => {
  await services.chat.conversations.updateChat(chatId, { ...(title && { title }), ...(model !== undefined && { model }) });
  return {};
};

export const handleChatDelete: Handler<typeof ChatDelete> = async ({ chatId }, { services }) => {
  await services.chat.conversations.deleteChat(chatId);
  return {};
};

export const handleChatFork: Handler<typeof ChatFork> = async ({ chatId, messageId }, { services }) => {
  return { chatId: (await services.chat.conversations.forkChat(chatId, messageId)).id };
};

export const handleChatList: Handler<typeof ChatList> = async (params, { services }) => {
  const { items, next } = await services.chat.conversations.listChats(pageOf(params));
  return { chats: items, ...(next && { next }) };
};

export const handleChatMessages: Handler<typeof ChatMessages> = async ({ chatId, ...page }, { services }) => {
  const { items, next } = await services.chat.conversations.messages(chatId, pageOf(page));
  const answers = items.filter(({ role }) => role === 'assistant').map(({ id }) => id);
  const sums = answers.length === 0 ? [] : await services.memory.ledger.sums({ by: 'answer', answers });
  const spent = new Map(sums.map((sum) => [sum.key, sum]));
  const messages = items.map((message) => toMessage(message, spent.get(message.id)));
  return { messages: await Promise.all(messages.map((message) => withThumbs(message, services))), ...(next && { next }) };
};

export const handleChatExport: Handler<typeof ChatExport> = async ({ chatId, format }, { services }) => {
  return { text: await services.chat.export(chatId, format) };
};

function pageOf({ cursor, limit }: { cursor?: string | undefined; limit?: number | undefined }): PageRequest {
  return { ...(cursor && { cursor }), ...(limit && { limit }) };
}

/** Storage keeps the JSON-shaped fields as they were given; they were given by us. */
function toMessage(stored: StoredMessage, spent: Sum | undefined): Message {
  return { ...(stored as Message), ...(spent?.unknown === 0 && { cost: spent.costUsd }) };
}

/** What the user thought of an answer stands in its decision's record, which may be gone. */
async function withThumbs(message: Message, { routing }: Services): Promise<Message> {
  const id = message.decision?.id;
  const thumbs = id === undefined ? undefined : await routing.decision(id).then(({ outcome }) => outcome?.thumbs, () => undefined);
  return thumbs ? { ...message, thumbs } : message;
}
