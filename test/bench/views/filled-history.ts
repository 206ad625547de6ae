// A history of 100,000 messages as it is some days after it was written: stored through the real storage, and all of it indexed,
// with vectors. The vectors are any vectors: they cost what those of a model would, and a bench looks at no ranking.
import type Database from 'better-sqlite3';
import { openStorage } from '../../../daemon/storage/sqlite/client.ts';
import { SqliteSearch } from '../../../daemon/storage/sqlite/search/search.ts';
import { type TestStorage, withDefault } from '../../daemon/storage/open-storage.ts';
import { createRandom, type Random, unitVector, zipfText } from '../../daemon/storage/sqlite/search/random.ts';
import { openDatabase } from '../search/database.ts';

export const chatCount = 2000;
export const messagesPerChat = 50;
const chatsAtOnce = 100;
const shippedModel = { name: 'all-minilm-l6-v2', dimensions: 384 };
const directions = 200;
const vectorsAtOnce = 2000;
const log = { debug() {}, info() {}, warn() {}, error() {} };
const workerPath = new URL('../../../dist/daemon/storage-worker.js', import.meta.url);

/** Makes the database; nothing is left for the daemon's background work to do with it. */
export async function fillHistory(database: string): Promise<void> {
  await writeChats(database);
  const opened = openDatabase(database);
  try {
    indexAll(opened);
  } finally {
    opened.close();
  }
}

async function writeChats(database: string): Promise<void> {
  await using memory: TestStorage = withDefault(openStorage({ database, workerPath, log }));
  const random = createRandom(17);
  for (let from = 0; from < chatCount; from += chatsAtOnce) {
    await Promise.all(Array.from({ length: chatsAtOnce }, (_, at) => writeChat(memory, from + at, random)));
  }
}

/** Words are as frequent as words are; a chat in seven is about a cart, and every answer has code and lists, as answers do. */
async function writeChat({ chats }: TestStorage, chat: number, random: Random): Promise<void> {
  const isAboutCarts = chat % 7 === 0;
  const { id } = await chats.createChat({
    title: `Chat ${chat} about ${isAboutCarts ? 'the total of a cart' : zipfText(random).slice(0, 40)}`,
  });
  for (let turn = 0; turn < messagesPerChat / 2; turn++) {
    await chats.addUserMessage(id, {
      text: `${isAboutCarts ? `How do I compute the total of a cart with ${turn} lines? ` : ''}${zipfText(random)}`,
    });
    const answer = await chats.startAnswer(id, {});
    await chats.finishAnswer(answer.id, { status: 'complete', last: [{ text: answerText(turn, random) }] });
  }
}

function answerText(turn: number, random: Random): string {
  const code = Array.from(
    { length: 2 + (turn % 12) },
    (_, line) =>
      `  const total${line} = lines.reduce((sum, { price, count }) => sum + price * count, ${line}); // the total`,
  ).join('\n');
  const list = Array.from(
    { length: turn % 5 },
    () => `- **${zipfText(random)}**, and \`${zipfText(random).split(' ')[0] ?? ''}\``,
  ).join('\n');
  return `${zipfText(random)}\n\n\`\`\`ts\nfunction total(lines: Line[]): number {\n${code}\n}\n\`\`\`\n\n${list}\n\n${zipfText(random)}`;
}

function indexAll(database: Database.Database): void {
  const search = new SqliteSearch(database);
  while (search.step());
  search.useModel(shippedModel);
  const random = createRandom(31);
  const vectors = Array.from({ length: directions }, () => unitVector(random, shippedModel.dimensions));
  const documents = database.prepare('select id from search_document order by id').pluck().all() as number[];
  for (let from = 0; from < documents.length; from += vectorsAtOnce) {
    search.store(
      documents
        .slice(from, from + vectorsAtOnce)
        .map((document) => ({ document, vector: vectors[document % directions] ?? new Float32Array() })),
    );
  }
  const { queued, pending } = search.status();
  if (queued > 0 || pending > 0) throw new Error(`The index is not filled: ${queued} wait, ${pending} lack a vector.`);
}
