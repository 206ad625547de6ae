// A review as a document: SARIF that other tools accept, and Markdown in which a model's text is no markup.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { sarifLog } from '../../../daemon/cli/review-formats.ts';
import type { Result } from '../../../shared/protocol/define.ts';
import type { Finding, ReviewRun } from '../../../shared/protocol/review.ts';
import { markdownReport } from '../../../shared/review-markdown.ts';

const finding = (over: Partial<Finding> = {}): Finding => ({
  id: 'f',
  uri: 'file:///shop/src/my%20cart.ts',
  range: { start: { line: 2, character: 4 }, end: { line: 2, character: 9 } },
  severity: 'error',
  category: 'correctness',
  message: 'Subtracts instead of adding.',
  evidence: 'a - b',
  source: 'lab/tiny',
  confidence: 0.9,
  state: 'new',
  ...over,
});
const result = (findings: Finding[], over: Partial<Result<typeof ReviewRun>> = {}): Result<typeof ReviewRun> => ({
  runId: 'r',
  findings,
  held: [],
  rules: [],
  summary: `${findings.length} findings.`,
  notes: [],
  stages: [],
  suppressed: { unquoted: 0, dismissed: 0, duplicate: 0, overCap: 0, unsure: 0 },
  coverage: [{ uri: 'file:///shop/src/my%20cart.ts', by: 'lab/tiny', state: 'read' }],
  ...over,
});
const options = { root: 'file:///shop', version: '1.2.3' };
const onlyRun = (...results: Result<typeof ReviewRun>[]) => {
  const [run, ...others] = sarifLog(results, options).runs;
  assert.ok(run && others.length === results.length - 1);
  return run;
};

describe('a review as SARIF', () => {
  it('has what version 2.1.0 requires of a log, a run, a result and a place', () => {
    const log = sarifLog([result([finding()])], options);
    assert.equal(log.version, '2.1.0');
    const run = onlyRun(result([finding({ replacement: 'a + b' })]));
    assert.deepEqual(run.tool.driver, { name: 'Switchyard', version: '1.2.3', rules: [{ id: 'correctness' }] });
    const [first] = run.results;
    const region = { startLine: 3, startColumn: 5, endLine: 3, endColumn: 10 };
    const artifactLocation = { uri: 'src/my%20cart.ts', uriBaseId: 'ROOT' };
    assert.deepEqual(run.originalUriBaseIds, { ROOT: { uri: 'file:///shop/' } });
    assert.deepEqual(first, {
      ruleId: 'correctness',
      ruleIndex: 0,
      level: 'error',
      message: { text: 'Subtracts instead of adding.' },
      locations: [{ physicalLocation: { artifactLocation, region: { ...region, snippet: { text: 'a - b' } } } }],
      baselineState: 'new',
      fixes: [
        {
          description: { text: 'Subtracts instead of adding.' },
          artifactChanges: [
            { artifactLocation, replacements: [{ deletedRegion: region, insertedContent: { text: 'a + b' } }] },
          ],
        },
      ],
      properties: { source: 'lab/tiny', confidence: 0.9 },
    });
  });

  it('has a run for each review, none where there was nothing, and names rules once', () => {
    assert.deepEqual(sarifLog([], options).runs, []);
    assert.equal(sarifLog([result([]), result([])], options).runs.length, 2);
    const lint = { source: 'biome', rule: 'noVar' };
    const run = onlyRun(result([finding(lint), finding(), finding(lint)]));
    assert.deepEqual(run.tool.driver.rules, [{ id: 'biome/noVar' }, { id: 'correctness' }]);
    assert.deepEqual(
      run.results.map(({ ruleIndex }) => ruleIndex),
      [0, 1, 0],
    );
  });

  it('says in its own words how severe a finding is and what it was before', () => {
    const severities = ['error', 'warning', 'info', 'hint'] as const;
    const levels = onlyRun(result(severities.map((severity) => finding({ severity })))).results;
    assert.deepEqual(
      levels.map(({ level }) => level),
      ['error', 'warning', 'note', 'note'],
    );
    const states = onlyRun(result((['new', 'still', 'solved'] as const).map((state) => finding({ state })))).results;
    assert.deepEqual(
      states.map(({ baselineState }) => baselineState),
      ['new', 'unchanged', 'absent'],
    );
  });

  it('shows dismissed findings as suppressed, and whether all was checked', () => {
    const held = [
      { finding: finding({ message: 'old' }), reason: 'dismissed' as const },
      { finding: finding(), reason: 'duplicate' as const },
    ];
    const coverage = [{ uri: 'file:///shop/a.py', by: 'ruff', state: 'failed' as const, why: 'it timed out' }];
    const run = onlyRun(result([], { held, coverage }));
    assert.deepEqual(
      run.results.map((one) => [one.message.text, 'suppressions' in one && one.suppressions]),
      [['old', [{ kind: 'external' }]]],
    );
    assert.deepEqual(run.invocations, [
      {
        executionSuccessful: false,
        toolExecutionNotifications: [
          { level: 'warning', message: { text: 'Not checked by ruff: a.py (it timed out)' } },
        ],
      },
    ]);
    assert.equal(onlyRun(result([])).invocations[0]?.executionSuccessful, true);
  });
});

