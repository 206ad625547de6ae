// The tool that searches what the user has talked about, what reviews found, and what is remembered.
import * as z from 'zod';
import type { SessionView } from '../../sessions/session-view.ts';
import type { Chats } from '../../storage/chats.ts';
import type { StoredMemory } from '../../storage/memories.ts';
import type { SearchHit } from '../../storage/search.ts';
import type { Storage } from '../../storage/storage.ts';
import { asWords, type Find } from '../search/search.ts';
import { pathOf } from './places.ts';
import type { ToolText } from './result.ts';
import type { Tool } from './tool.ts';

interface SearchChatsDeps {
  find: Find;
  storage: Pick<Storage, 'in'>;
}

const kinds = { chats: 'message', findings: 'finding', memories: 'memory' } as const;
const maxMessage = 2000;
const defaultLimit = 8;

const Arguments = z.strictObject({
  query: z
    .string()
    .trim()
    .min(1)
    .max(2000)
    .describe('What to look for, in words. It is matched by words and by meaning.'),
  in: z.enum(['chats', 'findings', 'memories']).optional().describe('Search only one of them. All when left out.'),
  limit: z.int().min(1).max(20).optional().describe(`At most this many results; ${defaultLimit} when left out.`),
});

export function searchChatsTool({ find, storage }: SearchChatsDeps): Tool<typeof Arguments> {
  return {
    name: 'search_chats',
    title: 'Search chats, findings, and memories',
    description:
      "Searches the user's past chats in Switchyard, what its reviews found, and the facts that the user wants remembered. Use it to find earlier decisions, explanations, problems, and preferences.",
    reads: 'the chats, findings, and memories of the profile that the folder belongs to',
    asksModels: false,
    arguments: Arguments,
    async run({ query, in: within, limit = defaultLimit }, { session, profile, signal }) {
      const wanted = within ? [kinds[within]] : Object.values(kinds);
      const { hits, notes } = await find(
        { profile, query: asWords(query), meaning: query, kinds: wanted, limit, start: 'for-this' },
        signal,
      );
      const { chats, memories } = storage.in(profile);
      const remembered = hits.some(({ kind }) => kind === 'memory') ? await memories.list() : [];
      const found = await Promise.all(
        hits.map((hit) => {
          if (hit.kind === 'memory') return memoryText(remembered.find(({ id, enabled }) => id === hit.id && enabled));
          return hit.kind === 'finding' ? findingText(hit, session) : messageText(hit, chats);
        }),
      );
      const texts = found.filter((text) => text !== undefined);
      return [...notes, ...(texts.length > 0 ? texts : ['No matches.'])];
    },
  };
}

/** One that the user turned off is used nowhere. */
function memoryText(memory: StoredMemory | undefined): ToolText | undefined {
  if (!memory) return undefined;
  const where = memory.project === undefined ? '' : ` for the project "${memory.project}"`;
  return { source: `Memory${where}, ${dayOf(memory.createdAt)}`, text: memory.text };
}

function findingText(
  { uri, range, title, snippet, createdAt }: SearchHit,
  session: Pick<SessionView, 'roots'>,
): ToolText {
  const line = range ? `:${range.start.line + 1}` : '';
  const place = uri === undefined ? title : `${pathOf(uri, session)}${line}`;
  return { source: `Finding of a review in ${place}, ${dayOf(createdAt)}`, text: snippet.text };
}

async function messageText(
  { id, title, snippet, createdAt }: SearchHit,
  chats: Pick<Chats, 'message'>,
): Promise<ToolText | undefined> {
  const message = await chats.message(id).catch(() => undefined);
  if (!message) return undefined; // deleted meanwhile
  const isWhole = message.text.length <= maxMessage;
  const who = message.role === 'user' ? 'the user' : 'a model';
  return {
    source: `${isWhole ? 'Message' : 'Part of a message'} by ${who} in the chat "${title}", ${dayOf(createdAt)}`,
    text: isWhole ? message.text : snippet.text,
  };
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
