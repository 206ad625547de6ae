// When the forwarder is started again, and when it is given up.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { countFailure, nextDelayMs } from '../../../extension/logic/back-off.ts';

describe('a forwarder that ended', () => {
  const ended = { reason: '', isFinal: false, livedMs: 10 };

  it('is started again after growing delays, and given up after five tries', () => {
    const counts = [1, 2, 3, 4, 5];
    assert.deepEqual(
      counts.map((_, failuresBefore) => countFailure(failuresBefore, ended)),
      counts,
    );
    assert.deepEqual(
      counts.map((failures) => nextDelayMs(failures, ended)),
      [500, 1000, 2000, 4000, undefined],
    );
  });
  it('is given up at once when another try cannot help', () => {
    assert.equal(nextDelayMs(1, { ...ended, isFinal: true }), undefined);
  });
  it('begins a new count when it had worked for long', () => {
    assert.equal(countFailure(4, { ...ended, livedMs: 3_600_000 }), 1);
  });
});
