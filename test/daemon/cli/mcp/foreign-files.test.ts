import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { foreignServers } from '../../../../daemon/cli/mcp/foreign-files.ts';

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
            server: { command: 'npx', args: ['-y', 'x'], env: { TOKEN: `\${key:mcp-token}` } },
            notes: ['Save its token with `switchyard keys set mcp-token`.'],
          },
          {
            name: 'docs',
            server: { url: 'https://docs.example/mcp', headers: { Authorization: `Bearer \${key:mcp-token}` } },
            notes: ['Save its token with `switchyard keys set mcp-token`.'],
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
    'what is no such file': { text: '[1, 2', found: { servers: [], leftOut: [] } },
    'an empty file': { text: '', found: { servers: [], leftOut: [] } },
  };
  for (const [what, { text, found }] of Object.entries(files))
    it(`are read from ${what}`, () => assert.deepEqual(foreignServers(text), found));
});
