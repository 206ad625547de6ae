// Messages in a database, of words as frequent as those of a language are. A million of them are made once and kept in the cache.
import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { migrations } from '../../../daemon/storage/sqlite/migrate.ts';
import { createRandom, zipfText } from '../../daemon/storage/sqlite/search/random.ts';
import { openDatabase } from './database.ts';

const messagesPerChat = 1000;
const keptFrom = 1_000_000;

/** Opens a database with so many messages that wait to be indexed. */
export function openMessages(file: string, count: number): Database.Database {
  if (count < keptFrom) return filled(file, count);
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'switchyard-test');
  const kept = join(cache, `messages-${count}-${migrations.at(-1)?.name}.db`);
  if (!existsSync(kept)) {
    mkdirSync(cache, { recursive: true });
    filled(`${kept}.making`, count).close();
    renameSync(`${kept}.making`, kept);
  }
  copyFileSync(kept, file);
  return openDatabase(file);
}

function filled(file: string, count: number): Database.Database {
  const database = openDatabase(file);
  const random = createRandom(11);
  const chat = database.prepare(
    "insert or ignore into chat (id, title, created_at, updated_at) values (?, 'Chat', 1, 1)",
  );
  const message = database.prepare(
    "insert or ignore into message (id, chat_id, seq, role, status, text, created_at, finished_at) values (?, ?, ?, 'user', 'complete', ?, 1, 1)",
  );
  const add = database.transaction((from: number) => {
    chat.run(`c${from}`);
    for (let i = from; i < Math.min(count, from + messagesPerChat); i++)
      message.run(`m${i}`, `c${from}`, i, zipfText(random));
  });
  for (let from = 0; from < count; from += messagesPerChat) add(from);
  return database;
}
