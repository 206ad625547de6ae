// Chats as other programs have them, for tests of their arrival.

import type { Chats } from '../../../daemon/storage/chats.ts';
import type { ImportedChat } from '../../../daemon/storage/import.ts';
import type { TreeMessage } from '../../../daemon/storage/messages.ts';

/** A message by a line `id parent text`, where a parent `-` is none; the ids of questions begin with q. An exclamation mark ends one that is not chosen. */
export function line(text: string): TreeMessage {
  const [id = '', parent = '-', ...words] = text.replace(/!$/, '').split(' ');
  return {
    id,
    role: id.startsWith('q') ? 'user' : 'assistant',
    text: words.join(' '),
    status: 'complete',
    createdAt: 1_700_000_000_000,
    ...(parent !== '-' && { parentId: parent }),
    ...(text.endsWith('!') && { chosen: false as const }),
  };
}

export function importedChat(lines: readonly string[], more: Partial<ImportedChat> = {}): ImportedChat {
  return {
    title: 'Elsewhere',
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
    origin: { source: 'chatgpt', id: 'c1' },
    messages: lines.map(line),
    ...more,
  };
}

/** A chat without branches. */
export function longChat(count: number, more: Partial<ImportedChat> = {}): ImportedChat {
  return importedChat(
    Array.from(
      { length: count },
      (_, index) =>
        `${index % 2 === 0 ? 'q' : 'a'}${index} ${index === 0 ? '-' : `${index % 2 === 0 ? 'a' : 'q'}${index - 1}`} said ${index}`,
    ),
    more,
  );
}

/** What is read, each message with its version where it has several. */
export async function reading(chats: Chats, chatId: string): Promise<string[]> {
  const { items } = await chats.messages(chatId, { limit: 200 });
  return items.map(({ text, version, versions }) => (versions === 1 ? text : `${text} ${version}/${versions}`));
}
