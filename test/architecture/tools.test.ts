// What the compiler and the formatter hold. They run beside each other: each is slow by itself, and none waits for another.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { root } from './sources.ts';

const biome = 'biome holds the layout, and functions and parameters to the caps';
const folders = ['shared', 'daemon', 'extension', 'webview', 'test'];

describe('the tools', () => {
  const complaints = new Map<string, Promise<string>>();

  before(() => {
    for (const folder of folders) complaints.set(folder, run('typescript/bin/tsc', ['-p', folder]));
    complaints.set(biome, run('@biomejs/biome/bin/biome', ['check', '--max-diagnostics=50', '--error-on-warnings']));
  });

  for (const folder of folders) it(`${folder} type-checks by itself`, () => isContent(folder));

  it(biome, () => isContent(biome));

  async function isContent(tool: string): Promise<void> {
    const said = await complaints.get(tool);
    if (said !== '') assert.fail(said);
  }
});

/** What a tool of the project complains of; empty when it is content. */
function run(script: string, args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'node_modules', script), ...args],
      { cwd: root, maxBuffer: 16 * 2 ** 20 },
      (error, stdout, stderr) => resolve(error ? `${stdout}\n${stderr}` || error.message : ''),
    );
  });
}
