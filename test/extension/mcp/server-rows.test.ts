// What is read of MCP servers and their tools in VS Code's lists, and how a typed command becomes arguments.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { argumentsIn, serverRows, toApprove, toolRows, toolText } from '../../../extension/mcp/server-rows.ts';
import type { McpServerState, McpToolState } from '../../../shared/protocol/mcp.ts';

const tool = (name: string, more: Partial<McpToolState> = {}): McpToolState => ({
  name,
  state: 'approved',
  hash: name,
  description: `Does ${name}.\nAt length.`,
  parameters: '{"type":"object"}',
  on: true,
  tokens: 12,
  ...more,
});
const server = (more: Partial<McpServerState> = {}): McpServerState => ({
  name: 'notes',
  target: { kind: 'program', argv: ['npx', '-y', 'a b'] },
  state: 'stopped',
  tools: [],
  asked: false,
  ...more,
});

describe('a row of an MCP server', () => {
  const unasked = 'its tools are shown once it has been started';
  const rows: [what: string, McpServerState, label: string, description: string, detail: string][] = [
    [
      'says what would be started, argument by argument',
      server(),
      '$(circle-outline) notes',
      'not running',
      `npx -y "a b" · ${unasked}`,
    ],
    [
      'has the process of one that runs',
      server({ state: 'running', pid: 7, asked: true }),
      '$(circle-filled) notes',
      'running, process 7',
      'npx -y "a b" · no tools',
    ],
    [
      'has the address of one that is reached over HTTP',
      server({ state: 'running', target: { kind: 'address', url: 'https://a.example/mcp' }, tools: [tool('a')] }),
      '$(circle-filled) notes',
      'running',
      'https://a.example/mcp · 1 approved',
    ],
    [
      'says why one failed',
      server({ state: 'failed', why: 'it ended (exit code 1).' }),
      '$(error) notes',
      'failed',
      'npx -y "a b" · it ended (exit code 1).',
    ],
    [
      'warns of a tool that changed, and counts those that are used alone',
      server({
        state: 'running',
        tools: [tool('a'), tool('b', { state: 'changed' }), tool('c', { state: 'new' }), tool('d', { on: false })],
      }),
      '$(warning) notes',
      'running',
      'npx -y "a b" · 1 approved, 1 changed since, 1 to approve',
    ],
    [
      'makes no icon of what a server says',
      server({ state: 'failed', why: 'x $(check) y' }),
      '$(error) notes',
      'failed',
      'npx -y "a b" · x $ (check) y',
    ],
  ];
  for (const [what, given, ...expected] of rows)
    it(what, () => {
      const [row] = serverRows([given]);
      assert.deepEqual([row?.label, row?.description, row?.detail], expected);
    });
});

describe('the rows of tools', () => {
  it('have what waits for the user first, with what changed', () => {
    const changed = tool('b', { state: 'changed', why: 'Its description changed since you approved it.' });
    const rows = toolRows([tool('a'), changed, tool('c', { state: 'gone' }), tool('d', { on: false })]);
    assert.deepEqual(
      rows.map(({ label, description, detail }) => [label, description, detail]),
      [
        [
          '$(warning) b',
          'blocked until you approve its change, 12 tokens a prompt',
          'Its description changed since you approved it.',
        ],
        ['$(check) a', 'approved, 12 tokens a prompt', 'Does a.'],
        ['$(circle-slash) c', 'no longer offered, 12 tokens a prompt', 'Does c.'],
        ['$(eye-closed) d', 'left out by config.json, 12 tokens a prompt', 'Does d.'],
      ],
    );
  });

  it('have those to approve, and no others', () => {
    const tools = [
      tool('a'),
      tool('b', { state: 'new' }),
      tool('c', { state: 'changed' }),
      tool('d', { state: 'gone' }),
      tool('e', { state: 'new', on: false }),
    ];
    assert.deepEqual(
      toApprove(tools).map(({ name }) => name),
      ['b', 'c'],
    );
  });

  it('are read with all that a model is told', () => {
    const text = toolText('notes', 'add', { description: 'Adds.', parameters: '{"type":"object"}' });
    assert.equal(text, 'add (notes)\n\nAdds.\n\n{\n  "type": "object"\n}\n');
    assert.match(toolText('notes', 'add', { description: '', parameters: '{no' }), /\{no/);
  });
});

describe('a typed command', () => {
  const commands: [string, string[] | undefined][] = [
    ['npx -y  @modelcontextprotocol/server-memory', ['npx', '-y', '@modelcontextprotocol/server-memory']],
    ['  node "my server.js" --name=\'a b\' ', ['node', 'my server.js', '--name=a b']],
    ['C:\\Tools\\server.exe "C:\\My Files"', ['C:\\Tools\\server.exe', 'C:\\My Files']],
    ['x "" y', ['x', '', 'y']],
    ['x "it\'s"', ['x', "it's"]],
    ['x "open', undefined],
    ["x it's", undefined],
    ['   ', []],
  ];
  for (const [command, expected] of commands)
    it(`is read: ${command}`, () => assert.deepEqual(argumentsIn(command), expected));
});
