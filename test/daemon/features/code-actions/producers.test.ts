// The light bulb: what is offered where, and that offering needs no model.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type ActionContext, offersFor, producers } from '../../../../daemon/features/code-actions/producers.ts';
import type { Finding } from '../../../../daemon/features/pipeline/types.ts';
import { snippetOf, strictLog } from '../pipeline/parts.ts';

const snippet = snippetOf('const a = b - c;\nconst d = 1;\n');
const at = (line: number, from: number, to: number) => ({
  start: { line, character: from },
  end: { line, character: to },
});
const context = (over: Partial<ActionContext> = {}): ActionContext => ({
  snippet,
  range: at(0, 3, 3),
  diagnostics: [],
  findings: [],
  hasOwnCommands: true,
  ...over,
});
const finding: Finding = {
  id: 'f1',
  uri: snippet.uri,
  range: at(0, 10, 15),
  severity: 'error',
  category: 'correctness',
  message: 'Subtracts.',
  evidence: 'b - c',
  source: 'lab/tiny',
  confidence: 1,
  replacement: 'b + c',
};
const offers = (over: Partial<ActionContext>) => offersFor(context(over), strictLog);
const titles = (over: Partial<ActionContext>) => offers(over).map(({ title }) => title);

describe('the light bulb', () => {
  it('stays dark where there is only a cursor', () => assert.deepEqual(titles({}), []));
  it('stays dark on blank space', () =>
    assert.deepEqual(titles({ range: { start: { line: 0, character: 16 }, end: { line: 1, character: 0 } } }), []));

  it('offers each action on a selection', () => {
    assert.deepEqual(titles({ range: at(0, 0, 16) }), [
      'Fix with Switchyard',
      'Explain with Switchyard',
      'Improve with Switchyard',
      'Document with Switchyard',
      'Write tests with Switchyard',
    ]);
  });

  it('offers to show, keep and undo what the agent changed in the file', () => {
    const wanted = ['Changes', 'Keep', 'Undo'].map((word) => [
      'source.agent',
      { command: `switchyard.agent${word}`, arguments: [{ jobId: 'j1', uri: snippet.uri }] },
    ]);
    assert.deepEqual(
      offers({ agentRun: 'j1' }).map(({ kind, command }) => [kind, command]),
      wanted,
    );
  });

  it('offers to keep and undo the single change of the agent at the cursor; only to keep one that others had a part in', () => {
    const agentHunks = [
      { id: 'h1', range: at(0, 0, 16), canUndo: true },
      { id: 'h2', range: at(1, 0, 1), canUndo: false },
    ];
    const at0 = offers({ agentRun: 'j1', agentHunks, range: at(0, 2, 2) }).slice(0, -3);
    assert.deepEqual(
      at0.map(({ title, command }) => [title, command]),
      ['Keep', 'Undo'].map((word) => [
        `${word} this change by the agent`,
        { command: `switchyard.agent${word}`, arguments: [{ jobId: 'j1', uri: snippet.uri, hunks: ['h1'] }] },
      ]),
    );
    const at1 = titles({ agentRun: 'j1', agentHunks, range: at(1, 0, 0) }).slice(0, -3);
    assert.deepEqual(at1, ['Keep this change by the agent']);
  });

  it('offers reviews where the editor has no way of its own to begin one', () => {
    const selection = at(0, 0, 16);
    const plain = { hasOwnCommands: false };
    assert.deepEqual(
      offers(plain).map(({ title, kind, command }) => [title, kind, command]),
      [
        [
          'Review this file with Switchyard',
          'source.review',
          { command: 'switchyard.review', arguments: [{ uri: snippet.uri }] },
        ],
      ],
    );
    const [reviewSelection] = offers({ ...plain, range: selection }).slice(-2);
    assert.deepEqual(
      [reviewSelection?.title, reviewSelection?.command],
      [
        'Review this selection with Switchyard',
        { command: 'switchyard.review', arguments: [{ uri: snippet.uri, range: selection }] },
      ],
    );
    assert.deepEqual(titles({ ...plain, snippet: snippetOf(' \n') }), []);
  });

  it('offers to fix and explain a diagnostic, with its message', () => {
    const diagnostic = { range: at(1, 6, 7), message: "'d' is never used.", source: 'ts' };
    const found = offers({ range: at(1, 6, 6), diagnostics: [diagnostic] });
    assert.deepEqual(
      found.map(({ title, kind, diagnostic: about }) => [title, kind, about]),
      [
        ["Fix with Switchyard: 'd' is never used.", 'quickfix', diagnostic],
        ["Explain with Switchyard: 'd' is never used.", 'quickfix', diagnostic],
      ],
    );
    assert.deepEqual(found[0]?.command, {
      command: 'switchyard.action',
      arguments: [{ kind: 'fix', uri: snippet.uri, range: diagnostic.range, diagnostic: diagnostic.message }],
    });
  });

  it('offers the suggestion of a finding as an edit, and to dismiss it', () => {
    const diagnostic = {
      range: finding.range,
      message: finding.message,
      source: 'switchyard',
      data: { findingId: 'f1' },
    };
    const found = offers({ range: at(0, 11, 11), findings: [finding], diagnostics: [diagnostic] });
    assert.deepEqual(
      found.map(({ title }) => title),
      ['Apply suggested fix: Subtracts.', 'Explain with Switchyard: Subtracts.', 'Dismiss: Subtracts.'],
    );
    assert.deepEqual(found[0]?.edits, [{ range: finding.range, newText: 'b + c' }]);
    assert.equal(found[0]?.diagnostic, diagnostic);
    assert.deepEqual(found[2]?.command, { command: 'switchyard.dismiss', arguments: [{ findingId: 'f1' }] });
  });

  for (const state of ['new', 'still', undefined] as const)
    it(`offers to apply, explain, and dismiss a finding that is ${state ?? 'of no known state'}, without its diagnostic`, () => {
      const { state: _, ...stateless } = finding;
      const found = offers({ range: at(0, 11, 11), findings: [{ ...stateless, ...(state && { state }) }] });
      assert.deepEqual(
        found.map(({ title }) => title),
        ['Apply suggested fix: Subtracts.', 'Explain with Switchyard: Subtracts.', 'Dismiss: Subtracts.'],
      );
      assert.deepEqual(found[1]?.command, {
        command: 'switchyard.action',
        arguments: [{ kind: 'explain', uri: snippet.uri, range: finding.range, diagnostic: finding.message }],
      });
    });

  const shared: [string, Partial<Finding>, { message: string; source: string; code: string | number }][] = [
    ['rule', { source: 'tsc', rule: 'TS6133' }, { message: 'Not used.', source: 'ts', code: 6133 }],
    [
      'rule of another name',
      { source: 'biome', rule: 'noUnusedVariables' },
      { message: 'x', source: 'ts', code: 6133 },
    ],
    [
      'rule in Python',
      { source: 'ruff', rule: 'F401' },
      { message: 'x', source: 'Pylance', code: 'reportUnusedImport' },
    ],
    ['words', {}, { message: 'It subtracts.', source: 'eslint', code: 'y' }],
  ];
  for (const [what, over, reported] of shared) {
    it(`offers one fix and one explanation of what the editor shows too, by its ${what}`, () => {
      const ours = { range: finding.range, message: 'Subtracts.', source: 'switchyard', data: { findingId: 'f1' } };
      const rule = over.rule === undefined ? {} : { code: over.rule };
      const foreign = { range: finding.range, ...reported };
      for (const diagnostics of [[foreign, { ...ours, ...rule }], [foreign]]) {
        const found = titles({ range: at(0, 11, 11), findings: [{ ...finding, ...over }], diagnostics });
        assert.deepEqual(
          found.map((title) => title.replace(/:.*/, '')),
          ['Apply suggested fix', 'Explain with Switchyard', 'Dismiss'],
        );
      }
    });
  }

  it('offers one fix of what two tools report, and each of what they report at other places', () => {
    const one = { range: at(1, 6, 7), message: 'd is unused', source: 'ts', code: 6133 };
    const same = { range: at(1, 6, 7), message: 'x', source: 'eslint', code: 'no-unused-vars' };
    const other = { ...same, range: at(1, 0, 5) };
    const count = (diagnostics: (typeof one | typeof same)[]) =>
      titles({ range: at(1, 0, 9), diagnostics }).filter((title) => title.startsWith('Fix with Switchyard:')).length;
    assert.deepEqual([count([one, same]), count([one, other])], [1, 2]);
  });

  it('offers a command instead of an edit when the code has moved or nothing is suggested', () => {
    const { replacement: _, ...bare } = finding;
    for (const findings of [[bare], [{ ...finding, evidence: 'b * c' }]]) {
      const [fix] = offers({ range: at(0, 11, 11), findings });
      assert.deepEqual(
        [fix?.edits, fix?.command],
        [undefined, { command: 'switchyard.fix', arguments: [{ findingId: 'f1' }] }],
      );
    }
  });

  it('says nothing of findings elsewhere', () => {
    assert.deepEqual(titles({ range: at(1, 0, 0), findings: [finding] }), []);
    assert.deepEqual(titles({ range: at(0, 11, 11), findings: [{ ...finding, uri: 'file:///other.ts' }] }), []);
  });

  it('never holds an edit and a command in one offer', () => {
    const all = offers({
      range: at(0, 0, 16),
      findings: [finding],
      diagnostics: [{ range: at(0, 0, 1), message: 'x' }],
    });
    for (const { edits, command } of all) assert.notEqual(edits === undefined, command === undefined);
  });

  it('skips and records a row that fails', () => {
    const bugs: unknown[] = [];
    const log = { ...strictLog, error: (fields: Record<string, unknown>) => void bugs.push(fields['where']) };
    const failing = { name: 'odd', produce: () => assert.fail() };
    const found = offersFor(context({ range: at(0, 0, 16) }), log, [failing, ...producers]);
    assert.deepEqual([found.length, bugs], [5, ['code action odd']]);
  });
});
