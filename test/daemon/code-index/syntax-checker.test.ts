// Syntax as a child process checks it, and what is said when it cannot.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import { CancelledError } from '../../../daemon/base/errors.ts';
import { SyntaxChecker } from '../../../daemon/code-index/syntax-checker.ts';
import { root } from '../../architecture/sources.ts';

const warnings: unknown[] = [];
const log = { debug() {}, info() {}, warn: (fields: unknown) => void warnings.push(fields), error() {} };
const { signal } = new AbortController();
const request = (languageId: string, ...texts: string[]) => ({ uri: 'untitled:a', languageId, texts });

describe('the syntax checker', () => {
  let checker: SyntaxChecker;
  const started = (hostPath = join(root, 'daemon/code-index/host.ts')) => {
    checker = new SyntaxChecker({ hostPath, log });
    return checker;
  };
  afterEach(() => checker[Symbol.asyncDispose]());

  it('tells each text that parses from one that does not', async () => {
    const texts: [string, string, string][] = [
      ['typescript', 'f(1);', 'f(1;'],
      ['javascriptreact', '<a>{x}</a>;', '<a>{x</a>;'],
      ['python', 'if x:\n    y()\n', 'if x\n    y()\n'],
      ['python', 'x = 1\ny = 2\n', 'x = 1\n  y = 2\n'],
      ['json', '{ "a": 1 }', '{ "a": 1 '],
      ['go', 'package a\nfunc f() {}\n', 'package a\nfunc f( {}\n'],
    ];
    started();
    for (const [languageId, good, bad] of texts) {
      const [one, other] = (await checker.faults(request(languageId, good, bad), signal)) ?? [];
      assert.deepEqual([one?.count, (other?.count ?? 0) > 0], [0, true], languageId);
    }
  });

  it('says nothing of a language that it does not know', async () =>
    assert.equal(await started().faults(request('lua', 'x = (', 'y'), signal), undefined));

  it('says nothing when its process cannot be had, and logs why', async () => {
    assert.equal(await started('/no/such/host.ts').faults(request('typescript', 'a', 'b'), signal), undefined);
    assert.equal(warnings.length, 1);
  });

  it('ends at once when it is cancelled', async () =>
    assert.rejects(started().faults(request('typescript', 'a'), AbortSignal.abort()), CancelledError));
});
