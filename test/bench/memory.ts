// Storing messages as the daemon does: through the worker thread, each call answered when its transaction is committed.
// Reference: better-sqlite3 in this very thread with prepared statements on the same schema and settings, one transaction a write,
// no checks, no messages between threads. Calls in a row show the delay of one; 64 under way at once show the throughput.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openMemory } from '../../daemon/memory/client.ts';
import type { Memory } from '../../daemon/memory/memory.ts';
import { type Rounds, type RoundOptions, takeTurns, timed } from './kit/measure.ts';
import type { Result, Row } from './kit/report.ts';
import { measureFullText } from './search/full-text.ts';
import { measureNeighbours } from './search/neighbours.ts';

const writesPerRound = 2000;
const messagesPerChat = 100;
const underWay = 64;
const text = 'A message of the length that people write when they ask for something, and that models write when they begin to answer. '.repeat(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };

export async function run(options: RoundOptions): Promise<Result> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'sy-memory-'));
  const workerPath = new URL('../../dist/daemon/memory-worker.js', import.meta.url);
  const open = (name: string): Memory => openMemory({ database: join(folder, name), workerPath, log });
  try {
    const made = open('raw.db'); // for its schema alone
    await made.health();
    await made[Symbol.asyncDispose]();
    await using memory = open('memory.db');
    const raw = new RawWriter(join(folder, 'raw.db'));
    const measured = await takeTurns(
      {
        rawMessages: async () => rate(() => raw.messages(writesPerRound)),
        messages: async () => rate(await messageWriter(memory, underWay)),
        rawPieces: async () => rate(raw.pieces(writesPerRound)),
        pieces: async () => rate(await pieceWriter(memory, underWay)),
        delays: () => oneAfterAnother(memory),
        reads: () => readsOneAfterAnother(memory),
      },
      options,
    );
    raw.close();
    const found = [await measureFullText(options, folder), await measureNeighbours(options, folder)];
    return { rows: [...rowsOf(measured), ...found.flatMap(({ rows }) => rows)], notes: [`${writesPerRound} writes a round, ${messagesPerChat} messages a chat, ${text.length} characters each; WAL with synchronous=NORMAL.`, ...found.flatMap(({ notes = [] }) => notes)] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowsOf(measured: Record<'rawMessages' | 'messages' | 'rawPieces' | 'pieces' | 'delays' | 'reads', Rounds>): Row[] {
  return [
    { what: 'messages stored, 64 under way', unit: '/s', rounds: measured.messages, against: { what: 'raw', rounds: measured.rawMessages }, goal: { of: 'value', atLeast: 10_000 } },
    { what: "pieces of an answer stored, 64 under way", unit: '/s', rounds: measured.pieces, against: { what: 'raw', rounds: measured.rawPieces }, goal: { of: 'ratio', atLeast: 0.85 } },
    { what: 'one message after another', unit: 'us', rounds: measured.delays },
    { what: 'the same, p99', unit: 'us', rounds: measured.delays, share: 0.99, goal: { of: 'value', atMost: 5000 } },
    { what: 'one read of a message after another, p99', unit: 'us', rounds: measured.reads, share: 0.99, goal: { of: 'value', atMost: 1000 } },
    { what: 'raw: messages', unit: '/s', rounds: measured.rawMessages },
    { what: 'raw: pieces', unit: '/s', rounds: measured.rawPieces },
  ];
}

/** Writes a second. */
async function rate(write: () => unknown): Promise<number> {
  return writesPerRound / ((await timed(async () => write())) / 1000);
}

async function newChats(memory: Memory, messages: number): Promise<string[]> {
  const chats = Array.from({ length: Math.ceil(messages / messagesPerChat) }, () => memory.conversations.createChat({ title: 'Chat' }));
  return (await Promise.all(chats)).map(({ id }) => id);
}

/** Chats are made beforehand; what is returned stores the messages, so many calls at a time. */
async function messageWriter(memory: Memory, lanes: number): Promise<() => Promise<unknown>> {
  const chats = await newChats(memory, writesPerRound);
  return () => inLanes(lanes, (index) => memory.conversations.addUserMessage(chats[Math.floor(index / messagesPerChat)] ?? '', { text }));
}

async function pieceWriter(memory: Memory, lanes: number): Promise<() => Promise<unknown>> {
  const [chat = ''] = await newChats(memory, 1);
  const { id } = await memory.conversations.startAnswer(chat, {});
  return () => inLanes(lanes, () => memory.conversations.appendAnswer(id, { text: ' token' }));
}

async function inLanes(lanes: number, write: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < writesPerRound) await write(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Microseconds of each call. */
async function oneAfterAnother(memory: Memory): Promise<number[]> {
  const chats = await newChats(memory, writesPerRound);
  const samples: number[] = [];
  for (let i = 0; i < writesPerRound / 4; i++) samples.push(1000 * (await timed(() => memory.conversations.addUserMessage(chats[Math.floor(i / messagesPerChat)] ?? '', { text }))));
  return samples;
}

async function readsOneAfterAnother(memory: Memory): Promise<number[]> {
  const [chat = ''] = await newChats(memory, 1);
  const { id } = await memory.conversations.addUserMessage(chat, { text });
  const samples: number[] = [];
  for (let i = 0; i < writesPerRound / 4; i++) samples.push(1000 * (await timed(() => memory.conversations.message(id))));
  return samples;
}

/** The least that stores the same rows. Lives as long as the benchmark. */
class RawWriter {
  readonly #database: Database.Database;
  readonly #insertChat: Database.Statement;
  readonly #useChat: Database.Statement;
  readonly #insertMessage: Database.Statement;
  readonly #insertPiece: Database.Statement;

  constructor(file: string) {
    this.#database = new Database(file);
    this.#database.pragma('journal_mode = WAL');
    this.#database.pragma('synchronous = NORMAL');
    this.#database.pragma('foreign_keys = ON');
    this.#insertChat = this.#database.prepare("insert into chat (id, title, created_at, updated_at) values (?, 'Chat', ?, ?)");
    this.#useChat = this.#database.prepare('update chat set updated_at = ? where id = ?');
    this.#insertMessage = this.#database.prepare('insert into message (id, chat_id, seq, role, status, text, created_at, finished_at) values (?, ?, ?, ?, ?, ?, ?, ?)');
    this.#insertPiece = this.#database.prepare("insert into message_chunk (message_id, seq, kind, text) values (?, ?, 'text', ' token')");
  }

  messages(count: number): void {
    let chat = '';
    const store = this.#database.transaction((seq: number) => {
      const now = Date.now();
      this.#useChat.run(now, chat);
      this.#insertMessage.run(randomUUID(), chat, seq, 'user', 'complete', text, now, now);
    });
    for (let i = 0; i < count; i++) {
      if (i % messagesPerChat === 0) chat = this.#newChat();
      store((i % messagesPerChat) + 1);
    }
  }

  /** An answer is opened; what is returned adds the pieces to it. */
  pieces(count: number): () => void {
    const message = randomUUID();
    this.#insertMessage.run(message, this.#newChat(), 1, 'assistant', 'streaming', '', Date.now(), null);
    return () => {
      for (let seq = 1; seq <= count; seq++) this.#insertPiece.run(message, seq);
    };
  }

  close(): void {
    this.#database.close();
  }

  #newChat(): string {
    const id = randomUUID();
    this.#insertChat.run(id, Date.now(), Date.now());
    return id;
  }
}
