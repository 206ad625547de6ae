// One byte is flipped, at many places of a database, one after another: nothing crashes, no message is told wrong without a word,
// the damaged file is kept, and nearly everything is there afterwards. SWITCHYARD_FLIPS=2000 tries more places.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { SqliteEngine } from '../../../../../daemon/storage/sqlite/engine.ts';
import { openDatabase } from '../../../../../daemon/storage/sqlite/native.ts';
import { readPage } from '../../../../../daemon/storage/sqlite/safety/page.ts';
import { PageFile } from '../../../../../daemon/storage/sqlite/safety/page-file.ts';
import { folderInMemory, type TestFolder } from '../../open-storage.ts';
import { type Contents, fillDatabase, readEverything } from './filled.ts';

const flips = Number(process.env['SWITCHYARD_FLIPS'] ?? 120);

describe('a database with one byte flipped', () => {
  let folder: TestFolder;
  let sound: Buffer;
  let whole: Contents;
  let offsets: number[];
  let rowsOnPage: number[];

  before(() => {
    folder = folderInMemory();
    fillDatabase(folder.database, { chats: 32, messagesPerChat: 20 });
    sound = readFileSync(folder.database);
    const storage = new SqliteEngine(folder.database);
    whole = readEverything(storage);
    storage.close();
    rowsOnPage = countRows(folder.database);
    offsets = interestingOffsets(folder.database, flips);
  });
  after(() => folder[Symbol.dispose]());

  it(`is whole again, or says what is not, at each of ${flips} places`, function () {
    this.timeout(60_000 + flips * 2000); // on a machine that has other things to do
    let worst = 1;
    let sum = 0;
    const seen = { unnoticed: 0, rebuilt: 0, elsewhere: 0 };
    for (const offset of offsets) {
      const { contents, notices, files } = openDamaged(folder.database, flipped(sound, offset));
      const at = `offset ${offset} (page ${Math.floor(offset / 4096) + 1})`;
      const told = notices.length > 0;
      seen[told ? 'rebuilt' : 'unnoticed']++;
      let same = 0;
      for (const [id, message] of whole.messages) {
        const now = contents.messages.get(id);
        if (now && isEqual({ ...now, notes: undefined }, { ...message, notes: undefined })) same++;
        else assert.ok(told, `${at}: message ${id} is wrong, and nobody was told`);
        if (now && !isEqual(now, message) && now.text !== message.text)
          assert.match(now.notes?.at(-1) ?? '', /damaged on the disk/, at);
      }
      for (const id of contents.messages.keys())
        assert.ok(whole.messages.has(id) || told, `${at}: message ${id} was deleted or never there`);
      if (
        !told &&
        !isEqual(
          [...contents.chats, ...contents.decisions, contents.findings, contents.spent],
          [...whole.chats, ...whole.decisions, whole.findings, whole.spent],
        )
      )
        seen.elsewhere++;
      const total =
        whole.messages.size + whole.chats.size + whole.decisions.size + whole.findings.length + whole.spent.length;
      const there =
        same +
        common(whole.chats, contents.chats) +
        common(whole.decisions, contents.decisions) +
        contents.findings.length +
        contents.spent.length;
      sum += there / total;
      worst = Math.min(worst, there / total);
      assert.ok(
        there >= (total - (rowsOnPage[Math.floor(offset / 4096) + 1] ?? 0)) * 0.99,
        `${at}: ${there} of ${total} are there; ${notices.join()}`,
      );
      if (told) {
        assert.equal(notices.length, 1, at);
        const kept = files.filter((name) => name.endsWith('switchyard.db') && name.startsWith('damaged'));
        assert.equal(kept.length, 1, `${at}: the damaged file is kept`);
      }
    }
    if (process.env['SWITCHYARD_FLIPS']) console.log({ ...seen, worst, mean: sum / offsets.length });
    assert.ok(seen.rebuilt > 0 && seen.unnoticed > 0);
  });
});

function openDamaged(database: string, bytes: Buffer): { contents: Contents; notices: string[]; files: string[] } {
  rmSync(dirname(database), { recursive: true, force: true });
  mkdirSync(dirname(database), { recursive: true });
  writeFileSync(database, bytes);
  const notices: string[] = [];
  const storage = new SqliteEngine(database, { onNotice: (notice) => notices.push(notice) });
  try {
    return {
      contents: readEverything(storage),
      notices,
      files: readdirSync(dirname(database), { recursive: true, encoding: 'utf8' }),
    };
  } finally {
    storage.close();
  }
}

/** By the number of the page, which counts from 1. */
function countRows(database: string): number[] {
  using file = new PageFile(database);
  return Array.from({ length: file.pageCount + 1 }, (_, number) =>
    number === 0 ? 0 : (readPage(file, number)?.rows.length ?? 0),
  );
}

function flipped(sound: Buffer, offset: number): Buffer {
  const bytes = Buffer.from(sound);
  bytes[offset] = (bytes[offset] ?? 0) ^ (1 << (offset % 8));
  return bytes;
}

/** The file's header, the schema's page, and then of each kind of page its header, its pointers and its content. */
function interestingOffsets(file: string, count: number): number[] {
  const database = openDatabase(file, { readonly: true });
  const pages = database.prepare('select pageno, name, pagetype from dbstat').all() as {
    pageno: number;
    name: string;
    pagetype: string;
  }[];
  const pageCount = database.pragma('page_count', { simple: true }) as number;
  database.close();
  const used = new Set(pages.map(({ pageno }) => pageno));
  const free = Array.from({ length: pageCount }, (_, i) => i + 1)
    .filter((page) => !used.has(page))
    .map((pageno) => ({ pageno, name: 'free', pagetype: 'free' }));
  const kinds = Map.groupBy([...pages, ...free], ({ name, pagetype }) => `${name} ${pagetype}`);
  const header = Array.from({ length: 100 }, (_, i) => i).filter((at) => at < 64 || at >= 92);
  const chosen = new Set(spread(header, Math.min(header.length, Math.ceil(count / 4))));
  const inPage = [0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 40, 100, 900, 2000, 3000, 3700, 4000, 4090, 4095];
  for (let round = 0; chosen.size < count && round < count * 10; round++) {
    for (const of of kinds.values()) {
      const page = of[(round * 7) % of.length]?.pageno ?? 1;
      if (chosen.size < count)
        chosen.add(
          (page - 1) * 4096 +
            (((inPage[(round * 5 + chosen.size) % inPage.length] ?? 0) + (round >= inPage.length ? round * 13 : 0)) %
              4096),
        );
    }
  }
  return [...chosen];
}

function spread(items: number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)] ?? 0);
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function common<T>(a: Map<string, T>, b: Map<string, T>): number {
  return [...a.keys()].filter((id) => b.has(id)).length;
}
