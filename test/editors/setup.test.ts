// What the other suites need. Whatever could not be installed fails here by name, beside the suites that then cannot run.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { productVariables } from './harness/product.ts';

describe('this machine', () => {
  it('has every editor and package that the editor tests need', () => {
    const missing = JSON.parse(process.env[productVariables.missing] ?? '[]') as string[];
    assert.deepEqual(missing, []);
  });
});
