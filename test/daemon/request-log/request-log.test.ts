// The history: every request is a line, secrets and texts are not in it, and no disk holds a request up.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Redactor } from '../../../daemon/base/log.ts';
import { noUsage } from '../../../daemon/models/providers/provider.ts';
import { type RequestLine, RequestLog, type RequestLogOptions } from '../../../daemon/request-log/request-log.ts';
import { RollingFiles } from '../../../daemon/request-log/rolling-files.ts';
import { silentLog } from '../storage/open-storage.ts';

const noon = new Date(2026, 6, 15, 12).getTime();
const dayMs = 24 * 60 * 60 * 1000;

function line(id: string, over: Partial<RequestLine> = {}): RequestLine {
  return {
    id,
    at: noon,
    profile: 'default',
    task: 'chat',
    provider: 'lab',
    model: 'lab/x',
    reason: 'the only one',
    status: 'complete',
    usage: noUsage,
    costUsd: 0.5,
    durationMs: 12,
    promptCharacters: 3,
    answerCharacters: 5,
    ...over,
  };
}

describe('the history', () => {
  let root: string;
  let folder: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'switchyard-history-'));
    folder = join(root, 'logs');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const open = (over: Partial<RequestLogOptions> = {}) =>
    new RequestLog({ folder, redactor: new Redactor(), log: silentLog, now: () => noon, ...over });
  const files = () => readdirSync(folder).sort();
  const linesOf = (name: string) =>
    readFileSync(join(folder, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, unknown>);

  it('has a line for each request, in order, in a file of the day that only the user can read', async () => {
    {
      await using requestLog = open();
      for (let i = 0; i < 500; i++) requestLog.write(line(`r${i}`));
    }
    assert.deepEqual(files(), ['history_20260715_001.jsonl']);
    assert.deepEqual(
      linesOf('history_20260715_001.jsonl').map(({ id }) => id),
      Array.from({ length: 500 }, (_, i) => `r${i}`),
    );
    if (process.platform !== 'win32')
      assert.equal(statSync(join(folder, 'history_20260715_001.jsonl')).mode & 0o777, 0o600);
  });

  it('says null where the cost is unknown, and masks keys', async () => {
    const redactor = new Redactor();
    redactor.add('sk-secret-123456');
    const { costUsd, ...unpriced } = line('r1', { reason: 'you chose sk-secret-123456' });
    {
      await using requestLog = open({ redactor });
      requestLog.write(unpriced);
    }
    assert.deepEqual(
      linesOf('history_20260715_001.jsonl').map(({ costUsd, reason, at }) => [costUsd, reason, at]),
      [[null, 'you chose [key]', new Date(noon).toISOString()]],
    );
  });

  it('goes on in the same file after a restart, ending a line that a crash left open', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'history_20260715_001.jsonl'), '{"id":"whole"}\n{"id":"to');
    {
      await using requestLog = open();
      requestLog.write(line('r1'));
    }
    const texts = readFileSync(join(folder, 'history_20260715_001.jsonl'), 'utf8').trimEnd().split('\n');
    assert.deepEqual([texts.length, texts[1], JSON.parse(texts[2] ?? '').id], [3, '{"id":"to', 'r1']);
  });

  it("loses no line to a pipe that stands in a file's place and that nobody reads", async function () {
    if (process.platform === 'win32') this.skip(); // no mkfifo there
    mkdirSync(folder);
    execFileSync('mkfifo', [join(folder, 'history_20260715_001.jsonl')]);
    {
      await using history = open();
      history.write(line('r1'));
    }
    assert.deepEqual(
      linesOf('history_20260715_002.jsonl').map(({ id }) => id),
      ['r1'],
    );
  });

  it('counts what a folder that cannot be written to costs, and says in the file how many lines are missing', async () => {
    writeFileSync(folder, 'a file where the folder should be');
    await using requestLog = open();
    requestLog.write(line('r1'));
    requestLog.write(line('r2'));
    await givenUp(requestLog, 2);
    rmSync(folder);
    requestLog.write(line('r3'));
    await requestLog[Symbol.asyncDispose]();
    assert.equal(requestLog.dropped, 2);
    assert.deepEqual(
      linesOf('history_20260715_001.jsonl').map(({ id, dropped }) => id ?? dropped),
      [2, 'r3'],
    );
  });

  it('takes lines at once although the disk is blocked, holds a bounded number, counts the rest, and lets the daemon end', async () => {
    const blocked = { append: () => new Promise<void>(() => {}), close: () => Promise.resolve() };
    const requestLog = open({ files: blocked, flushMs: 10 });
    for (let i = 0; i < 5000; i++) requestLog.write(line(`r${i}`));
    assert.ok(requestLog.dropped >= 3000 && requestLog.dropped < 5000, `${requestLog.dropped} dropped`);
    await requestLog[Symbol.asyncDispose]();
  });
});

/** Resolves when the log has given up this many lines. */
async function givenUp(requestLog: RequestLog, dropped: number): Promise<void> {
  while (requestLog.dropped < dropped) await new Promise(setImmediate);
}

describe('the files of the history', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-history-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const files = () => readdirSync(folder).sort();
  const limits = { fileBytes: 100, files: 3, totalBytes: 1_000_000 };

  it('are begun anew with each day and when one is full', async () => {
    const clock = { now: noon };
    const rolling = new RollingFiles({ folder, now: () => clock.now, limits: { ...limits, files: 100 } });
    for (let i = 0; i < 3; i++) await rolling.append(`${'x'.repeat(49)}\n`);
    clock.now += dayMs;
    await rolling.append('next day\n');
    await rolling.append(`${'longer than a file '.repeat(10)}\n`);
    await rolling.close();
    assert.deepEqual(files(), [
      'history_20260715_001.jsonl',
      'history_20260715_002.jsonl',
      'history_20260716_001.jsonl',
      'history_20260716_002.jsonl',
    ]);
    assert.equal(statSync(join(folder, 'history_20260715_001.jsonl')).size, 100);
  });

  it('are kept up to a number, the oldest removed first, and other files left alone', async () => {
    appendFileSync(join(folder, 'daemon.log'), 'mine');
    const rolling = new RollingFiles({ folder, now: () => noon, limits });
    for (let i = 0; i < 12; i++) await rolling.append(`${'x'.repeat(90)}\n`);
    await rolling.close();
    assert.deepEqual(files(), [
      'daemon.log',
      'history_20260715_010.jsonl',
      'history_20260715_011.jsonl',
      'history_20260715_012.jsonl',
    ]);
  });

  it('are kept up to a size', async () => {
    const rolling = new RollingFiles({
      folder,
      now: () => noon,
      limits: { fileBytes: 100, files: 100, totalBytes: 250 },
    });
    for (let i = 0; i < 6; i++) await rolling.append(`${'x'.repeat(99)}\n`);
    await rolling.close();
    assert.deepEqual(files(), [
      'history_20260715_004.jsonl',
      'history_20260715_005.jsonl',
      'history_20260715_006.jsonl',
    ]);
  });
});
