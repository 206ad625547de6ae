// What chats can do for the rest of the daemon: one turn, and the life of stored chats.
import { exportChat } from './export.ts';
import { createReply } from './reply.ts';
import type { Chat, ChatParts } from './turn.ts';

export function createChat(parts: ChatParts): Chat {
  return {
    reply: createReply(parts),
    export: (profile, chatId, format) => exportChat(parts.memory.in(profile).conversations, chatId, format),
  };
}