describe('a review as Markdown', () => {
  const report = (...findings: Finding[]) =>
    markdownReport([result(findings)], (uri) => uri.slice('file:///shop/'.length));

  it('has a section for each file, what is solved, and what was not checked', () => {
    const coverage = [{ uri: 'file:///shop/a.py', by: 'ruff', state: 'untrusted' as const }];
    const text = markdownReport(
      [
        result(
          [
            finding({ state: 'still' }),
            finding({ uri: 'file:///shop/b.ts' }),
            finding({ state: 'solved', message: 'Gone.' }),
          ],
          { coverage },
        ),
      ],
      (uri) => uri.slice('file:///shop/'.length),
    );
    assert.equal(
      text,
      [
        '# Review\n\n3 findings.\n\n## src/my%20cart.ts\n',
        '- **error**, line 3: Subtracts instead of adding. (lab/tiny, still there)\n\n  ```\n  a - b\n  ```\n',
        '## b.ts\n\n- **error**, line 3: Subtracts instead of adding. (lab/tiny, new)\n\n  ```\n  a - b\n  ```\n',
        '## Solved\n\n- src/my%20cart.ts:3: Gone.\n\n## Not checked\n\n- Not checked by ruff: a.py\n',
      ].join('\n'),
    );
  });

  it('names the rules that were applied', () => {
    const rules = [
      { uri: 'file:///shop/AGENTS.md', name: 'AGENTS.md', isCut: false },
      { uri: 'file:///shop/web/AGENTS.md', name: 'web/AGENTS.md', isCut: true },
    ];
    assert.match(
      markdownReport([result([], { rules })], String),
      /^0 findings\. Rules applied: AGENTS\.md\. Rules applied: web\/AGENTS\.md \(only its beginning\)\.$/m,
    );
  });

  for (const message of [
    '![x](https://evil.example/a.png)',
    '[here](javascript:alert(1))',
    '<img src=x onerror=alert(1)>',
    'first\n\n# Approved',
    '`code` **bold** ~~gone~~ | cell',
  ])
    it(`does not render ${JSON.stringify(message)}`, () => {
      const line =
        report(finding({ message }))
          .split('\n')
          .find((one) => one.startsWith('- **error**')) ?? '';
      const said = line.slice(line.indexOf(': ') + 2);
      assert.doesNotMatch(said.replaceAll(/\\./g, ''), /[<>[\]`*~|#]/);
    });

  it('quotes code that has a fence in it', () => {
    const text = report(finding({ evidence: 'x\n```\n# Approved\n````' }));
    assert.match(text, / {2}`{5}\n {2}x\n {2}```\n {2}# Approved\n {2}````\n {2}`{5}\n/);
  });
});
