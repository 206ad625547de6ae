// Wire <-> domain for chats. Translates, calls one domain function, translates back; decides nothing.
import { tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  Attachment,
  ChatBranch,
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
  EffectiveModel,
  Message,
} from '../../shared/protocol/chat.ts';
import type { AnyRequest } from '../../shared/protocol/define.ts';
import { UserError } from '../base/errors.ts';
import type { ReplyPart } from '../features/chat/turn.ts';
import { effectiveModel } from '../features/profiles/model.ts';
import type { DaemonShapes, Services } from '../services.ts';
import type { StoredChat } from '../storage/chats.ts';
import type { DecisionLog } from '../storage/decisions.ts';
import type { Sum } from '../storage/ledger.ts';
import type { StoredMemory } from '../storage/memories.ts';
import type { StoredMessage } from '../storage/messages.ts';
import type { PageRequest } from '../storage/pages.ts';
import type { ProfileStorage } from '../storage/storage.ts';
import type { Call, Handler } from './handler.ts';
import { toMemory } from './memories.ts';
import { ownProfile } from './own-profile.ts';

export const handleChatSend: Handler<typeof ChatSend> = async (params, call) => {
  const { session, services, signal, emit } = call;
  const { chatId, text, attachments = [], model, mode, retryOf, editOf, fastest } = params;
  const profile = await ownProfile(call, params.profileId);
  await refuseDenied(attachments, services.ignore);
  await refuseIgnored(attachments, { roots: session.roots, ignore: services.ignore });
  const found = await services.contexts.gather({ text, attached: attachments }, { asker: session, profile, signal });
  const projectId = chatId === undefined ? (await services.sessionProfiles.projectOf(session))?.id : undefined;
  const turn = {
    profile,
    chatId,
    projectId,
    text,
    model,
    mode,
    retryOf,
    editOf,
    fastest,
    workspaceModel: session.options.model,
    policy: session.options.policy,
    workspace: session.roots[0],
    attachments: [...attachments.map(fromAttachment), ...found.attachments],
    notes: found.notes,
  };
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
async function refuseIgnored(
  attachments: readonly Attachment[],
  { roots, ignore }: { roots: readonly string[]; ignore: Services['ignore'] },
): Promise<void> {
  for (const { uri } of attachments.filter((attachment) => attachment.uri.startsWith('file:'))) {
    const root = roots.find((folder) => uri.startsWith(`${folder}/`));
    const path = fileURLToPath(uri);
    const { ignored, by } = await ignore.isIgnored(path, root ? fileURLToPath(root) : dirname(path));
    if (ignored)
      throw new UserError(
        'ignored-file',
        `${path} was not attached: ${by ?? 'an ignore file'} keeps it from models. Attach something else, or change that rule.`,
      );
  }
}

/** Of what was dropped on a view only the name is known. */
async function refuseDenied(attachments: readonly Attachment[], ignore: Services['ignore']): Promise<void> {
  for (const { uri } of attachments.filter((attachment) => attachment.uri.startsWith('dropped:'))) {
    const name = basename(decodeURIComponent(uri.slice('dropped:'.length)));
    const { ignored, by } = await ignore.isIgnored(name, tmpdir());
    if (ignored)
      throw new UserError('ignored-file', `${name} was not attached: ${by ?? 'a rule'} keeps it from models.`);
  }
}

function fromAttachment({ kind, uri, text, range, languageId }: Attachment) {
  return { kind, uri, text, ...(range && { range }), ...(languageId && { languageId }) };
}

function toPart(part: ReplyPart): ChatPart {
  if (part.kind === 'memory') return { kind: 'memory', memory: toMemory(part.memory) };
  if (part.kind !== 'tool-call') return part;
  return { kind: 'tool', id: part.id, name: part.name, arguments: part.arguments };
}

export const handleChatStop: Handler<typeof ChatStop> = async ({ chatId }, call) => {
  await (await memoryFor(call)).chats.chat(chatId); // only the profile it is in may stop it
  return { stopped: await call.services.turns.stop(chatId) };
};

export const handleChatCreate: Handler<typeof ChatCreate> = async ({ profileId, title, model }, call) => {
  const { chats } = await memoryFor(call, profileId);
  const project = await call.services.sessionProfiles.projectOf(call.session);
  const chat = await chats.createChat({
    ...(title && { title }),
    ...(model && { model }),
    ...(project && { projectId: project.id }),
  });
  return { chatId: chat.id };
};

export const handleChatRename: Handler<typeof ChatRename> = async ({ chatId, title, model }, call) => {
  const { chats } = await memoryFor(call);
  await chats.updateChat(chatId, { ...(title && { title }), ...(model !== undefined && { model }) });
  return {};
};

export const handleChatDelete: Handler<typeof ChatDelete> = async ({ chatId }, call) => {
  await (await memoryFor(call)).chats.deleteChat(chatId);
  return {};
};

export const handleChatFork: Handler<typeof ChatFork> = async ({ chatId, messageId }, call) => {
  return { chatId: (await (await memoryFor(call)).chats.forkChat(chatId, messageId)).id };
};

export const handleChatList: Handler<typeof ChatList> = async ({ profileId, projectId, language, ...page }, call) => {
  const { chats } = await memoryFor(call, profileId);
  const [{ items, next }, nameModel] = await Promise.all([
    chats.listChats({ ...pageOf(page), ...(projectId && { projectId }), ...(language && { language }) }),
    modelNamer(call),
  ]);
  return { chats: items.map((chat) => ({ ...chat, effective: nameModel(chat) })), ...(next && { next }) };
};

export const handleChatMessages: Handler<typeof ChatMessages> = async ({ chatId, around, ...page }, call) => {
  const { chats, ledger, decisions, memories } = await memoryFor(call);
  const [{ items, next }, chat, nameModel] = await Promise.all([
    chats.messages(chatId, { ...pageOf(page), ...(around && { around }) }),
    chats.chat(chatId),
    modelNamer(call),
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
    effective: nameModel(chat),
    ...(next && { next }),
  };
};

export const handleChatBranch: Handler<typeof ChatBranch> = async ({ chatId, messageId, version }, call) => {
  return { messageId: (await (await memoryFor(call)).chats.chooseVersion(chatId, messageId, version)).id };
};

export const handleChatPin: Handler<typeof ChatPin> = async ({ messageId, pinned }, call) => {
  await (await memoryFor(call)).chats.pin(messageId, pinned);
  return {};
};

type Asking = Pick<Call<AnyRequest>, 'session' | 'services'>;

async function memoryFor(call: Asking, profileId?: string): Promise<ProfileStorage<DaemonShapes>> {
  return call.services.storage.in(await ownProfile(call, profileId));
}

/** Says which model is meant for a chat's next answer, unless its message names one. */
async function modelNamer(call: Asking): Promise<(chat: StoredChat) => EffectiveModel> {
  const profile = await call.services.storage.profiles.find(await ownProfile(call));
  return (chat) => effectiveModel({ chat: chat.model, profile: profile.model, workspace: call.session.options.model });
}

function pageOf({ cursor, limit }: { cursor?: string | undefined; limit?: number | undefined }): PageRequest {
  return { ...(cursor && { cursor }), ...(limit && { limit }) };
}

function toMessage(stored: StoredMessage<DaemonShapes>, spent: Sum | undefined): Message {
  return { ...stored, ...(spent?.unknown === 0 && { cost: spent.costUsd }) };
}

/** What a question says that may be remembered stands under its answer. */
function proposalFor(
  { role }: StoredMessage,
  before: StoredMessage | undefined,
  proposed: readonly StoredMemory[],
): Pick<Message, 'proposal'> {
  const memory = role === 'assistant' ? proposed.find(({ messageId }) => messageId === before?.id) : undefined;
  return memory ? { proposal: toMemory(memory) } : {};
}

/** What the user thought of an answer stands in its decision's record, which may be gone. */
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
