// Wire <-> domain for deleted chats.

import type { ChatDeleted, ChatPurge, ChatRestore } from '../../shared/protocol/chat.ts';
import { UserError } from '../base/errors.ts';
import type { Handler } from './handler.ts';

export const handleChatDeleted: Handler<typeof ChatDeleted> = async (_params, { storage }) => ({
  chats: await storage.trash.list(),
});

export const handleChatRestore: Handler<typeof ChatRestore> = async ({ chatId }, { storage }) => {
  await storage.trash.restore(chatId);
  return {};
};

export const handleChatPurge: Handler<typeof ChatPurge> = async ({ chatId }, { storage }) => {
  if (chatId === null)
    throw new UserError('bad-request', 'Specify the chat to delete, or leave it out to delete all of them.');
  await storage.trash.purge(chatId);
  return {};
};
