// Storing messages as the daemon does: through the worker thread, each call answered when its transaction is committed.
// Reference: better-sqlite3 in this very thread with prepared statements on the same schema and settings, one transaction a write,
// no checks, no messages between threads. Calls in a row show the delay of one; 64 under way at once show the throughput.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openStorage } from '../../daemon/storage/sqlite/client.ts';
import { type TestStorage, withDefault } from '../daemon/storage/open-storage.ts';
import { type RoundOptions, type Rounds, takeTurns, timed } from './kit/measure.ts';
import type { Result, Row } from './kit/report.ts';
import { measureFullText } from './search/full-text.ts';
import { measureNeighbours } from './search/neighbours.ts';

const writesPerRound = 2000;
const messagesPerChat = 100;
const underWay = 64;
const pauseMs = 40; // at most, between reads: a step begins 10 ms after a call
const text =
  'A message of the length that people write when they ask for something, and that models write when they begin to answer. '.repeat(
    2,
  );
const log = { debug() {}, info() {}, warn() {}, error() {} };

export async function run(options: RoundOptions): Promise<Result> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'sy-memory-'));
  const workerPath = new URL('../../dist/daemon/storage-worker.js', import.meta.url);
  const open = (name: string): TestStorage =>
    withDefault(openStorage({ database: join(folder, name), workerPath, log }));
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
        rawMixed: async () => rate(raw.mixed(writesPerRound)),
        mixed: async () => rate(await mixer(memory, underWay)),
        delays: () => oneAfterAnother(memory),
        reads: () => readsOneAfterAnother(memory),
        readsMeanwhile: () => readsWhileIndexing(memory),
      },
      options,
    );
    raw.close();
    const found = [await measureFullText(options, folder), await measureNeighbours(options, folder)];
    return {
      rows: [...rowsOf(measured), ...found.flatMap(({ rows }) => rows)],
      notes: [
        `${writesPerRound} writes a round, ${messagesPerChat} messages a chat, ${text.length} characters each; WAL with synchronous=NORMAL.`,
        ...found.flatMap(({ notes = [] }) => notes),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Arms =
  | 'rawMessages'
  | 'messages'
  | 'rawPieces'
  | 'pieces'
  | 'rawMixed'
  | 'mixed'
  | 'delays'
  | 'reads'
  | 'readsMeanwhile';

function rowsOf(measured: Record<Arms, Rounds>): Row[] {
  return [
    {
      what: 'messages stored, 64 under way',
      unit: '/s',
      rounds: measured.messages,
      against: { what: 'raw', rounds: measured.rawMessages },
      goal: { of: 'value', atLeast: 10_000 },
    },
    {
      what: 'the same, as a share of raw',
      unit: '/s',
      rounds: measured.messages,
      against: { what: 'raw', rounds: measured.rawMessages },
      goal: { of: 'ratio', atLeast: 0.85 },
    },
    {
      what: 'pieces of an answer stored, 64 under way',
      unit: '/s',
      rounds: measured.pieces,
      against: { what: 'raw', rounds: measured.rawPieces },
      goal: { of: 'ratio', atLeast: 0.85 },
    },
    {
      what: 'mixed: 2 reads, 1 message, 1 piece; 64 under way',
      unit: '/s',
      rounds: measured.mixed,
      against: { what: 'raw', rounds: measured.rawMixed },
      goal: { of: 'value', atLeast: 20_000 },
    },
    { what: 'one message after another', unit: 'us', rounds: measured.delays },
    { what: 'the same, p99', unit: 'us', rounds: measured.delays, share: 0.99, goal: { of: 'value', atMost: 5000 } },
    {
      what: 'one read of a message after another, p99',
      unit: 'us',
      rounds: measured.reads,
      share: 0.99,
      goal: { of: 'value', atMost: 1000 },
    },
    {
      what: 'the same while messages are indexed, p99',
      unit: 'us',
      rounds: measured.readsMeanwhile,
      share: 0.99,
      goal: { of: 'value', atMost: 5000 },
    },
    { what: 'raw: messages', unit: '/s', rounds: measured.rawMessages },
    { what: 'raw: pieces', unit: '/s', rounds: measured.rawPieces },
  ];
}

/** Writes a second. */
async function rate(write: () => unknown): Promise<number> {
  return writesPerRound / ((await timed(async () => write())) / 1000);
}

async function newChats(memory: TestStorage, messages: number): Promise<string[]> {
  const chats = Array.from({ length: Math.ceil(messages / messagesPerChat) }, () =>
    memory.chats.createChat({ title: 'Chat' }),
  );
  return (await Promise.all(chats)).map(({ id }) => id);
}

/** Chats are made beforehand; what is returned stores the messages, so many calls at a time. */
async function messageWriter(memory: TestStorage, lanes: number): Promise<() => Promise<unknown>> {
  const chats = await newChats(memory, writesPerRound);
  return () =>
    inLanes(lanes, (index) => memory.chats.addUserMessage(chats[Math.floor(index / messagesPerChat)] ?? '', { text }));
}

async function pieceWriter(memory: TestStorage, lanes: number): Promise<() => Promise<unknown>> {
  const [chat = ''] = await newChats(memory, 1);
  const { id } = await memory.chats.startAnswer(chat, {});
  return () => inLanes(lanes, () => memory.chats.appendAnswer(id, { text: ' token' }));
}

/** Half reads, half writes: of each four, a message read twice, one stored, and a piece added to an answer. */
async function mixer(memory: TestStorage, lanes: number): Promise<() => Promise<unknown>> {
  const { chats } = memory;
  const [chat = ''] = await newChats(memory, 1);
  const { id: read } = await chats.addUserMessage(chat, { text });
  const { id: answer } = await chats.startAnswer(chat, {});
  return () =>
    inLanes(lanes, (index) => {
      if (index % 2 === 0) return chats.message(read);
      return index % 4 === 1 ? chats.addUserMessage(chat, { text }) : chats.appendAnswer(answer, { text: ' token' });
    });
}

async function inLanes(lanes: number, write: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < writesPerRound) await write(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Microseconds of each call. */
async function oneAfterAnother(memory: TestStorage): Promise<number[]> {
  const chats = await newChats(memory, writesPerRound);
  const samples: number[] = [];
  for (let i = 0; i < writesPerRound / 4; i++)
    samples.push(
      1000 * (await timed(() => memory.chats.addUserMessage(chats[Math.floor(i / messagesPerChat)] ?? '', { text }))),
    );
  return samples;
}

async function readsOneAfterAnother(memory: TestStorage): Promise<number[]> {
  const [chat = ''] = await newChats(memory, 1);
  const { id } = await memory.chats.addUserMessage(chat, { text });
  const samples: number[] = [];
  for (let i = 0; i < writesPerRound / 4; i++) samples.push(1000 * (await timed(() => memory.chats.message(id))));
  return samples;
}

/** With time for indexing between them, which works in steps as long as something waits. */
async function readsWhileIndexing(memory: TestStorage): Promise<number[]> {
  await (await messageWriter(memory, underWay))();
  const [chat = ''] = await newChats(memory, 1);
  const { id } = await memory.chats.addUserMessage(chat, { text });
  const samples: number[] = [];
  while (samples.length < writesPerRound / 10 && (await memory.searchIndex.status()).queued > 0) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * pauseMs));
    samples.push(1000 * (await timed(() => memory.chats.message(id))));
  }
  return samples;
}

