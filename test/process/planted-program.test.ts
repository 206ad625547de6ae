// A program that lies in the working folder, as a project can plant one, is not run in place of the system's.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, it } from 'mocha';
import { ended, Home, program } from './home.ts';

describe('a program that lies in the working folder', () => {
  for (const name of ['git', 'taskkill', 'powershell', 'code'])
    it(`is not taken for ${name}`, async function () {
      if (process.platform !== 'win32') this.skip(); // no other system looks there
      await using home = new Home();
      const folder = dirname(home.project('any'));
      copyFileSync(process.execPath, home.project(`${name}.exe`));
      const said = home.project('said');
      const ask = `require('child_process').spawnSync('${name}', ['--version'], { encoding: 'utf8' }).stdout`;
      const preload = home.project('preload.cjs');
      writeFileSync(
        preload,
        `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(said)}, String(${ask})));`,
      );
      const { code } = await ended(home.spawn(['--require', preload, program, '--version'], process.execPath, folder));
      assert.equal(code, 0);
      assert.ok(!readFileSync(said, 'utf8').startsWith(process.version));
    });
});
