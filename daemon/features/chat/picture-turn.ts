// A turn that a picture answers. It is made first, and goes to whoever asked, in pieces: it is stored nowhere. Then the question and a
// sentence about the picture are stored.
import { formatUsd } from '../../../shared/usd.ts';
import { UserError } from '../../base/errors.ts';
import { createIdSource } from '../../base/ids.ts';
import type { OrderedPicture, PictureMaker } from '../../models/make-pictures.ts';
import { noUsage } from '../../models/providers/provider.ts';
import type { Chats } from '../../storage/chats.ts';
import type { ChatMessage, ChatShapes, Reply, TurnDeps, TurnOptions } from './chat.ts';

export interface PictureTurnDeps extends Pick<TurnDeps, 'storage' | 'now'> {
  pictureMaker: Pick<PictureMaker, 'make'>;
}

/** A description, and where it is asked. */
export interface PictureTurn extends ChatMessage {
  profile: string;
  projectId?: string | undefined;
  workspace?: string | undefined;
}

export type MakePicture = (turn: PictureTurn, options: TurnOptions) => Promise<Reply>;

/** Views take no larger part. */
const pieceChars = 1_000_000;
const notAttached = "What you attached wasn't sent. Only the description was.";

export function createPictureTurns({ storage, pictureMaker, now }: PictureTurnDeps): MakePicture {
  const newId = createIdSource();
  return async (turn, { signal, onPart }) => {
    const { profile, chatId, text, retryOf, model, workspace, overBudget, attachments = [] } = turn;
    const { chats } = storage.in(profile);
    if (text.trim() === '') throw new UserError('no-description', 'Describe the picture.');
    await refuseUnknown(chats, { chatId, retryOf }); // before anything is paid for
    const startedAt = now();
    const ids = { chat: chatId ?? newId(), question: newId(), answer: newId() };
    const order = { profile, prompt: text, model, shape: 'square' as const, workspace, overBudget };
    const made = await pictureMaker.make({ ...order, chat: ids.chat, answer: ids.answer }, signal);
    const decision = decisionFor(made);
    onPart({ kind: 'decision', chatId: ids.chat, messageId: ids.answer, decision });
    for (const piece of piecesOf(made)) onPart({ kind: 'picture', messageId: ids.answer, ...piece });
    const said = sentenceOf(made);
    onPart({ kind: 'text', text: said });
    const notes = [...made.notes, ...(attachments.length > 0 ? [notAttached] : [])];
    for (const note of notes) onPart({ kind: 'note', text: note });
    const place = await storeQuestion(chats, turn, ids);
    await chats.startAnswer(ids.chat, { id: ids.answer, decision, ...place });
    const context = { pinned: [], recent: 1, leftOut: 0 };
    await chats.finishAnswer(ids.answer, {
      ...{ status: 'complete', usage: noUsage, finishReason: 'stop', durationMs: now() - startedAt, context },
      last: [{ text: said }, ...notes.map((note) => ({ note }))],
    });
    const reply = { chatId: ids.chat, messageId: ids.answer, text: said, decision, usage: noUsage, context };
    return { ...reply, cost: made.costUsd, cached: false, finishReason: 'stop' };
  };
}

async function refuseUnknown(
  chats: Chats<ChatShapes>,
  { chatId, retryOf }: Pick<PictureTurn, 'chatId' | 'retryOf'>,
): Promise<void> {
  if (chatId !== undefined) await chats.chat(chatId);
  if (retryOf !== undefined) await chats.message(retryOf);
}

/** Once more for an answer that is to be replaced: its question is stored already. */
async function storeQuestion(
  chats: Chats<ChatShapes>,
  { text, chatId, projectId, retryOf, editOf }: PictureTurn,
  ids: { chat: string; question: string },
): Promise<{ retryOf: string } | { after: string }> {
  const stored = await chats.beginTurn({
    recall: 1,
    ids,
    ...(retryOf === undefined ? { question: { text, ...(editOf !== undefined && { editOf }) } } : { retryOf }),
    ...(chatId !== undefined && { chatId }),
    ...(projectId !== undefined && { projectId }),
  });
  const { id = '', role } = stored.messages.at(-1) ?? {};
  return role === 'assistant' ? { retryOf: id } : { after: id };
}

function decisionFor({ model }: OrderedPicture): ChatShapes['decision'] {
  const provider = model.slice(0, model.indexOf('/'));
  return { model, provider, reason: 'Makes pictures', alternatives: [], confidence: 1 };
}

function piecesOf({ mediaType, data }: OrderedPicture) {
  const count = Math.max(1, Math.ceil(data.length / pieceChars));
  return Array.from({ length: count }, (_, at) => ({
    mediaType,
    data: data.slice(at * pieceChars, (at + 1) * pieceChars),
    isLast: at === count - 1,
  }));
}

function sentenceOf({ model, costUsd }: OrderedPicture): string {
  const price = costUsd ? ` for ${formatUsd(costUsd)}` : '';
  return `Made a picture with ${model}${price}. Pictures aren't stored, so save it while it's shown.`;
}
