// A review again asks a model about changed pieces of code alone.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { createModelGate } from '../../../../../daemon/ignore/gate.ts';
import { answerWith, benchWith, FindingsInMemory, type Script, ScriptedProvider, snippetOf } from '../parts.ts';

const unit = (name: string): string =>
  [`function ${name}(input) {`, ...Array.from({ length: 30 }, (_, i) => `  ${name}Step${i}(input);`), '}', ''].join(
    '\n',
  );
const names = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'];
const code = names.map(unit).join('\n');
/** About every piece the same is said; where its quote does not stand it comes to nothing. */
const answer = answerWith({ line: 1, quote: 'betaStep3(input)', message: 'Never closed.', severity: 'error' });

describe('a review of code that was read before', () => {
  let findings: FindingsInMemory;
  beforeEach(() => {
    findings = new FindingsInMemory();
  });
  const review = async (
    text: string,
    { script = [answer] as Script, ...options }: { script?: Script; isFresh?: boolean; uri?: string } = {},
  ) => {
    const provider = new ScriptedProvider(script);
    const { uri = 'file:///shop/sum.ts', isFresh = false } = options;
    const bench = benchWith({ provider, findings, prefix: `${findings.runs.length}-` });
    const result = await bench.run(snippetOf(text, { uri }), { isFresh });
    const shown = result.findings.filter(({ state }) => state !== 'solved');
    return { asked: provider.requests.length, provider, result, messages: shown.map(({ message }) => message) };
  };

  it('asks about nothing where nothing has changed, finds the same, and says so', async () => {
    const first = await review(code);
    assert.equal(first.asked, names.length);
    const second = await review(code);
    assert.deepEqual([second.asked, second.messages], [0, first.messages]);
    assert.deepEqual(second.messages, ['Never closed.']);
    assert.match(
      second.result.stages.find(({ name }) => name === 'reviewer')?.detail ?? '',
      /6 of 6 pieces were unchanged/,
    );
    assert.deepEqual(
      second.result.coverage.map(({ state, why }) => [state, why]),
      [['read', 'Unchanged since it was read before']],
    );
  });

  const changes: [what: string, change: (text: string) => string, asked: number][] = [
    ['one line has changed', (text) => text.replace('deltaStep9(input)', 'deltaStep9(output)'), 1],
    ['a line is new', (text) => text.replace('  deltaStep9', '  one(more);\n  deltaStep9'), 1],
    ['a function is new at the top', (text) => `${unit('fresh')}\n${text}`, 1],
    ['a function is gone', (text) => text.replace(unit('gamma'), ''), 0],
    ['two functions have changed places', () => [...names.slice(3), ...names.slice(0, 3)].map(unit).join('\n'), 0],
  ];
  for (const [what, change, asked] of changes)
    it(`asks about what is new alone where ${what}`, async () => {
      await review(code);
      const second = await review(change(code));
      assert.ok(second.asked <= asked + 1, `${second.asked} requests`); // a piece at the end may have grown
      assert.ok(second.asked >= asked, `${second.asked} requests`);
      assert.deepEqual(second.messages, ['Never closed.']);
    });

  it('asks again about everything if the user wants, or where the file has another name', async () => {
    await review(code);
    assert.equal((await review(code, { isFresh: true })).asked, names.length);
    assert.equal((await review(code, { uri: 'file:///shop/other.ts' })).asked, names.length);
  });

  const unusable: [what: string, script: Script][] = [
    ['was no review', ['I cannot help with that.']],
    ['was cut off', [answer, { kind: 'finish', reason: 'length' }]],
    ['was refused', [answer, { kind: 'finish', reason: 'content-filter' }]],
  ];
  for (const [what, script] of unusable)
    it(`asks again where the answer ${what}`, async () => {
      await review(unit('beta'), { script });
      assert.equal((await review(unit('beta'))).asked, 1);
    });

  it('keeps nothing of a file that a new rule keeps from models', async () => {
    await review(code);
    assert.ok(findings.hunks.size > 0);
    const gate = createModelGate({ isIgnored: async () => ({ ignored: true, by: '.switchyardignore' }) });
    await benchWith({ provider: new ScriptedProvider([answer]), findings, gate }).run(
      snippetOf(code, { uri: 'file:///shop/sum.ts' }),
      { roots: ['file:///shop'] },
    );
    assert.equal(findings.hunks.size, 0);
  });
});
