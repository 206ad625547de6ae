// Under a Node that is too old the program says so, instead of crashing where a native module is loaded.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'mocha';
import { Home, program } from './home.ts';

describe('the program under an older Node', () => {
  for (const args of [['status'], ['--stdio'], ['serve']]) {
    it(`\`switchyard ${args.join(' ')}\` says which Node it needs, and ends with 3`, async function () {
      const old = olderNode();
      if (old === undefined) return this.skip();
      await using home = new Home();
      const { status, stdout, stderr } = spawnSync(old, [program, ...args], {
        encoding: 'utf8',
        env: home.env,
        input: '',
      });
      assert.deepEqual([status, stdout], [3, '']);
      assert.match(stderr, /^Switchyard needs Node 22 or newer; this is \d+\.\d+\.\d+ \(.+\)\.\n.*\n$/);
    });
  }
});

/** A Node below 22 on the PATH, outside this project. */
function olderNode(): string | undefined {
  const folders = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '' && !folder.includes('node_modules'));
  return folders
    .map((folder) => join(folder, 'node'))
    .find(
      (path) =>
        existsSync(path) &&
        Number(/^v(\d+)/.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout)?.[1]) < 22,
    );
}
