// A database as months of use leave it, and everything that can be read from one: chats of short and long messages, retried and
// growing answers, pages that deleted chats have left free, findings, decisions and requests.
import { randomUUID } from 'node:crypto';
import type { StoredChat } from '../../../../../daemon/storage/chats.ts';
import type { StoredDecision } from '../../../../../daemon/storage/decisions.ts';
import type { StoredFinding } from '../../../../../daemon/storage/findings.ts';
import type { Sum } from '../../../../../daemon/storage/ledger.ts';
import type { StoredMessage } from '../../../../../daemon/storage/messages.ts';
import { defaultProfile } from '../../../../../daemon/storage/profiles.ts';
import type { CallRequest } from '../../../../../daemon/storage/sqlite/calls.ts';
import { SqliteEngine } from '../../../../../daemon/storage/sqlite/engine.ts';

export type Call = <T>(part: CallRequest['part'], name: string, ...args: unknown[]) => T;

/** Calls for one profile; for the default one when none is named. */
export function callsOf(storage: SqliteEngine, profile: string = defaultProfile): Call {
  return <T>(part: CallRequest['part'], name: string, ...args: unknown[]) =>
    storage.call({ profile, part, name, args }) as T;
}

export interface Size {
  chats: number;
  messagesPerChat: number;
}

/** Fills a database that is not open, and closes it. */
export function fillDatabase(file: string, { chats, messagesPerChat }: Size): void {
  const storage = new SqliteEngine(file);
  const call = callsOf(storage);
  const texts = (i: number): string => `message ${i}: ${'some words of it '.repeat(i % 50 === 7 ? 400 : (i * 7) % 20)}`; // a few need more than a page
  let i = 0;
  const addChat = (title: string): string => {
    const { id } = call<StoredChat>('chats', 'createChat', { title, model: 'lab/tiny' });
    for (let turn = 0; turn < messagesPerChat; turn += 2) {
      call('chats', 'addUserMessage', id, { text: texts(i++) });
      const answer = call<StoredMessage>('chats', 'startAnswer', id, {
        decision: { model: 'lab/tiny', reason: 'the only one' },
      });
      call('chats', 'appendAnswer', answer.id, { text: texts(i++), reasoning: 'because' });
      call('chats', 'finishAnswer', answer.id, {
        status: 'complete',
        usage: { input: i, output: 5 },
        finishReason: 'stop',
        durationMs: 12.5,
      });
      addRecords(call, answer.id, i);
    }
    return id;
  };
  const doomed = Array.from({ length: Math.ceil(chats / 8) }, (_, number) => addChat(`to be deleted ${number}`));
  for (let number = 0; number < chats; number++) addChat(`chat number ${number}`);
  for (const id of doomed) call('chats', 'deleteChat', id);
  while (storage.step() === true); // the search index, as the worker makes it between calls
  storage.close();
}

function addRecords(call: Call, answerId: string, i: number): void {
  const id = randomUUID();
  call('decisions', 'save', {
    id,
    at: i,
    profile: 'default',
    model: 'lab/tiny',
    policy: 'local-first',
    record: { scores: [i, 0.5], reason: 'the only one' },
  });
  const usage = { input: i, cacheRead: 0, cacheWrite: 0, output: 5, reasoning: 0 };
  call('ledger', 'record', {
    id,
    at: i,
    day: '2026-07-01',
    profile: 'default',
    answer: answerId,
    task: 'chat',
    provider: 'lab',
    model: 'lab/tiny',
    usage,
    costUsd: 0.25,
    status: 'complete',
  });
  if (i % 12 !== 0) return;
  const found = (n: number): StoredFinding => ({
    id: `${id}-${n}`,
    runId: id,
    uri: 'file:///a.ts',
    fingerprint: `print-${i}-${n}`,
    finding: { message: `finding ${i}`, line: i },
  });
  call('findings', 'saveRun', { id, uri: 'file:///a.ts', summary: 'two findings', findings: [found(1), found(2)] });
  call('findings', 'dismiss', `${id}-1`);
}

export interface Contents {
  chats: Map<string, StoredChat>;
  messages: Map<string, StoredMessage>;
  decisions: Map<string, StoredDecision>;
  findings: StoredFinding[];
  spent: Sum[];
}

/** Everything that clients can read. */
export function readEverything(storage: SqliteEngine): Contents {
  const call = callsOf(storage);
  const chats = pages<StoredChat>((cursor) => call('chats', 'listChats', { limit: 100, ...(cursor && { cursor }) }));
  const messages = chats.flatMap(({ id }) =>
    pages<StoredMessage>((cursor) => call('chats', 'messages', id, { limit: 100, ...(cursor && { cursor }) })),
  );
  const decisions = call<StoredDecision[]>('decisions', 'list', { limit: 100_000 });
  return {
    chats: byId(chats),
    messages: byId(messages),
    decisions: byId(decisions),
    findings: call('findings', 'latest', 'file:///a.ts'),
    spent: call('ledger', 'sums', { by: 'answer' }),
  };
}

function byId<T extends { id: string }>(items: T[]): Map<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}

function pages<T>(read: (cursor: string | undefined) => { items: T[]; next?: string }): T[] {
  const { items, next } = read(undefined);
  const all = [...items];
  for (let cursor = next; cursor !== undefined; ) {
    const page = read(cursor);
    all.push(...page.items);
    cursor = page.next;
  }
  return all;
}
