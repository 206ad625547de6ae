// What real clients of the Agent Client Protocol send, field by field, as lines on stdin: Zed, CodeCompanion (Neovim), and agent-shell (Emacs).
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { program, until } from '../home.ts';
import { AcpLab, edits } from './lab.ts';

type Json = Record<string, unknown>;

interface Client {
  initialize: Json;
  /** Of `session/new`, beside the folder. */
  session: Json;
  prompt(file: string): Json[];
  /** What it asks the agent between the session and the prompt. */
  before?: (sessionId: string) => [method: string, params: Json][];
  /** How it cancels. */
  cancel: Json;
}

const fileUri = (file: string): string => pathToFileURL(file).href;

const clients: Record<string, Client> = {
  Zed: {
    initialize: {
      protocolVersion: 1,
      clientCapabilities: {
        fs: { readTextFile: true, writeTextFile: true },
        terminal: true,
        session: { configOptions: { boolean: {} } },
        auth: { terminal: true },
        elicitation: { form: {}, url: {} },
        _meta: { terminal_output: true, 'terminal-auth': true },
      },
      clientInfo: { name: 'zed', title: 'Zed', version: '1.0.0' },
    },
    session: { mcpServers: [{ name: 'docs', command: 'docs-server', args: [], env: [] }], additionalDirectories: [] },
    before: (sessionId) => [
      ['session/set_mode', { sessionId, modeId: 'act' }],
      ['session/set_config_option', { sessionId, configId: 'model', value: 'lab/scripted' }],
      ['session/list', {}],
    ],
    prompt: (file) => [
      { type: 'text', text: 'Make ' },
      { type: 'resource_link', uri: fileUri(file), name: 'answer.ts' },
      { type: 'text', text: ' say 43. ' },
      { type: 'resource', resource: { uri: `${fileUri(file)}#L1:1`, text: 'export const answer = 42;' } },
      { type: 'resource', resource: { uri: 'zed:///agent/diagnostics?include_warnings=true', text: 'No problems.' } },
    ],
    cancel: {},
  },
  CodeCompanion: {
    initialize: {
      protocolVersion: 1,
      clientCapabilities: { fs: { readTextFile: true, writeTextFile: true } },
      clientInfo: { name: 'CodeCompanion.nvim', version: '1.0.0' },
    },
    session: { mcpServers: [] },
    before: (sessionId) => [['session/set_config_option', { sessionId, configId: 'mode', value: 'act' }]],
    prompt: (file) => [
      { type: 'text', text: `Sharing the following file as context: ${file}` },
      { type: 'text', text: 'Make it 43.' },
    ],
    cancel: {},
  },
  'agent-shell': {
    initialize: {
      clientInfo: { name: 'agent-shell', title: 'Emacs Agent Shell', version: '0.50.1' },
      protocolVersion: 1,
      clientCapabilities: {
        fs: { readTextFile: true, writeTextFile: true },
        terminal: true,
        elicitation: { form: {} },
      },
    },
    session: { mcpServers: [], _meta: { systemPrompt: { append: 'Be brief.' } } },
    before: (sessionId) => [['session/set_mode', { sessionId, modeId: 'act' }]],
    prompt: (file) => [
      { type: 'text', text: 'Make it 43: ' },
      {
        type: 'resource',
        resource: { uri: fileUri(file), text: 'export const answer = 42;\n', mimeType: 'text/plain' },
      },
    ],
    cancel: { reason: 'User cancelled' },
  },
};

/** Speaks lines of JSON. Lives as long as the program. */
class RawEditor {
  readonly child: ChildProcess;
  readonly received: Json[] = [];
  #nextId = 1;

  constructor(child: ChildProcess, answer: (request: Json) => Json | undefined) {
    this.child = child;
    child.stderr?.resume();
    createInterface({ input: child.stdout ?? process.stdin }).on('line', (line) => {
      const message = JSON.parse(line) as Json;
      this.received.push(message);
      const reply = message['method'] !== undefined && message['id'] !== undefined ? answer(message) : undefined;
      if (reply) this.#write({ id: message['id'], ...reply });
    });
  }

  /** The response, also one that is an error. */
  async request(method: string, params: Json): Promise<Json> {
    const id = this.#nextId++;
    this.#write({ id, method, params });
    return await until(`the response to ${method}`, () =>
      this.received.find((one) => one['id'] === id && !one['method']),
    );
  }

