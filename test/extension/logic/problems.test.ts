// The editor's problems as lines for a model.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { problemLines } from '../../../extension/logic/problems.ts';

describe("the editor's problems for a model", () => {
  it('are a line each, the worst first, from one, without hints', () => {
    const lines = problemLines([
      {
        path: 'src/a.ts',
        problems: [
          { line: 4, character: 0, severity: 1, message: 'unused\n  variable' },
          { line: 0, character: 0, severity: 3, message: 'a hint' },
        ],
      },
      {
        path: 'src/b.ts',
        problems: [{ line: 11, character: 4, severity: 0, message: 'Cannot find name "total".', source: 'ts' }],
      },
    ]);
    assert.deepEqual(lines, [
      'src/b.ts:12:5: error: Cannot find name "total". (ts)',
      'src/a.ts:5:1: warning: unused variable',
    ]);
  });
  it('are bounded', () => {
    const problems = Array.from({ length: 2000 }, (_, line) => ({ line, character: 0, severity: 0, message: 'x' }));
    assert.equal(problemLines([{ path: 'a', problems }]).length, 500);
  });
});
