// Wire <-> domain for chats.
import type {
  ChatBranch,
  ChatChanges,
  ChatCreate,
  ChatDelete,
  ChatFork,
  ChatList,
  ChatMessages,
  ChatPart,
  ChatPin,
  ChatRename,
  ChatSend,
  ChatStop,
  Message,
  SentAttachment,
} from '../../shared/protocol/chat.ts';
import type { ReplyPart } from '../features/chat/chat.ts';
import type { DaemonShapes } from '../services.ts';
import type { DecisionLog } from '../storage/decisions.ts';
import type { Sum } from '../storage/ledger.ts';
import type { StoredMemory } from '../storage/memories.ts';
import type { StoredMessage } from '../storage/messages.ts';
import type { PageRequest } from '../storage/pages.ts';
import type { Handler } from './handler.ts';
import { toWireMemory } from './memories.ts';

export const handleChatSend: Handler<typeof ChatSend, 'chat'> = async (
  { profileId: _checked, attachments = [], ...message },
  { session: sender, services, profile, signal, emit },
) => {
  const { cost, ...reply } = await services.chat.send(
    { ...message, attachments: attachments.map(fromAttachment) },
    { sender, profile, signal, onPart: (part) => emit(toPart(part)) },
  );
  return { ...reply, ...(cost !== undefined && { cost }) };
};

function fromAttachment({ kind, uri, text, range, languageId, picture, data }: SentAttachment) {
  const shown = { ...(picture && { picture }), ...(data !== undefined && { data }) };
  return {
    kind,
    uri,
    text,
    ...(range && { range }),
    ...(languageId && { languageId }),
    ...(kind === 'image' && shown),
  };
}

function toPart(part: ReplyPart): ChatPart {
  if (part.kind === 'memory') return { kind: 'memory', memory: toWireMemory(part.memory) };
  if (part.kind !== 'tool-call') return part;
  return { kind: 'tool', id: part.id, name: part.name, arguments: part.arguments };
}

export const handleChatStop: Handler<typeof ChatStop, 'turns' | 'jobs'> = async (
  { chatId },
  { services, profile, storage },
) => {
  await storage.chats.chat(chatId); // only the profile that has the chat may stop it
  const stopped = await Promise.all([services.jobs.cancelIn(profile, chatId), services.turns.stop(chatId)]);
  return { stopped: stopped.includes(true) };
};

export const handleChatCreate: Handler<typeof ChatCreate, 'sessionProfiles' | 'titles'> = async (
  { title, model },
  { session, services, storage },
) => {
  const project = await services.sessionProfiles.projectOf(session);
  const chat = await storage.chats.createChat({
    ...(title && { title }),
    ...(model && { model }),
    ...(project && { projectId: project.id }),
  });
  if (title) services.titles.settle(chat.id);
  return { chatId: chat.id };
};

export const handleChatRename: Handler<typeof ChatRename, 'titles'> = async (
  { chatId, title, model },
  { services, storage },
) => {
  if (title) services.titles.settle(chatId);
  await storage.chats.updateChat(chatId, { ...(title && { title }), ...(model !== undefined && { model }) });
  return {};
};

export const handleChatDelete: Handler<typeof ChatDelete, 'idle' | 'inference'> = async (
  { chatId },
  { services, storage },
) => {
  await storage.chats.deleteChat(chatId);
  services.idle.forget(chatId);
  await services.inference.forget({ key: chatId });
  return {};
};

export const handleChatFork: Handler<typeof ChatFork> = async ({ chatId, messageId }, { storage }) => {
  const fork = await storage.chats.forkChat(chatId, messageId);
  return { chatId: fork.id };
};

export const handleChatList: Handler<typeof ChatList, 'sessionProfiles'> = async (
  { projectId, language, ...page },
  { session, services, profile, storage },
) => {
  const [{ items, next }, modelOf] = await Promise.all([
    storage.chats.listChats({ ...pageOf(page), ...(projectId && { projectId }), ...(language && { language }) }),
    services.sessionProfiles.modelRule(session, profile),
  ]);
  const chats = items.map((chat) => ({ ...chat, effective: modelOf({ chat: chat.model }) }));
  return { chats, ...(next && { next }) };
};

