// `switchyard chats`: lists the chats of this folder's profile, the most recently used first.
import { type Chat, ChatList } from '../../shared/protocol/chat.ts';
import { type DaemonClient, withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments, UsageError } from './kit/command.ts';
import { shortIds } from './kit/ids.ts';
import { printJson, printLine } from './kit/terminal.ts';

const defaultLimit = 20;
const maxLimit = 10_000;
const pageSize = 200;

export const options = {
  limit: { type: 'string', value: 'N', description: `Show at most this many chats (default: ${defaultLimit})` },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values } = readArguments(args, options, 0);
  const limit = Number(values.limit ?? defaultLimit);
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit)
    throw new UsageError(`--limit must be a whole number from 1 to ${maxLimit}.`);
  const chats = await withDaemon((client) => newest(client, limit));
  if (values.json) printJson({ chats });
  else for (const line of describe(chats)) printLine(line);
  return 0;
}

async function newest(client: DaemonClient, limit: number): Promise<Chat[]> {
  const chats: Chat[] = [];
  for (let cursor: string | undefined; chats.length < limit; ) {
    const wanted = Math.min(pageSize, limit - chats.length);
    const page = await client.call(ChatList, { limit: wanted, ...(cursor && { cursor }) });
    chats.push(...page.chats);
    cursor = page.next;
    if (!cursor) break;
  }
  return chats;
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
