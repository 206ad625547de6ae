// Ids on the command line: the beginning of one is enough, as with git's commits.
import { ChatList } from '../../../shared/protocol/chat.ts';
import { JobsList } from '../../../shared/protocol/jobs.ts';
import { MemoriesList } from '../../../shared/protocol/memories.ts';
import { ProjectList } from '../../../shared/protocol/profiles.ts';
import type { DaemonClient } from './client.ts';
import { HintedError } from './command.ts';

interface IdKind {
  /** In a sentence: `chat`. */
  name: string;
  /** The command that lists them. */
  listedBy: string;
  ids(client: DaemonClient): AsyncIterable<string>;
}

const pageSize = 200;
const wholeIdLength = 36;
const minShownLength = 8;
const maxNamed = 5;

const chats: IdKind = {
  name: 'chat',
  listedBy: 'switchyard chats',
  async *ids(client) {
    for (let cursor: string | undefined; ; ) {
      const page = await client.call(ChatList, { limit: pageSize, ...(cursor && { cursor }) });
      for (const { id } of page.chats) yield id;
      if (!page.next) return;
      cursor = page.next;
    }
  },
};
const memories: IdKind = {
  name: 'memory',
  listedBy: 'switchyard memories',
  async *ids(client) {
    for (const { id } of (await client.call(MemoriesList, {})).memories) yield id;
  },
};
const projects: IdKind = {
  name: 'project',
  listedBy: 'switchyard projects',
  async *ids(client) {
    for (const { id } of (await client.call(ProjectList, {})).projects) yield id;
  },
};

const jobs: IdKind = {
  name: 'job',
  listedBy: 'switchyard jobs',
  async *ids(client) {
    for (let cursor: string | undefined; ; ) {
      const page = await client.call(JobsList, { limit: pageSize, ...(cursor && { cursor }) });
      for (const { id } of page.jobs) yield id;
      if (!page.next) return;
      cursor = page.next;
    }
  },
};

export const idKinds = { chats, jobs, memories, projects };

/** The one id that begins so. A whole id is taken as it is. Throws HintedError where none does, or several do. */
export async function wholeId(client: DaemonClient, kind: IdKind, written: string): Promise<string> {
  const start = written.trim().toLowerCase();
  if (start.length >= wholeIdLength) return written.trim();
  const found: string[] = [];
  for await (const id of kind.ids(client)) if (id.startsWith(start)) found.push(id);
  const [only] = found;
  if (only !== undefined && found.length === 1 && start !== '') return only;
  const hint = `To list the IDs, run \`${kind.listedBy}\`.`;
  if (found.length === 0)
    throw new HintedError('no-such-id', `No ${kind.name} here has an ID that begins with "${written}".`, hint);
  throw new HintedError(
    'ambiguous-id',
    `${found.length} IDs begin with "${written}": ${found.slice(0, maxNamed).join(', ')}${found.length > maxNamed ? ', …' : ''}. Type more of the one you mean.`,
    hint,
  );
}

/** Each id cut to what tells it from the others. */
export function shortIds(ids: readonly string[]): string[] {
  const sorted = [...ids].sort();
  const lengths = new Map(
    sorted.map((id, index) => [id, 1 + Math.max(shared(id, sorted[index - 1]), shared(id, sorted[index + 1]))]),
  );
  const length = Math.max(minShownLength, ...lengths.values());
  return ids.map((id) => id.slice(0, length));
}

/** How many characters two ids begin with alike. */
function shared(a: string, b = ''): number {
  let count = 0;
  while (count < a.length && a[count] === b[count]) count++;
  return count;
}
