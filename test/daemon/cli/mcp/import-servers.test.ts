// What the user reads of a server of another program's file before they take it over: all that decides what would run.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ForeignServer } from '../../../../daemon/cli/mcp/foreign-files.ts';
import { lineOf } from '../../../../daemon/cli/mcp/import-servers.ts';

describe('a server to import is shown', () => {
  const shown: [string, ForeignServer['server'], string][] = [
    ['with its command', { command: 'npx', args: ['-y', 'a b'] }, "npx -y 'a b'"],
    ['with the folder that it starts in', { command: 'npx', cwd: '/tmp/evil' }, 'npx  in /tmp/evil'],
    [
      'with a variable that loads other code',
      { command: 'node', args: ['x.js'], env: { NODE_OPTIONS: '--require ./evil.js' } },
      "node x.js  (with NODE_OPTIONS='--require ./evil.js')",
    ],
    ['without a secret', { command: 'x', env: { API_KEY: 'abc', A: 'b' } }, 'x  (with API_KEY, A=b)'],
    [
      'with its address, and the names of its headers',
      { url: 'https://a.example', headers: { X: 'y' } },
      'https://a.example  (with X)',
    ],
  ];
  for (const [how, server, line] of shown) it(how, () => assert.equal(lineOf({ name: 'a', server, notes: [] }), line));
});
