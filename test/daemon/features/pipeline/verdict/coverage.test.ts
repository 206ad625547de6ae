// A clean bill is earned: whatever keeps a model from reading is told in the coverage and in the summary.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { RunRecord } from '../../../../../daemon/features/pipeline/run/run-record.ts';
import { targetOf } from '../../../../../daemon/features/pipeline/target.ts';
import type { CoverageEntry } from '../../../../../daemon/features/pipeline/verdict/coverage.ts';
import { ProviderError } from '../../../../../daemon/models/providers/provider.ts';
import { isIncompleteReview } from '../../../../../shared/protocol/review.ts';
import { answerWith, benchWith, FindingsInMemory, type Script, ScriptedProvider, snippetOf } from '../parts.ts';

const code = snippetOf('export function sum(a: number, b: number) {\n  return a - b;\n}\n');

describe('a review that nobody made', () => {
  const unread: [what: string, script: Script][] = [
    ['is down', [new ProviderError('unavailable', 'The server is down.')]],
    ['refuses the key', [new ProviderError('auth', 'The key is wrong.')]],
    ['has too small a context', [new ProviderError('context-too-long', 'Too long.')]],
    ['answers nothing', []],
    ['apologises', ['I am sorry, I cannot review this code.']],
    ['writes prose', ['Looks good to me!']],
    ['claims in another form', ['{"findings":[{"line":2,"issue":"bad"}]}']],
    ['is stopped by a filter', [{ kind: 'finish', reason: 'content-filter' }]],
    ['only thinks that there is nothing', ['{"findings":[]}', { kind: 'thought' }]],
    ['is cut before it says anything', ['{"findings":[', { kind: 'finish', reason: 'length' }]],
  ];
  for (const [what, script] of unread)
    it(`is no clean bill where the model ${what}`, async () => {
      const { summary, coverage } = await benchWith({ provider: new ScriptedProvider(script) }).run(code);
      assert.match(summary, /^Not reviewed\. Not checked by lab\/tiny/);
      const looks = coverage.map(({ by, state }) => [by, state]);
      assert.deepEqual(looks, [['lab/tiny', 'failed']]);
      assert.ok(isIncompleteReview(coverage));
    });

  it('is no clean bill where the model repeats the example of its prompt', async () => {
    const first = new ScriptedProvider([answerWith()]);
    await benchWith({ provider: first }).run(code);
    const echo = /\{"findings":\[\{.*\}\]\}/.exec(first.requests[0]?.messages[0]?.content ?? '')?.[0] ?? '';
    const { quote } = JSON.parse(echo).findings[0] as { quote: string };
    const bench = benchWith({ provider: new ScriptedProvider([echo]) });
    const { findings, summary } = await bench.run(snippetOf(`const x = ${quote};\n`));
    assert.deepEqual([findings.length, /^Not reviewed/.test(summary)], [0, true]);
  });

  it('is read in part where the answer is cut after a finding', async () => {
    const answer = answerWith({ line: 2, quote: 'return a - b;' }).slice(0, -1);
    const provider = new ScriptedProvider([answer, { kind: 'finish', reason: 'length' }]);
    const { findings, coverage } = await benchWith({ provider }).run(code);
    assert.deepEqual([findings.length, coverage[0]?.state], [1, 'partly']);
  });

  for (const empty of ['{"findings":[]}', '[]', '```json\n[]\n```'])
    it(`is made where the model answers ${JSON.stringify(empty)}`, async () => {
      const { summary } = await benchWith({ provider: new ScriptedProvider([empty]) }).run(code);
      assert.equal(summary, 'No findings in 4 lines. Checked by lab/tiny.');
    });

  for (const text of ['\u0000\u0001PNG', '\uFFFD\uFFFDa'])
    it(`sends no binary file (${JSON.stringify(text)})`, async () => {
      const provider = new ScriptedProvider([answerWith()]);
      const { summary } = await benchWith({ provider }).run(snippetOf(text));
      assert.equal(provider.requests.length, 0);
      assert.match(summary, /^Not reviewed\. Binary/);
    });
});

