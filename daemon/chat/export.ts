// A whole chat as Markdown for people or as JSON for programs.
import type { Conversations, StoredChat, StoredMessage } from '../memory/memory.ts';

const pageSize = 200;
const mostPages = 10_000;

export async function exportChat(conversations: Conversations, chatId: string, format: 'markdown' | 'json'): Promise<string> {
  const chat = await conversations.chat(chatId);
  const messages = await allMessages(conversations, chatId);
  return format === 'json' ? `${JSON.stringify({ chat, messages }, null, 2)}\n` : toMarkdown(chat, messages);
}

async function allMessages(conversations: Conversations, chatId: string): Promise<StoredMessage[]> {
  const pages: StoredMessage[][] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const { items, next } = await conversations.messages(chatId, { limit: pageSize, ...(cursor && { cursor }) });
    pages.unshift(items);
    if (!next) break;
    cursor = next;
  }
  return pages.flat();
}

function toMarkdown(chat: StoredChat, messages: readonly StoredMessage[]): string {
  const sections = messages.map((message) => {
    const model = (message.decision as { model?: string } | undefined)?.model;
    const who = message.role === 'user' ? 'You' : `Answer${model ? ` by ${model}` : ''}`;
    const state = message.status === 'complete' ? '' : ` (${message.status})`;
    return `## ${who}${state}\n\n${message.text}\n`;
  });
  return `# ${chat.title}\n\n${sections.join('\n')}`;
}
