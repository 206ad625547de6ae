import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { formatBytes } from '../../shared/bytes.ts';

describe('a number of bytes', () => {
  for (const [bytes, words] of [
    [0, '0 kB'],
    [1, '1 kB'],
    [12_345, '13 kB'],
    [98_362_432, '98 MB'],
    [999_499_999, '999 MB'],
    [999_600_000, '1 GB'],
    [1_117_000_000, '1.1 GB'],
    [40e9, '40 GB'],
  ] as const)
    it(`is read as ${words}: ${bytes}`, () => {
      assert.equal(formatBytes(bytes), words);
    });
});