describe('what a model claims', () => {
  const quote = 'return a - b;';
  const one = async (fields: string) => {
    const answer = `{"findings":[{"line":2,"quote":"${quote}","message":"Wrong."${fields}}]}`;
    return (await benchWith({ provider: new ScriptedProvider([answer]) }).run(code)).findings[0];
  };
  for (const word of ['critical', 'BLOCKER', 'High', 'major', 'Fatal', 'P1', 'high severity'])
    it(`of severity ${word} is an error`, async () =>
      assert.equal((await one(`,"severity":"${word}"`))?.severity, 'error'));
  for (const value of ['NaN', 'high', '90%', '.9', 'None', '+0.9'])
    it(`is kept where its confidence is ${value}`, async () => assert.ok(await one(`,"confidence":${value}`)));
  it('is not shown where the model hardly believes it', async () =>
    assert.equal(await one(',"confidence":0.05'), undefined));

  it('is one finding where one place gets one change, however much is quoted', async () => {
    const claims = answerWith(
      { line: 2, quote: 'a - b', replacement: 'a + b', message: 'Subtracts.' },
      { line: 2, quote, replacement: 'return a + b;', message: 'The sign is wrong.', category: 'style' },
    );
    const { findings } = await benchWith({ provider: new ScriptedProvider([claims]) }).run(code);
    assert.equal(findings.length, 1);
  });

  it('is limited for each document by itself', async () => {
    const text = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'].map((word) => `const ${word} = 1;`).join('\n');
    const claims = text
      .split('\n')
      .map((quote, i) => ({ line: i + 1, quote, message: quote, severity: i < 2 ? 'hint' : 'warning' }));
    const bench = benchWith({ provider: new ScriptedProvider([answerWith(...claims)]) });
    const added = text
      .split('\n')
      .map((line) => `+${line}\n`)
      .join('');
    const diff = ['a.ts', 'b.ts'].map((file) => `--- /dev/null\n+++ b/${file}\n@@ -0,0 +1,5 @@\n${added}`).join('');
    const { findings } = await bench.runDiff(diff, { root: '/no-such-folder' });
    const shown = findings.map(({ uri, severity }) => `${uri.slice(-4)} ${severity}`);
    assert.deepEqual(shown, [...Array(3).fill('a.ts warning'), ...Array(3).fill('b.ts warning')]);
  });

  it('is shown by strength: errors always, of the others the strongest', async () => {
    const words = 'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu'.split(' ');
    const claims = words.map((word, i) => ({
      line: i + 1,
      quote: `const ${word} = 1;`,
      message: `${word} is wrong`,
      severity: i < 5 ? 'hint' : i < 8 ? 'warning' : 'error',
    }));
    const bench = benchWith({ provider: new ScriptedProvider([answerWith(...claims)]) });
    const { findings } = await bench.run(snippetOf(words.map((word) => `const ${word} = 1;`).join('\n')));
    const shown = findings.map(({ severity }) => severity).join(' ');
    assert.equal(shown, 'warning warning warning error error error error');
  });
});

describe('the coverage of a review', () => {
  it('is stored with it, of one document and of many', async () => {
    for (const uris of [['file:///a.ts'], ['file:///a.ts', 'file:///b.ts'], []]) {
      const findings = new FindingsInMemory();
      const record = new RunRecord('r', findings, { kind: 'staged' });
      const targets = uris.map((uri) => targetOf(snippetOf('x', { uri })));
      record.begin(targets, '/shop');
      const coverage: CoverageEntry[] = [{ uri: 'file:///b.ts', by: 'tsc', state: 'failed', why: 'was killed' }];
      const past = { toStore: () => ({ fingerprint: '' }) };
      await record.save(targets, { findings: [], summary: '', coverage, aside: { held: [], solved: [] } }, past);
      assert.deepEqual(await findings.coverageOf('r'), coverage);
    }
  });
});
