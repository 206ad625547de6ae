// What chats can do for the rest of the daemon: one turn.
import { createReply } from './reply.ts';
import type { Chat, ChatDeps } from './turn.ts';

export function createChat(parts: ChatDeps): Chat {
  return { reply: createReply(parts) };
}