  notify(method: string, params: Json): void {
    this.#write({ method, params });
  }

  updates(kind: string): Json[] {
    return this.received.flatMap(({ method, params }) => {
      const { update } = (params ?? {}) as { update?: Json };
      return method === 'session/update' && update?.['sessionUpdate'] === kind ? [update] : [];
    });
  }

  #write(message: Json): void {
    this.child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }
}

describe('clients of the Agent Client Protocol', () => {
  let lab: AcpLab;

  before(async () => {
    lab = await AcpLab.open();
  });
  after(() => lab[Symbol.asyncDispose]());

  for (const [name, client] of Object.entries(clients))
    it(`${name} hands over a task, allows an edit by its first kind of option, and cancels`, async () => {
      lab.begin([edits, 'It is 43 now.']);
      const permissions: Json[] = [];
      const editor = new RawEditor(lab.home.spawn([program, 'acp']), ({ method, params }) => {
        if (method === 'fs/read_text_file') return { error: { code: -32_603, message: 'ENOENT' } };
        permissions.push(params as Json);
        const { options } = params as { options: { kind: string; optionId: string }[] };
        const kinds = new Map(options.map(({ kind, optionId }) => [kind, optionId])); // as CodeCompanion finds them
        assert.equal(kinds.size, options.length);
        return { result: { outcome: { outcome: 'selected', optionId: kinds.get('allow_once') } } };
      });
      const { result: agent } = await editor.request('initialize', client.initialize);
      assert.partialDeepStrictEqual(agent, {
        protocolVersion: 1,
        authMethods: [],
        agentCapabilities: { loadSession: true },
      });
      const { result: session } = await editor.request('session/new', { cwd: lab.folder, ...client.session });
      const { sessionId } = session as { sessionId: string };
      for (const [method, params] of client.before?.(sessionId) ?? []) {
        const response = await editor.request(method, params);
        assert.ok(response['result'], JSON.stringify(response));
      }
      const { result: end } = await editor.request('session/prompt', { sessionId, prompt: client.prompt(lab.path) });
      assert.deepEqual(end, { stopReason: 'end_turn' });
      assert.equal(permissions.length, 1);
      assert.match(JSON.stringify(permissions[0]), /export const answer = 43;/);
      assert.equal(editor.updates('tool_call').length, 1);
      const texts = editor.updates('agent_message_chunk').map(({ content }) => (content as { text: string }).text);
      assert.equal(texts.join(''), 'It is 43 now.');
      assert.ok(editor.updates('available_commands_update').length > 0);

      lab.begin([{ text: 'One two', hold: { after: 1, until: new Promise(() => {}) } }]);
      const held = editor.request('session/prompt', { sessionId, prompt: [{ type: 'text', text: 'Count.' }] });
      await until('the answer', () => JSON.stringify(editor.updates('agent_message_chunk')).includes('One'));
      editor.notify('session/cancel', { sessionId, ...client.cancel });
      assert.deepEqual((await held)['result'], { stopReason: 'cancelled' });
      editor.child.stdin?.end();
      await until('its end', () => editor.child.exitCode === 0);
    });

  it("refuses what is kept from models, however an editor's URI names it", async () => {
    const secret = lab.home.project('work', '.env');
    lab.begin(['I see.']);
    const editor = new RawEditor(lab.home.spawn([program, 'acp']), () => undefined);
    await editor.request('initialize', { protocolVersion: 1 });
    const { result } = await editor.request('session/new', { cwd: lab.folder, mcpServers: [] });
    const { sessionId } = result as { sessionId: string };
    for (const uri of [
      `${fileUri(secret)}#L1:2`,
      `${fileUri(secret)}?symbol=KEY#L1:1`,
      `zed:///agent/selection?path=${encodeURIComponent(secret)}#L1:2`,
      `zed:///agent/file?path=${encodeURIComponent(secret)}`,
    ]) {
      const prompt = [
        { type: 'text', text: 'Look.' },
        { type: 'resource', resource: { uri, text: 'KEY=1' } },
      ];
      const { error } = await editor.request('session/prompt', { sessionId, prompt });
      assert.match((error as { message: string } | undefined)?.message ?? '', /keeps it from models/, uri);
    }
    assert.equal(lab.asked.length, 0);
    editor.child.stdin?.end();
    await until('its end', () => editor.child.exitCode === 0);
  });
});
