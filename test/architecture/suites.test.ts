// What holds of every suite, so that files can run in any order, beside each other and alone.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { suitesOf } from '../quick.ts';
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

describe('the suites that a change touches', () => {
  const touchedBy = (...changed: string[]): string[] =>
    suitesOf(changed, suites).filter((suite) => !suite.startsWith('test/architecture/'));

  it('are those that import a changed file, directly or through others', () => {
    const touched = touchedBy('daemon/egress/trust.ts');
    assert.ok(touched.includes('test/daemon/egress/certificates.test.ts'), touched.join());
    assert.ok(!touched.some((suite) => suite.startsWith('test/webview/')), touched.join());
  });

  it('are also those that run a changed file as a thread or a child of its own', () => {
    assert.ok(touchedBy('daemon/storage/sqlite/worker.ts').includes('test/daemon/storage/storage.test.ts'));
    assert.ok(touchedBy('test/daemon/base/peers/lock-contender.ts').includes('test/daemon/base/lock.test.ts'));
  });

  it('of the built program are those whose own files have changed', () => {
    const ofProgram = (suite: string): boolean => /^test\/(process|wire|scenarios)\//.test(suite);
    assert.deepEqual(touchedBy('daemon/main.ts', 'shared/protocol/version.ts').filter(ofProgram), []);
    assert.ok(touchedBy('test/process/home.ts').filter(ofProgram).length > 20);
    assert.deepEqual(touchedBy('test/scenarios/no-model.json'), [
      'test/scenarios/agent-in-terminal.test.ts',
      'test/scenarios/agent-over-acp.test.ts',
      'test/scenarios/branch.test.ts',
      'test/scenarios/scenarios.test.ts',
    ]);
  });

  it('are none where only prose has changed', () => {
    assert.deepEqual(touchedBy('CHANGELOG.md'), []);
  });
});
