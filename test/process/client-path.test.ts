// The tools of the user who asks are found, whatever PATH the daemon was started with.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { describe, it } from 'mocha';
import { Home } from './home.ts';
import { openEditor } from './lsp-client.ts';

describe("the client's PATH", () => {
  it('is where linters are looked for, in reviews and by doctor', async function () {
    if (process.platform === 'win32') return this.skip(); // the planted linter is a shell script
    await using home = new Home();
    const editor = await openEditor(home); // starts the daemon without it
    const linter = home.project('bin', 'shellcheck');
    const found = { line: 2, endLine: 2, column: 6, endColumn: 8, level: 'warning', code: 2086, message: 'Quote it.' };
    writeFileSync(linter, `#!/bin/sh\necho '${JSON.stringify({ comments: [found] })}'\n`);
    chmodSync(linter, 0o755);
    writeFileSync(home.project('work', 'a.sh'), '#!/bin/sh\necho $1\n');
    const ask = (args: string[], path: string) => {
      home.variables = { PATH: path };
      return home.switchyard(args, '', dirname(home.project('work', 'a.sh')));
    };
    const { PATH: path = '' } = process.env;
    const withIt = await ask(['review', 'a.sh'], `${dirname(linter)}${delimiter}${path}`);
    assert.match(withIt.stdout, /Quote it\./, withIt.stderr);
    const doctor = await ask(['doctor'], `${dirname(linter)}${delimiter}${path}`);
    assert.ok(doctor.stdout.includes(`shellcheck at ${linter}`), doctor.stdout);
    const without = await ask(['review', 'a.sh'], '/usr/bin/none');
    assert.doesNotMatch(without.stdout, /Quote it\./);
    await editor.leave();
  });
});
