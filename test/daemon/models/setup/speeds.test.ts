// How fast models are on this machine, and how long a transfer takes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Speeds } from '../../../../daemon/models/setup/speeds.ts';
import { TransferRate } from '../../../../daemon/models/setup/transfer-rate.ts';

describe('the speed of a model', () => {
  let folder: string;
  const log = { warn() {} } as unknown as ConstructorParameters<typeof Speeds>[1];
  const file = () => join(folder, 'speeds.json');
  const answer = (tokensPerSecond: number) => ({
    readTokens: tokensPerSecond * 10,
    readMs: 1000,
    writtenTokens: tokensPerSecond,
    writeMs: 1000,
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-speeds-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is the median of its last answers, also after a restart', () => {
    const speeds = new Speeds(file(), log);
    assert.equal(speeds.of('local/a'), undefined);
    for (const each of [9, 500, 20, 22, 21]) speeds.add('local/a', answer(each));
    assert.deepEqual(speeds.of('local/a'), { read: 210, write: 21 });
    assert.deepEqual(new Speeds(file(), log).of('local/a'), { read: 210, write: 21 });
    for (let i = 0; i < 15; i++) speeds.add('local/a', answer(40));
    assert.deepEqual(speeds.of('local/a'), { read: 400, write: 40 });
  });

  it('is forgotten with its model, also after a restart', () => {
    const speeds = new Speeds(file(), log);
    for (const model of ['local/a', 'local/b']) speeds.add(model, answer(20));
    speeds.forget('local/a');
    speeds.forget('local/unknown');
    for (const each of [speeds, new Speeds(file(), log)])
      assert.deepEqual([each.of('local/a'), each.of('local/b')?.write], [undefined, 20]);
  });

  it('is not taken from answers too short to tell', () => {
    const speeds = new Speeds(file(), log);
    speeds.add('local/a', { readTokens: 10, readMs: 100, writtenTokens: 2, writeMs: 1 });
    speeds.add('local/a', { readTokens: 1000, readMs: 0, writtenTokens: 100, writeMs: 0 });
    assert.equal(speeds.of('local/a'), undefined);
  });

  for (const damaged of ['', '{', '[]', '{"local/a":{"read":["x"],"write":7}}', '{"local/a":null}'])
    it(`begins anew where what was kept is ${damaged || 'empty'}`, () => {
      writeFileSync(file(), damaged);
      const speeds = new Speeds(file(), log);
      assert.equal(speeds.of('local/a'), undefined);
      speeds.add('local/a', answer(30));
      assert.equal(speeds.of('local/a')?.write, 30);
    });
});

describe('the time that a transfer still takes', () => {
  it('follows the last seconds, and is unknown at the beginning and while nothing comes', () => {
    let now = 0;
    const rate = new TransferRate(() => now);
    rate.add(5000); // of an earlier attempt
    assert.equal(rate.secondsFor(1000), undefined);
    for (let second = 1; second <= 20; second++) {
      now = second * 1000;
      rate.add(5000 + second * 100);
    }
    assert.equal(rate.secondsFor(1000), 10);
    for (let second = 21; second <= 40; second++) {
      now = second * 1000;
      rate.add(7000 + (second - 20) * 1000);
    }
    assert.equal(rate.secondsFor(10_000), 10);
    now = 60_000;
    rate.add(27_000);
    now = 90_000;
    rate.add(27_000);
    assert.equal(rate.secondsFor(1000), undefined);
  });
});
