// The router's benchmark itself: that its measures are those of the paper, and that it takes any CSV of the stated columns.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { after, describe, it } from 'mocha';
import { parseCsv, type Prompt } from '../../bench/router/data.ts';
import { measure } from '../../bench/router/measures.ts';
import { asCsv, madePrompts } from './learn/made-prompts.ts';

const program = new URL('../../bench/router.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'sy-router-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const noFeatures = { hashes: [], counts: [], shape: [] };
const prompts = [[0, 1], [0, 1], [1, 1], [1, 1]].map(([weak = 0, strong = 0]): Prompt => ({ text: '', features: noFeatures, subject: undefined, weak, strong }));

describe('the measures of a ranking', () => {
  it('are the area under recovered gap and the calls needed for half and four fifths of it', () => {
    // Both prompts that need the strong model come first: the gap closes over the first half, area 0.25 + 0.5.
    const { apgr, cpt50, cpt80, bestAccuracy, bestAtPercent } = measure(prompts, [4, 3, 2, 1]);
    assert.deepEqual([apgr, cpt50, cpt80, bestAccuracy, bestAtPercent], [0.75, 25, 50, 1, 50]);
    assert.equal(measure(prompts, [1, 2, 3, 4]).apgr, 0.25);
  });

  it('see when a ranking loses to the weak model alone', () => {
    const harmful = prompts.map((prompt, place): Prompt => (place === 3 ? { ...prompt, strong: 0 } : prompt));
    assert.ok(measure(harmful, [1, 2, 3, 4]).leastAboveWeak < 0);
    assert.ok(measure(harmful, [4, 3, 2, 1]).leastAboveWeak >= 0);
  });
});

describe('a CSV', () => {
  it('may hold quotes, commas and line breaks in quotes, and end with or without a line break', () => {
    assert.deepEqual(parseCsv('a,b\r\n"x, ""y""\nz",1\n'), [['a', 'b'], ['x, "y"\nz', '1']]);
    assert.deepEqual(parseCsv('a,b\n,'), [['a', 'b'], ['', '']]);
  });
});

describe('the benchmark of the router', function () {
  this.timeout(120_000);
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const run = async (...args: string[]) => JSON.parse((await promisify(execFile)(process.execPath, [program, ...args])).stdout) as {
    protocols: { protocol: string; routers: Record<string, { apgr: number }> }[];
    flips: Record<string, number>;
  };
  const train = file('train.csv', asCsv(madePrompts(160)));
  const test = file('test.csv', asCsv(madePrompts(80, 11)));

  it('reports folds at random and of whole subjects, the learned router above random and below the oracle', async () => {
    const { protocols } = await run('--data', train);
    assert.deepEqual(protocols.map(({ protocol }) => protocol), ['5-fold', 'leave-subjects-out']);
    for (const { routers: { learned, random, oracle } } of protocols) {
      assert.ok(learned && random && oracle && learned.apgr > random.apgr && learned.apgr <= oracle.apgr);
    }
  });

  it('reports transfer from one file to another, the same each time', async () => {
    const [first, second] = await Promise.all([run('--train', train, '--test', test), run('--train', train, '--test', test)]);
    assert.deepEqual(first.protocols, second.protocols);
    assert.equal(first.protocols[0]?.protocol, 'transfer');
  });

  it('names what a file lacks', () => {
    const { status, stderr } = spawnSync(process.execPath, [program, '--data', file('bad.csv', 'prompt,weak_correct\nx,1\n')], { encoding: 'utf8' });
    assert.equal(status, 3);
    assert.match(stderr, /lacks one of the columns prompt, weak_correct, strong_correct/);
  });
});