/** The least that stores the same rows. Lives as long as the benchmark. */
class RawWriter {
  readonly #database: Database.Database;
  readonly #insertChat: Database.Statement;
  readonly #useChat: Database.Statement;
  readonly #insertMessage: Database.Statement;
  readonly #insertPiece: Database.Statement;
  readonly #readMessage: Database.Statement;

  constructor(file: string) {
    this.#database = new Database(file);
    this.#database.pragma('journal_mode = WAL');
    this.#database.pragma('synchronous = NORMAL');
    this.#database.pragma('foreign_keys = ON');
    this.#insertChat = this.#database.prepare(
      "insert into chat (id, title, created_at, updated_at) values (?, 'Chat', ?, ?)",
    );
    this.#useChat = this.#database.prepare('update chat set updated_at = ? where id = ?');
    this.#insertMessage = this.#database.prepare(
      'insert into message (id, chat_id, seq, role, status, text, created_at, finished_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#insertPiece = this.#database.prepare(
      "insert into message_chunk (message_id, seq, kind, text) values (?, ?, 'text', ' token')",
    );
    this.#readMessage = this.#database.prepare('select * from message where id = ?');
  }

  messages(count: number): void {
    const store = this.#storing();
    let chat = '';
    for (let i = 0; i < count; i++) {
      if (i % messagesPerChat === 0) chat = this.#newChat();
      store(chat, (i % messagesPerChat) + 1);
    }
  }

  /** A chat with an answer is made; what is returned does the same as the other arm's mix. */
  mixed(count: number): () => void {
    const store = this.#storing();
    const chat = this.#newChat();
    const answer = this.#newAnswer(chat);
    return () => {
      for (let i = 0; i < count; i++) {
        if (i % 2 === 0) this.#readMessage.get(answer);
        else if (i % 4 === 1) store(chat, i + 1);
        else this.#insertPiece.run(answer, i);
      }
    };
  }

  #storing(): (chat: string, seq: number) => void {
    return this.#database.transaction((chat: string, seq: number) => {
      const now = Date.now();
      this.#useChat.run(now, chat);
      this.#insertMessage.run(randomUUID(), chat, seq, 'user', 'complete', text, now, now);
    });
  }

  /** An answer is opened; what is returned adds the pieces to it. */
  pieces(count: number): () => void {
    const message = this.#newAnswer(this.#newChat());
    return () => {
      for (let seq = 1; seq <= count; seq++) this.#insertPiece.run(message, seq);
    };
  }

  close(): void {
    this.#database.close();
  }

  #newAnswer(chat: string): string {
    const id = randomUUID();
    this.#insertMessage.run(id, chat, 1, 'assistant', 'streaming', '', Date.now(), null);
    return id;
  }

  #newChat(): string {
    const id = randomUUID();
    this.#insertChat.run(id, Date.now(), Date.now());
    return id;
  }
}