export const handleChatMessages: Handler<typeof ChatMessages, 'sessionProfiles'> = async (
  { chatId, around, ...page },
  { session, services, profile, storage: { chats, ledger, decisions, memories } },
) => {
  const [{ items, next }, chat, modelOf] = await Promise.all([
    chats.messages(chatId, { ...pageOf(page), ...(around && { around }) }),
    chats.chat(chatId),
    services.sessionProfiles.modelRule(session, profile),
  ]);
  const answers = items.filter(({ role }) => role === 'assistant').map(({ id }) => id);
  const sums = answers.length === 0 ? [] : await ledger.sums({ by: 'answer', answers });
  const spent = new Map(sums.map((sum) => [sum.key, sum]));
  const proposed = await memories.proposals(items.filter(({ role }) => role === 'user').map(({ id }) => id));
  const messages = items.map((message, index) => ({
    ...toMessage(message, spent.get(message.id)),
    ...proposalFor(message, items[index - 1], proposed),
  }));
  return {
    messages: await Promise.all(messages.map((message) => withThumbs(message, decisions))),
    effective: modelOf({ chat: chat.model }),
    ...(next && { next }),
  };
};

export const handleChatBranch: Handler<typeof ChatBranch> = async ({ chatId, messageId, version }, { storage }) => {
  const chosen = await storage.chats.chooseVersion(chatId, messageId, version);
  return { messageId: chosen.id };
};

export const handleChatPin: Handler<typeof ChatPin> = async ({ messageId, pinned }, { storage }) => {
  await storage.chats.pin(messageId, pinned);
  return {};
};

const maxTurnsShown = 40; // whose attachments an answer may name

export const handleChatChanges: Handler<typeof ChatChanges, 'changeSets'> = async (
  { chatId, messageId },
  { session, services, storage: { chats }, signal },
) => {
  const { messages } = await chats.thread(chatId, messageId, maxTurnsShown);
  const { text = '', decision } = messages.at(-1) ?? {};
  const set = await services.changeSets.read({
    answer: text,
    roots: session.roots,
    shown: messages.flatMap(({ attachments = [] }) => attachments.map(({ uri }) => uri)),
    openDocument: (uri) => (session.document(uri) ? session.snippet({ uri }) : undefined),
    signal,
  });
  return { ...set, ...(decision?.id !== undefined && { decisionId: decision.id }) };
};

function pageOf({ cursor, limit }: { cursor?: string | undefined; limit?: number | undefined }): PageRequest {
  return { ...(cursor && { cursor }), ...(limit && { limit }) };
}

function toMessage(stored: StoredMessage<DaemonShapes>, spent: Sum | undefined): Message {
  const jobId = stored.context?.jobId;
  return { ...stored, ...(jobId !== undefined && { jobId }), ...(spent?.unknown === 0 && { cost: spent.costUsd }) };
}

/** A memory that is proposed from a question stands under its answer. */
function proposalFor(
  { role }: StoredMessage,
  before: StoredMessage | undefined,
  proposed: readonly StoredMemory[],
): Pick<Message, 'proposal'> {
  const memory = role === 'assistant' ? proposed.find(({ messageId }) => messageId === before?.id) : undefined;
  return memory ? { proposal: toWireMemory(memory) } : {};
}

/** The user's rating of an answer stands in its decision's record, which may be gone. */
async function withThumbs(message: Message, decisions: DecisionLog<DaemonShapes>): Promise<Message> {
  const id = message.decision?.id;
  const thumbs =
    id === undefined
      ? undefined
      : await decisions.decision(id).then(
          ({ outcome }) => outcome?.thumbs,
          () => undefined,
        );
  return thumbs ? { ...message, thumbs } : message;
}
