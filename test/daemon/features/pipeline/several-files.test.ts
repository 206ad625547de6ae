// Several documents that the user names are one review: findings by file, one run of a linter, one row in the history.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { maxPrompts } from '../../../../daemon/features/pipeline/reviewer.ts';
import { answerWith, benchWith, ScriptedProvider, snippetOf } from './parts.ts';

const wrong = (name: string, text: string) => snippetOf(`${text}\n`, { uri: `file:///shop/${name}` });
const files = [wrong('a.ts', 'total(1 - 2);'), wrong('b.ts', 'count(3 - 4);'), wrong('c.ts', 'ends();')];

describe('a review of several documents', () => {
  it('tells findings by file, in the order in which the files were named', async () => {
    const answers = [answerWith({ quote: 'count(3 - 4)' }), answerWith({ quote: 'ends()' })];
    const bench = benchWith({ provider: new ScriptedProvider(['{"findings":[]}'], ...answers.map((text) => [text])) });
    const { findings, coverage } = await bench.runFiles(files);
    assert.deepEqual(
      findings.map(({ uri, evidence }) => [uri, evidence]),
      [
        ['file:///shop/b.ts', 'count(3 - 4)'],
        ['file:///shop/c.ts', 'ends()'],
      ],
    );
    assert.deepEqual(
      coverage.map(({ uri, state }) => [uri, state]),
      files.map(({ uri }) => [uri, 'read']),
    );
  });

  it('hands all of them to the linters at once', async () => {
    const begun: string[][] = [];
    const bench = benchWith({
      analysers: {
        begin(targets) {
          begun.push(targets.map(({ snippet }) => snippet.uri));
          return { analyse: async () => ({ looks: [{ by: 'lint', state: 'read' }], missing: [], notes: [] }) };
        },
      },
    });
    await bench.runFiles(files);
    assert.deepEqual(begun, [files.map(({ uri }) => uri)]);
  });

  const histories: [string, typeof files, object, string | undefined, string[]][] = [
    ['several', files, { kind: 'files', files: files.map(({ uri }) => uri) }, 'file:///shop', files.map((f) => f.uri)],
    ['one', files.slice(0, 1), { kind: 'file' }, 'file:///shop/a.ts', ['file:///shop/a.ts']],
    [
      'several, one of them binary,',
      [files[0] ?? wrong('a.ts', ''), wrong('b.bin', '\0\0')],
      { kind: 'files', files: ['file:///shop/a.ts', 'file:///shop/b.bin'] },
      'file:///shop',
      ['file:///shop/a.ts'],
    ],
  ];
  for (const [count, some, subject, uri, parts] of histories)
    it(`of ${count} is one row of the history`, async () => {
      const bench = benchWith({ provider: new ScriptedProvider(['{"findings":[]}']) });
      const { runId } = await bench.runFiles(some, { root: '/shop' });
      const { subject: listed, uri: of, state } = bench.findings.listed.get(runId) ?? {};
      assert.deepEqual([listed, of, state], [subject, uri, 'done']);
      assert.deepEqual(
        bench.findings.runs.map((run) => run.uri),
        parts,
      );
    });

  it('asks as often about each file as about one alone', async () => {
    const lines = Array.from({ length: 2000 }, (_, index) => `step(${index});`).join('\n');
    const long = [wrong('a.ts', lines), wrong('b.ts', lines.replaceAll('step', 'next'))];
    const provider = new ScriptedProvider(['{"findings":[]}']);
    const { coverage } = await benchWith({ provider }).runFiles(long);
    assert.ok(provider.requests.length > maxPrompts);
    assert.deepEqual(
      coverage.map(({ state }) => state),
      ['read', 'read'],
    );
  });

  it('keeps what was found in the others when a model fails at one of them', async () => {
    const provider = new ScriptedProvider([answerWith({ quote: 'total(1 - 2)' })], [new Error('gone')]);
    const { findings, coverage } = await benchWith({
      provider,
      log: { debug() {}, info() {}, warn() {}, error() {} },
    }).runFiles(files);
    assert.deepEqual(
      findings.map(({ uri }) => uri),
      ['file:///shop/a.ts'],
    );
    assert.deepEqual(
      coverage.map(({ state }) => state),
      ['read', 'failed', 'failed'],
    );
  });
});
