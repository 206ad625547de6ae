// What a measurement tells when it ends, and when it is ended: what was measured is never lost.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { CancelledError, UserError } from '../../../../daemon/base/errors.ts';
import { tellMeasured } from '../../../../daemon/cli/eval/tell-measured.ts';

describe('the end of a measurement', () => {
  const { stdout, stderr } = process;
  const writes = [stdout.write, stderr.write] as const;
  let printed = '';
  let told = '';
  beforeEach(() => {
    printed = '';
    told = '';
    stdout.write = (text: string | Uint8Array) => {
      printed += String(text);
      return true;
    };
    stderr.write = (text: string | Uint8Array) => {
      told += String(text);
      return true;
    };
  });
  afterEach(() => {
    [stdout.write, stderr.write] = writes;
  });

  function tell(failure: Error | undefined, { json = false, done = 2 } = {}) {
    return tellMeasured(failure ? Promise.reject(failure) : Promise.resolve(), {
      json,
      done: () => done,
      of: 3,
      summary: () => ({ found: 1 }),
      print: () => void stdout.write('1 found\n'),
    });
  }

  const lost = new UserError('daemon-lost', 'The daemon stopped.');
  const ends: [title: string, failure: Error | undefined, code: number, printed: string, told: string][] = [
    ['when all is measured', undefined, 0, '1 found\n', ''],
    ['after Ctrl+C', new CancelledError(), 130, '\nStopped after 2 of 3.\n1 found\n', ''],
    ['after a failure', lost, 3, '\nStopped after 2 of 3.\n1 found\n', 'error: The daemon stopped.\n'],
  ];
  for (const [title, failure, code, out, err] of ends) {
    it(`is told ${title}`, async () => {
      assert.deepEqual([await tell(failure), printed, told], [code, out, err]);
    });

    it(`is one JSON document ${title}`, async () => {
      assert.equal(await tell(failure, { json: true }), code);
      const { found, error } = JSON.parse(printed) as { found: number; error?: { exitCode: number } };
      assert.deepEqual([found, error?.exitCode ?? 0], [1, code]);
    });
  }

  it('is the failure alone where nothing was measured', async () => {
    await assert.rejects(tell(lost, { done: 0 }), lost);
    assert.equal(printed, '');
  });
});
