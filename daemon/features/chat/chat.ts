// What chats can do for the rest of the daemon: one turn.
import { createReply } from './reply.ts';
import type { Chat, ChatParts } from './turn.ts';

export function createChat(parts: ChatParts): Chat {
  return { reply: createReply(parts) };
}
