// What holds of every suite, so that files can run in any order, beside each other and alone.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { projectFiles, read } from './sources.ts';

const suites = projectFiles().filter((file) => /^test\/.*\.test\.ts$/.test(file));

/** Mocha gives a hook or a test outside a describe to the root: the hook then runs around each test of every file. */
const outside = /^(before|after|beforeEach|afterEach|it)\(/;

describe('a suite', () => {
  it('has its tests and hooks inside a describe', () => {
    const found = suites.flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, index) => (outside.test(line) ? [`${file}:${index + 1}: ${line}`] : [])),
    );
    assert.deepEqual(found, []);
  });
});
