// The router's benchmark itself: that its measures are those of the paper, and that it takes any CSV of the stated columns.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { after, describe, it } from 'mocha';
import { parseCsv } from '../../../bench/router/csv.ts';
import type { Prompt } from '../../../bench/router/data.ts';
import { measure } from '../../../bench/router/measures.ts';
import { measured } from '../../../bench/router.ts';
import { asCsv, madePrompts } from './learn/made-prompts.ts';

const program = new URL('../../../bench/router.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'sy-router-'));

const noFeatures = { hashes: [], counts: [], shape: [] };
const prompts = [
  [0, 1],
  [0, 1],
  [1, 1],
  [1, 1],
].map(([weak = 0, strong = 0]): Prompt => ({ text: '', features: noFeatures, subject: undefined, weak, strong }));

describe('the measures of a ranking', () => {
  it('are the area under recovered gap and the calls needed for half and four fifths of it', () => {
    // Both prompts that need the strong model come first: the gap closes over the first half, area 0.25 + 0.5.
    const { apgr, cpt50, cpt80, bestAccuracy, bestAtPercent } = measure(prompts, [4, 3, 2, 1]);
    assert.deepEqual([apgr, cpt50, cpt80, bestAccuracy, bestAtPercent], [0.75, 25, 50, 1, 50]);
    assert.equal(measure(prompts, [1, 2, 3, 4]).apgr, 0.25);
  });

  it('see when a ranking loses to the weak model alone', () => {
    const harmful = prompts.map((prompt, place): Prompt => (place === 3 ? { ...prompt, strong: 0 } : prompt));
    assert.ok(measure(harmful, [1, 2, 3, 4]).above.calls.single < 0);
    assert.ok(measure(harmful, [4, 3, 2, 1]).above.calls.single >= 0);
  });

  it('see when a ranking loses to a coin, by calls and by what they cost', () => {
    const { calls, cost } = measure(prompts, [1, 2, 3, 4]).above;
    assert.ok(calls.coin < 0 && cost.coin < 0, 'the worst ranking');
    assert.deepEqual(measure(prompts, [4, 3, 2, 1]).above, {
      calls: { single: 0, coin: 0 },
      cost: { single: 0, coin: 0 },
    });
    // Two long prompts first, of which one gains: as good as a coin by calls, worse by cost, since the short ones cost less.
    const long = prompts.map(
      (prompt, place): Prompt => ({ ...prompt, text: place === 0 || place === 2 ? 'x'.repeat(10_000) : '' }),
    );
    const above = measure(long, [4, 2, 3, 1]).above;
    assert.ok(above.calls.coin >= 0 && above.cost.coin < -0.1, JSON.stringify(above));
  });

  it('are left out where the strong model is no better: there is no gap', () => {
    const { apgr, cpt50 } = measure(
      prompts.map((prompt) => ({ ...prompt, strong: prompt.weak })),
      [4, 3, 2, 1],
    );
    assert.deepEqual([apgr, cpt50], [undefined, undefined]);
  });
});

describe('a CSV', () => {
  it('may hold quotes, commas and line breaks in quotes, and end with or without a line break', () => {
    assert.deepEqual(parseCsv('a,b\r\n"x, ""y""\nz",1\n'), [
      ['a', 'b'],
      ['x, "y"\nz', '1'],
    ]);
    assert.deepEqual(parseCsv('a,b\n,'), [
      ['a', 'b'],
      ['', ''],
    ]);
  });

  it('may end its lines with CR, and hold quotes inside plain fields', () =>
    assert.deepEqual(parseCsv('a,b\rsay "hi",2\r'), [
      ['a', 'b'],
      ['say "hi"', '2'],
    ]));
  it('may hold a field of megabytes', () =>
    assert.equal(parseCsv(`"${'x""'.repeat(1_000_000)}"`)[0]?.[0]?.length, 2_000_000));
  it('says where a quote is never closed, or a field goes on behind one', () => {
    assert.throws(() => parseCsv('a,b\n"x,1\n'), /record 2 opens a quote that is never closed/);
    assert.throws(() => parseCsv('a,b\n"x"y,1\n'), /in record 2 a field goes on behind its closing quote/);
  });
});

describe('the benchmark of the router', () => {
  after(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const run = async (...args: string[]) =>
    JSON.parse((await promisify(execFile)(process.execPath, [program, ...args])).stdout) as {
      protocols: { protocol: string; routers: Record<string, { apgr: number }> }[];
      flips: Record<string, number>;
    };
  const train = file('train.csv', asCsv(madePrompts(160)));
  const test = file('test.csv', asCsv(madePrompts(80, 11)));

  it('reports folds at random and of whole subjects, the learned router above random and below the oracle', async () => {
    const { protocols } = await run('--data', train);
    assert.deepEqual(
      protocols.map(({ protocol }) => protocol),
      ['5-fold', 'leave-subjects-out'],
    );
    for (const {
      routers: { learned, random, oracle },
    } of protocols) {
      assert.ok(learned && random && oracle && learned.apgr > random.apgr && learned.apgr <= oracle.apgr);
    }
  });

  it('reports transfer from one file to another, the same each time', async () => {
    const [first, second] = await Promise.all([
      run('--train', train, '--test', test),
      run('--train', train, '--test', test),
    ]);
    assert.deepEqual(first.protocols, second.protocols);
    assert.equal(first.protocols[0]?.protocol, 'transfer');
  });

  const header = 'prompt,weak_correct,strong_correct\n';
  const few = Array.from({ length: 10 }, (_, place) => `question ${place},${place % 2},1\n`).join('');
  const notes: { what: string; text: string; says: RegExp }[] = [
    { what: 'ten records', text: header + few, says: /^10 prompts are few/ },
    {
      what: 'a byte order mark, and records without a judgement',
      text: `\ufeff${header}${few}x,NaN,1\ny,,1\nz,1\n\n`,
      says: /^3 of 14 records .* left out .* record 12 is the first/,
    },
    {
      what: 'answers that are all right',
      text: header + few.replaceAll(',0,', ',1,'),
      says: /no better than the weak one here: .* no APGR/,
    },
    { what: 'no subjects', text: header + few, says: /fewer than five subjects/ },
  ];
  for (const { what, text, says } of notes) {
    it(`measures a file with ${what}, and says what is wrong with that`, () => {
      const { exitCode, document } = measured(['--data', file('odd.csv', text)]);
      const { prompts: count, notes: said } = document as { prompts: number; notes: string[] };
      assert.deepEqual([exitCode, count], [0, 10]);
      assert.ok(
        said.some((note) => says.test(note)),
        said.join('\n'),
      );
    });
  }

  const refused: { what: string; args: () => string[]; status: number; says: RegExp }[] = [
    {
      what: 'a column that is missing',
      args: () => ['--data', file('bad.csv', 'prompt,weak_correct\nx,1\n')],
      status: 3,
      says: /lacks one of the columns prompt, weak_correct, strong_correct; it has prompt, weak_correct\.$/,
    },
    { what: 'a file of nothing', args: () => ['--data', file('bad.csv', '')], status: 3, says: /it is empty/ },
    {
      what: 'a file without one judged prompt',
      args: () => ['--train', train, '--test', file('bad.csv', `${header}x,maybe,1\n`)],
      status: 3,
      says: /holds no prompts\. 1 of 1 records/,
    },
    {
      what: 'a quote that is never closed',
      args: () => ['--data', file('bad.csv', `${header}"x,1,1\n`)],
      status: 3,
      says: /record 2 opens a quote/,
    },
    {
      what: 'a file that is not there',
      args: () => ['--data', join(folder, 'none.csv')],
      status: 3,
      says: /there is no such file/,
    },
    { what: 'no file', args: () => ['--train', train], status: 2, says: /Say which prompts/ },
    { what: 'an option that is none', args: () => ['--dta', train], status: 2, says: /Unknown option '--dta'/ },
  ];
  for (const { what, args, status, says } of refused) {
    it(`names ${what}`, () => {
      const { exitCode, document } = measured(args());
      assert.equal(exitCode, status);
      assert.match((document as { error: string }).error, says);
    });
  }

  it('says what is wrong in one line, and as the one document on stdout', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--data', join(folder, 'none.csv')], {
      encoding: 'utf8',
    });
    assert.equal(status, 3);
    assert.equal(stderr, `router: ${(JSON.parse(stdout) as { error: string }).error}\n`);
  });
});
