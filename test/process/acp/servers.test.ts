// MCP servers that an editor of the Agent Client Protocol would have the agent start.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type McpServer, methods } from '@agentclientprotocol/sdk';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { AcpEditor, choosing } from './editor.ts';
import { AcpLab } from './lab.ts';

const notes: McpServer = {
  name: 'notes',
  command: 'node',
  args: ['-e', '0'],
  env: [{ name: 'TOKEN', value: 'quiet' }],
};
const docs: McpServer = { type: 'http', name: 'docs', url: 'https://docs.test/mcp', headers: [] };
const asking = ['env:SECRET_KEY', 'key:openai'].map(
  (wanted): McpServer => ({
    type: 'http',
    name: `wants-${wanted.slice(0, 3)}`,
    url: 'https://wants.test/mcp',
    headers: [{ name: 'X', value: `Bearer \${${wanted}}` }],
  }),
);
const old: McpServer = { type: 'sse', name: 'old', url: 'https://old.test/sse', headers: [] };

describe("an editor's MCP servers", () => {
  let lab: AcpLab;
  let editor: AcpEditor;
  let sessionId: string;

  before(async () => {
    lab = await AcpLab.open();
  });
  after(() => lab[Symbol.asyncDispose]());
  beforeEach(async () => {
    lab.begin(['Hello.']);
    editor = await AcpEditor.open(lab.home);
    const mcpServers = [notes, docs, old, ...asking];
    ({ sessionId } = await editor.agent.request(methods.agent.session.new, { cwd: lab.folder, mcpServers }));
  });
  afterEach(() => editor.leave());

  const said = (): string => editor.text(sessionId, 'agent_message_chunk');
  const configured = (): Record<string, unknown> =>
    (JSON.parse(readFileSync(lab.home.paths.configFile, 'utf8')) as { mcpServers?: Record<string, unknown> })
      .mcpServers ?? {};

  it("aren't started, which is said once, with what to do", async () => {
    await editor.prompt(sessionId, 'Hi.');
    await editor.prompt(sessionId, 'Hi again.');
    const told = editor.text(sessionId, 'agent_thought_chunk');
    assert.equal(told.split('MCP servers (notes, docs, old, wants-env, wants-key) aren').length, 2);
    assert.match(told, /send `\/add-server notes`\./);
    assert.deepEqual(configured(), {});
  });

  it("isn't added where the user says no", async () => {
    editor.answer = choosing('reject_once');
    await editor.prompt(sessionId, '/add-server notes');
    assert.match(said(), /notes wasn't added\.$/);
    assert.deepEqual(configured(), {});
  });

  it('is added as it was shown, without what is secret in it, and is then known', async () => {
    await editor.prompt(sessionId, '/add-server notes');
    const title = editor.permissions.items[0]?.toolCall.title ?? '';
    assert.match(title, /^Add the MCP server notes .*starts "node" "-e" "0" .*1 variable \(TOKEN\)/);
    assert.doesNotMatch(JSON.stringify(editor.permissions.items), /quiet/);
    assert.match(said(), /To start it and approve its tools, run `switchyard mcp approve notes`/);
    assert.deepEqual(configured(), { notes: { command: 'node', args: ['-e', '0'], env: { TOKEN: 'quiet' } } });
    await editor.prompt(sessionId, '/add-server docs');
    assert.deepEqual(configured()['docs'], { url: 'https://docs.test/mcp' });
    await editor.prompt(sessionId, '/add-server notes');
    assert.match(said(), /notes is in Switchyard's configuration already\.$/);
    assert.equal(editor.permissions.items.length, 2);
  });

  it("is refused where it can't be used", async () => {
    for (const [name, why] of [
      ['old', /old speaks an older form/],
      ['wants-env', /asks for \$\{env:SECRET_KEY\}, which Switchyard gives only to servers that you add yourself/],
      ['wants-key', /asks for \$\{key:openai\}/],
      ['else', /names no MCP server "else"/],
    ] as const) {
      const failure = await editor.prompt(sessionId, `/add-server ${name}`).catch((error: Error) => error);
      assert.match((failure as Error).message, why);
    }
    assert.equal(editor.permissions.items.length, 0);
  });
});
