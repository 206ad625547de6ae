// Pictures that were made as answers. They live in the page's memory alone, until the user saves them. Pure; a part of the update.
import type { ChatPart } from '../../../shared/protocol/chat.ts';
import type { State } from './state.ts';

type PicturePart = Extract<ChatPart, { kind: 'picture' }>;

const maxHeld = 10;

/** With one more piece of an answer's picture. Of very many, the oldest go. */
export function withPiece(state: State, { messageId, mediaType, data, isLast }: PicturePart): State {
  const { [messageId]: before, ...others } = state.made;
  const picture = { mediaType, data: (before?.data ?? '') + data, isWhole: isLast };
  const held = Object.entries(others).slice(1 - maxHeld);
  return { ...state, made: Object.fromEntries([...held, [messageId, picture]]) };
}
