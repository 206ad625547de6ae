// `switchyard chats`: lists the chats of this folder's profile, the most recently used first.
import { type Chat, ChatList } from '../../shared/protocol/chat.ts';
import { withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments } from './kit/command.ts';
import { shortIds } from './kit/ids.ts';
import { defaultListed, hintAtMore, limitNamed, listFirst } from './kit/pages.ts';
import { printJson, printLine } from './kit/terminal.ts';

export const options = {
  limit: { type: 'string', value: 'N', description: `Show at most this many chats (default: ${defaultListed})` },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values } = readArguments(args, options, 0);
  const limit = limitNamed(values.limit);
  const listed = await withDaemon((client) =>
    listFirst(limit, async (page) => {
      const { chats: items, next } = await client.call(ChatList, page);
      return { items, next };
    }),
  );
  if (values.json) printJson({ chats: listed.items });
  else for (const line of describe(listed.items)) printLine(line);
  if (!values.json) hintAtMore(listed);
  return 0;
}

/** A line a chat. The ids are cut to what tells them apart; `--json` has them whole. */
export function describe(chats: readonly Chat[]): string[] {
  if (chats.length === 0) return ['No chats yet. To start one, run `switchyard chat "QUESTION"`.'];
  const ids = shortIds(chats.map(({ id }) => id));
  return chats.map(({ title, updatedAt, messageCount }, index) => {
    const at = new Date(updatedAt).toISOString().replace('T', ' ').slice(0, 16);
    const messages = `${messageCount} ${messageCount === 1 ? 'message' : 'messages'}`;
    return `${ids[index]}  ${at}  ${title.replace(/\s+/g, ' ') || 'untitled'}  (${messages})`;
  });
}
