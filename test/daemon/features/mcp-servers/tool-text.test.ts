import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { maxToolTokens, selectTools, toolTokens } from '../../../../daemon/features/mcp-servers/agent-tools.ts';
import type { JudgedTool } from '../../../../daemon/features/mcp-servers/pins.ts';
import { resultParts } from '../../../../daemon/features/mcp-servers/result-text.ts';
import {
  maxDescription,
  modelDescription,
  modelName,
  modelParameters,
} from '../../../../daemon/features/mcp-servers/tool-text.ts';

describe('the text of MCP tools', () => {
  it('names tools apart by their server, as every provider takes names', () => {
    const pairs = [
      ['github', 'search'],
      ['gitlab', 'search'],
      ['github', 'search.code'],
      ['github', 'search code'],
      ['github', 'search_code'],
      ['github', `${'x'.repeat(80)}a`],
      ['github', `${'x'.repeat(80)}b`],
      ['github', 'söök'],
      ['github', 'edit'],
    ] as const;
    const names = pairs.map(([server, tool]) => modelName(server, tool));
    assert.equal(new Set(names).size, pairs.length);
    for (const name of names) assert.match(name, /^[A-Za-z0-9_-]{1,64}$/);
    assert.equal(names[0], 'github__search');
  });

  it('shows no character that nobody sees, and cuts', () => {
    const hidden = '\u{e0049}\u200b\u202e\u0007';
    assert.equal(modelDescription('s', `Reads${hidden} a file.`), 'Reads a file.');
    assert.equal(modelDescription('s', 'x '.repeat(5000)).length, maxDescription);
    const parameters = modelParameters(
      JSON.stringify({
        type: 'object',
        properties: { path: { type: 'string', description: `A${hidden} path`, enum: [`a${hidden}`] } },
      }),
    );
    assert.deepEqual(parameters, {
      type: 'object',
      properties: { path: { type: 'string', description: 'A path', enum: ['a'] } },
    });
  });

  it('keeps of a schema what tells which values to give', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Arguments',
      type: 'object',
      properties: { title: { type: 'string', title: 'Title', default: 'x', examples: ['y'], pattern: '(a+)+$' } },
      required: ['title'],
    };
    assert.deepEqual(modelParameters(JSON.stringify(schema)), {
      type: 'object',
      properties: { title: { type: 'string' } },
      required: ['title'],
    });
  });

  const unusable = {
    'a list': '[]',
    'a hidden name': JSON.stringify({ properties: { 'a\u200bb': {} } }),
    'a text': '"x"',
  };
  for (const [what, json] of Object.entries(unusable))
    it(`offers no tool whose parameters are ${what}`, () => assert.equal(modelParameters(json), undefined));

  it('offers tools up to a number of tokens, and says which it leaves out', () => {
    const tools = Array.from(
      { length: 30 },
      (_, i): JudgedTool => ({
        name: `tool_${i}`,
        state: 'approved',
        hash: 'h',
        description: 'Does one of the thirty things that this server does.',
        parameters: JSON.stringify({ type: 'object', properties: { path: { type: 'string', description: 'Where.' } } }),
      }),
    );
    const server = { name: 'many', config: 'c', tools, server: { call: fail }, judge: fail };
    const { tools: offered, notes } = selectTools([server]);
    assert.ok(offered.length > 5 && offered.length < 30);
    const tokens = tools.slice(0, offered.length).reduce((sum, tool) => sum + toolTokens('many', tool), 0);
    assert.ok(tokens <= maxToolTokens);
    assert.match(notes.join(), new RegExp(`^${30 - offered.length} of 30 tools of many aren't offered`));
  });

  it('quotes the text of a result, and says what it left out', () => {
    const parts = resultParts(
      {
        content: [
          { type: 'text', text: 'one' },
          { type: 'image', data: 'AAAA', mimeType: 'image/png' },
          { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
          { type: 'resource', resource: { uri: 'note://1', text: 'two' } },
        ],
      },
      'Result of s.t',
    );
    assert.deepEqual(parts, [
      { source: 'Result of s.t', text: 'one' },
      { source: 'Result of s.t', text: 'note://1\ntwo' },
      'Left out of the result, since only text is taken from MCP servers: image, audio.',
    ]);
  });

  it('quotes data where a tool returns no text', () => {
    const parts = resultParts({ content: [], structuredContent: { degrees: 21 } }, 'R');
    assert.deepEqual(parts, [{ source: 'R', text: '{\n "degrees": 21\n}' }]);
  });
});

async function fail(): Promise<never> {
  throw new Error('nothing is called');
}
