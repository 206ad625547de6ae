import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { shellWord } from '../../../../daemon/base/paths.ts';
import {
  type ForeignServer,
  foreignServers,
  keysOf,
  lineOf,
  withOwnNames,
} from '../../../../daemon/transfer/mcp/foreign-files.ts';

describe("MCP servers in other programs' files", () => {
  const files: Record<string, { text: string; found: object }> = {
    "VS Code's, with comments and inputs": {
      text: `{
        // mine
        "inputs": [{ "id": "token", "type": "promptString", "password": true }],
        "servers": {
          "GitHub Server": { "type": "stdio", "command": "npx", "args": ["-y", "x"], "env": { "TOKEN": "\${input:token}" } },
          "docs": { "type": "http", "url": "https://docs.example/mcp", "headers": { "Authorization": "Bearer \${input:token}" } },
        },
      }`,
      found: {
        servers: [
          {
            name: 'GitHub-Server',
            server: { command: 'npx', args: ['-y', 'x'], env: { TOKEN: `\${key:mcp-GitHub-Server.token}` } },
            notes: ['Save its token with `switchyard keys set mcp-GitHub-Server.token`.'],
          },
          {
            name: 'docs',
            server: { url: 'https://docs.example/mcp', headers: { Authorization: `Bearer \${key:mcp-docs.token}` } },
            notes: ['Save its token with `switchyard keys set mcp-docs.token`.'],
          },
        ],
        leftOut: [],
      },
    },
    "Claude's, with variables": {
      text: `{"mcpServers":{"db":{"command":"db","env":{"URL":"\${DB_URL:-none}","MODE":"ro"},"cwd":"/srv"}}}`,
      found: {
        servers: [
          {
            name: 'db',
            server: { command: 'db', args: [], env: { URL: `\${env:DB_URL}`, MODE: 'ro' }, cwd: '/srv' },
            notes: [],
          },
        ],
        leftOut: [],
      },
    },
    "VS Code's settings": {
      text: '{"mcp":{"servers":{"a":{"command":"a"}}}}',
      found: { servers: [{ name: 'a', server: { command: 'a', args: [] }, notes: [] }], leftOut: [] },
    },
    'what depends on a folder': {
      text: `{"servers":{"a":{"command":"a","args":["\${workspaceFolder}/x"]},"b":{"url":"https://\${HOST}/"},"c":{},"d":5}}`,
      found: {
        servers: [],
        leftOut: [
          `a: its command depends on \${workspaceFolder}/x`,
          `b: its address depends on https://\${HOST}/`,
          'c: it names no program and no address',
          'd: it names no program and no address',
        ],
      },
    },
    'what asks for keys that are saved here': {
      text: `{"servers":{"a":{"url":"https://a.test","headers":{"X":"Bearer \${key:openai}"}},"b":{"command":"b","env":{"A":"\${key:x}"},"headers":{"A":""}}}}`,
      found: {
        servers: [],
        leftOut: [
          `a: it asks for \${key:openai}, a key saved in Switchyard, which no other program's file may`,
          `b: it asks for \${key:x}, a key saved in Switchyard, which no other program's file may`,
        ],
      },
    },
    'what is no such file': { text: '[1, 2', found: { servers: [], leftOut: [] } },
    'an empty file': { text: '', found: { servers: [], leftOut: [] } },
  };
  for (const [what, { text, found }] of Object.entries(files))
    it(`are read from ${what}`, () => assert.deepEqual(foreignServers(text), found));
});

// What the user reads of one before they take it over: all that decides what would run.
describe('a server to import is shown', () => {
  const shown: [string, ForeignServer['server'], string][] = [
    ['with its command', { command: 'npx', args: ['-y', 'a b'] }, `npx -y ${shellWord('a b')}`],
    ['with the folder that it starts in', { command: 'npx', cwd: '/tmp/evil' }, 'npx  in /tmp/evil'],
    [
      'with a variable that loads other code',
      { command: 'node', args: ['x.js'], env: { NODE_OPTIONS: '--require ./evil.js' } },
      `node x.js  (with NODE_OPTIONS=${shellWord('--require ./evil.js')})`,
    ],
    ['without a secret', { command: 'x', env: { API_KEY: 'abc', A: 'b' } }, 'x  (with API_KEY, A=b)'],
    [
      'with its address, and the names of its headers',
      { url: 'https://a.example', headers: { X: 'y' } },
      'https://a.example  (with X)',
    ],
    [
      'with what of the environment it is sent in its headers',
      { url: 'https://a.example', headers: { X: `Bearer \${env:SECRET_KEY}` } },
      `https://a.example  (with X=\${env:SECRET_KEY})`,
    ],
    [
      'with what of the environment it is given, whatever that is called',
      { command: 'x', env: { API_KEY: `\${env:OTHER_KEY}` } },
      `x  (with API_KEY=\${env:OTHER_KEY})`,
    ],
  ];
  for (const [how, server, line] of shown) it(how, () => assert.equal(lineOf({ name: 'a', server, notes: [] }), line));
});

describe('the keys of a server to import', () => {
  const members: [string, ForeignServer['server'], string[]][] = [
    ['are those of its variables', { command: 'x', env: { A: `\${key:mcp-token}` } }, ['mcp-token']],
    [
      'are those of its headers, each once',
      { url: 'https://a.example', headers: { A: `\${key:a}`, B: `x \${key:a}\${key:b}` } },
      ['a', 'b'],
    ],
    ['are none where nothing is asked for', { command: 'x', env: { A: `\${env:B}` } }, []],
  ];
  for (const [how, server, keys] of members) it(how, () => assert.deepEqual(keysOf(server), keys));
});

describe('servers of several files', () => {
  it("that have the same name aren't given each other's keys", () => {
    const file = foreignServers(`{"servers":{"a":{"url":"https://a.test","headers":{"X":"\${input:token}"}}}}`);
    const [first, second] = withOwnNames(['one', 'two'].map((path) => ({ path, ...file }))).map(
      ({ servers }) => servers[0],
    );
    assert.deepEqual(
      [first, second].map((one) => one && keysOf(one.server)),
      [['mcp-a.token'], ['mcp-a-2.token']],
    );
    assert.match(second?.notes[0] ?? '', /keys set mcp-a-2\.token/);
  });
});
