// What a review says of findings against the reviews before it: new, still there, solved, dismissed, held back.
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { UserError } from '../../../../../daemon/base/errors.ts';
import type { Analysers } from '../../../../../daemon/features/pipeline/analysers/analysers.ts';
import type { ReviewResult } from '../../../../../daemon/features/pipeline/run/options.ts';
import { answerWith, benchWith, FindingsInMemory, ScriptedProvider, snippetOf } from '../parts.ts';

const code = ['function mean(total, counts) {', '  start();', '  return total / counts;', '}', 'done();'].join('\n');
const division = {
  line: 3,
  quote: 'total / counts',
  message: 'Divides by zero for no counts.',
  category: 'correctness',
};
const reworded = { line: 3, quote: 'return total / counts;', message: 'NaN when counts is 0.', category: 'bug' };

const statesOf = ({ findings }: ReviewResult) => findings.map(({ state, message }) => [state, message]);

describe('a review after another', () => {
  let findings: FindingsInMemory;
  /** Reviews with a model that answers this. */
  const review = (text: string, claims: Record<string, unknown>[] | Error, uri?: string) => {
    findings.hunks.clear(); // the model says something else each time
    const provider = new ScriptedProvider([claims instanceof Error ? claims : answerWith(...claims)]);
    const snippet = snippetOf(text, uri === undefined ? {} : { uri });
    return benchWith({ provider, findings, prefix: `${findings.runs.length}-` }).run(snippet);
  };
  beforeEach(() => {
    findings = new FindingsInMemory();
  });

  it('says of a finding that it is still there, however it is told and wherever it has moved, and what is new', async () => {
    const first = await review(code, [division]);
    assert.deepEqual(statesOf(first), [['new', division.message]]);
    assert.equal(first.summary, '1 finding (1 error). Checked by lab/tiny.');
    const moved = `const one = 1;\nconst two = 2;\n${code}\nlog(password);\n`;
    const leak = { line: 8, quote: 'log(password)', message: 'Logs a password.', category: 'security' };
    const second = await review(moved, [reworded, leak]);
    assert.deepEqual(statesOf(second), [
      ['still', reworded.message],
      ['new', leak.message],
    ]);
    assert.equal(second.findings[0]?.previousId, first.findings[0]?.id);
    assert.match(second.summary, /Since the last review: 1 new, 1 still there\./);
  });

  const solutions: [what: string, text: string][] = [
    [
      'its code was changed',
      code.replace('total / counts', 'counts ? total / counts : 0').replace('return', 'return  '),
    ],
    ['its code is gone', code.replace('  return total / counts;\n', '')],
    ['something before it was mended', code.replace('start();', 'if (!counts) return 0;')],
  ];
  for (const [what, text] of solutions)
    it(`says that it is solved where ${what}, once`, async () => {
      const first = await review(code, [division]);
      const second = await review(text, []);
      assert.deepEqual(statesOf(second), [['solved', division.message]]);
      assert.equal(second.findings[0]?.id, first.findings[0]?.id);
      assert.match(second.summary, /^No findings in \d lines\. Since the last review: 1 solved\./);
      assert.deepEqual(statesOf(await review(text, [])), []);
      assert.deepEqual(statesOf(await review(code, [division])), [['new', division.message]], 'it is back');
    });

  it('keeps a dismissed one away in other words, and says of it that it was held back', async () => {
    const { findings: found } = await review(code, [division]);
    await findings.dismiss(found[0]?.id ?? '');
    const second = await review(`log(1);\n${code}`, [reworded]);
    assert.deepEqual(statesOf(second), []);
    assert.deepEqual(
      second.held.map(({ finding, reason }) => [finding.message, reason]),
      [[reworded.message, 'dismissed']],
    );
    assert.equal(second.suppressed.dismissed, 1);
    assert.equal(second.held[0]?.finding.id, found[0]?.id, 'the dismissal can be taken back');
    const other = { ...division, message: 'counts may be null.', category: 'null-safety' };
    assert.deepEqual(statesOf(await review(code, [other])), [['new', other.message]], 'another flaw of the same line');
  });

  it('does not call solved what nobody looked at, and expired what has gone meanwhile', async () => {
    await review(code, [division]);
    const unread = await review(`log(1);\n${code}`, new UserError('failed', 'No answer.'));
    assert.deepEqual([unread.findings, unread.held], [[], []]);
    const gone = await review('done();', new UserError('failed', 'No answer.'));
    assert.deepEqual(
      gone.held.map(({ reason }) => reason),
      ['expired'],
    );
  });

  it('does not call solved what another model says nothing of in the same document', async () => {
    await review(code, [division]);
    const second = await review(code, []);
    assert.deepEqual(statesOf(second), []);
    assert.deepEqual(
      second.held.map(({ reason }) => reason),
      ['not-repeated'],
    );
    assert.deepEqual(statesOf(await review(code, [division])), [['still', division.message]]);
  });

  it('of a part leaves alone what stands elsewhere', async () => {
    await review(code, [division]);
    const lastLine = { start: { line: 4, character: 0 }, end: { line: 4, character: 7 } };
    const provider = new ScriptedProvider([answerWith()]);
    const part = await benchWith({ provider, findings }).run(snippetOf(`${code}\n`, { range: lastLine }));
    assert.deepEqual([part.findings, part.held], [[], []]);
  });

  it('knows an analyser that looked again from one that did not', async () => {
    const analysers = (looks: boolean, rule: boolean): Analysers => ({
      begin: () => ({
        async analyse(_target, admit) {
          const range = { start: { line: 1, character: 2 }, end: { line: 1, character: 7 } };
          const draft = {
            range,
            severity: 'warning',
            category: 'lint',
            message: 'is old',
            source: 'biome',
            rule: 'old',
          };
          if (rule) await admit([{ ...draft, severity: 'warning', confidence: 1 }]);
          return { looks: looks ? [{ by: 'biome', state: 'read' }] : [], missing: [], notes: [] };
        },
      }),
    });
    const run = (looks: boolean, rule: boolean) =>
      benchWith({ analysers: analysers(looks, rule), findings, prefix: `${findings.runs.length}-` }).run(
        snippetOf(code),
      );
    assert.deepEqual(statesOf(await run(true, true)), [['new', 'is old']]);
    assert.deepEqual(statesOf(await run(false, false)), []);
    assert.deepEqual(statesOf(await run(true, true)), [['still', 'is old']]);
    assert.deepEqual(statesOf(await run(true, false)), [['solved', 'is old']]);
  });

  describe('of files on the disk', () => {
    let root = '';
    const file = (name: string, text: string): string => {
      writeFileSync(join(root, name), text);
      return pathToFileURL(join(root, name)).href;
    };
    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), 'switchyard-known-'));
    });
    afterEach(() => rmSync(root, { recursive: true }));

    it('knows findings of a renamed file again, and of no copy', async () => {
      const before = file('before.ts', code);
      const { findings: found } = await review(code, [division], before);
      await findings.dismiss(found[0]?.id ?? '');
      const copy = await review(code, [division], file('copy.ts', code));
      assert.deepEqual(statesOf(copy), [['new', division.message]]);
      renameSync(join(root, 'before.ts'), join(root, 'after.ts'));
      const renamed = await review(code, [reworded], pathToFileURL(join(root, 'after.ts')).href);
      assert.deepEqual(
        renamed.held.map(({ reason }) => reason),
        ['dismissed'],
      );
    });
  });
});
