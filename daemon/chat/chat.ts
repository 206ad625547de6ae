// What chats can do for the rest of the daemon: one turn, and the life of stored chats.
import { exportChat } from './export.ts';
import { createReply } from './reply.ts';
import type { Chat, ChatParts } from './turn.ts';

export function createChat(parts: ChatParts): Chat {
  return {
    conversations: parts.conversations,
    reply: createReply(parts),
    export: (chatId, format) => exportChat(parts.conversations, chatId, format),
  };
}
