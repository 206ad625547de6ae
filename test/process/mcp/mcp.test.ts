// `switchyard mcp` as other agents use it: MCP's own client over stdio, in both generations of the protocol.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { CallToolResult, Client, Progress } from '@modelcontextprotocol/client';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import {
  ChatSend,
  DaemonStatus,
  MemoriesAdd,
  ProfileCreate,
  RouterDecisions,
  ToolsCall,
} from '../../../shared/protocol/index.ts';
import { scriptedJson, writeScriptedModel } from '../../fakes/gguf.ts';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import { Home, program, until } from '../home.ts';
import { assertSentence, openEditor } from '../lsp-client.ts';
import { type AgentOptions, connectAgent, generations, textOf } from './agent.ts';

const code = 'export function countRetries(n: number) {\n  return n + 1; // after a 429\n}\n';

describe('switchyard mcp', () => {
  let home: Home;
  let folder: string;
  const agents: Client[] = [];

  before(async () => {
    home = new Home();
    folder = home.project('shop');
    for (const [name, text] of Object.entries({ 'retries.ts': code, '.env': 'TOKEN=quixotic\n', 'note.md': 'One.\n' }))
      writeFileSync(home.project('shop', name), text);
    for (const words of [
      ['init', '--quiet'],
      ['add', 'retries.ts', 'note.md'],
      ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'first'],
    ])
      assert.equal(spawnSync('git', words, { cwd: folder }).status, 0);
    writeScriptedModel(
      home.file('models', 'tiny.gguf'),
      scriptedJson({
        findings: [
          {
            line: 2,
            quote: 'items[items.length]',
            severity: 'error',
            category: 'correctness',
            message: 'Reads one past the end.',
            replacement: 'items.at(-1)',
            confidence: 0.9,
          },
        ],
      }),
    );
    home.configure({ localModels: [home.file('models', 'tiny.gguf')] });
  });
  after(async () => {
    await Promise.all(agents.map((agent) => agent.close()));
    await home[Symbol.asyncDispose]();
  });

  async function agentIn(options: AgentOptions = {}): Promise<Client> {
    const agent = await connectAgent(home, { folders: [folder], ...options });
    agents.push(agent);
    return agent;
  }

  for (const generation of generations) {
    describe(`with ${generation}`, () => {
      let agent: Client;
      before(async () => {
        agent = await agentIn({ generation });
      });

      it('lists tools that only read', async () => {
        const { tools } = await agent.listTools();
        assert.equal(tools.length, 5);
        for (const { annotations, description, inputSchema } of tools) {
          assert.deepEqual([annotations?.readOnlyHint, annotations?.destructiveHint], [true, false]);
          assert.match(description ?? '', / Reads /);
          assert.equal(inputSchema.type, 'object');
        }
      });

      it('finds code that was never indexed before, as a quotation', async () => {
        const text = textOf(
          await agent.callTool({ name: 'search_code', arguments: { query: 'where are retries counted' } }),
        );
        assert.match(text, /^retries\.ts:1-3\n```typescript\nexport function countRetries/m);
        assert.doesNotMatch(text, /quixotic/);
      });

      it('finds what was said in a chat, and what is remembered', async () => {
        const editor = await openEditor(home, { folder: pathToFileURL(folder).href });
        await editor.call(ChatSend, { text: `How does ${generation} count retries?` });
        await editor.call(MemoriesAdd, { text: `We call ${generation} a generation` });
        const text = textOf(
          await agent.callTool({ name: 'search_chats', arguments: { query: generation, limit: 20 } }),
        );
        assert.match(text, /^Message by the user in the chat ".+", \d{4}-\d\d-\d\d\n```\nHow does/m);
        assert.match(text, /^Memory, .*\n```\nWe call/m);
        await editor.leave();
      });

      it('tells why a model was chosen', async () => {
        assert.match(textOf(await agent.callTool({ name: 'why_model' })), /^\S+Z: local\/tiny, by the policy /m);
        assert.match(
          textOf(await agent.callTool({ name: 'why_model', arguments: { text: 'Explain this.' } })),
          /^local\/tiny would answer, at no cost: /,
        );
      });

      it('reviews a file, and tells how far it is', async () => {
        writeFileSync(home.project('shop', 'note.md'), `${generation}\nlet last = items[items.length];\n`);
        const progress: Progress[] = [];
        const result = await agent.callTool(
          { name: 'review_file', arguments: { path: 'note.md' } },
          { onprogress: (one) => progress.push(one) },
        );
        assert.match(textOf(result), /## note\.md\n\n- \*\*error\*\*, line 2: Reads one past the end\./);
        const told = progress.filter(({ message }) => !message?.startsWith('Fulfilling'));
        assert.ok(told.length > 1 && told.every(({ message }) => message), JSON.stringify(progress));
      });

      it('reviews changes', async () => {
        writeFileSync(home.project('shop', 'note.md'), `changed: ${generation}\nlet last = items[items.length];\n`);
        const result = textOf(await agent.callTool({ name: 'review_changes', arguments: { changes: 'unstaged' } }));
        assert.match(result, /## note\.md\n\n- \*\*error\*\*, line 2: Reads one past the end\./);
        assert.match(
          textOf(await agent.callTool({ name: 'review_changes', arguments: { changes: 'staged' } })),
          /Nothing to review/,
        );
      });

      it('answers what it cannot do with a sentence that the model reads', async () => {
        const calls: [name: string, given: Record<string, unknown>][] = [
          ['review_file', { path: '.env' }],
          ['review_file', { path: '../../etc/passwd' }],
          ['search_code', { query: 7 }],
          ['search_code', { query: 'x'.repeat(2_000_000) }],
          ['search_chats', {}],
          ['review_changes', { commit: 'no-such-revision' }],
          ['review_changes', { commit: '--output=x' }],
        ];
        for (const [name, given] of calls) {
          const result = (await agent.callTool({ name, arguments: given })) as CallToolResult;
          assert.equal(result.isError, true, `${name} ${JSON.stringify(given).slice(0, 100)}`);
          assertSentence(textOf(result));
        }
      });

      it('answers an unknown tool with an error of the protocol', async () => {
        await assert.rejects(agent.callTool({ name: 'delete_everything' }), {
          code: -32_602,
          message: /There's no tool/,
        });
        await assert.rejects(agent.callTool({ name: 'x'.repeat(1000) }).then(assertIsError), /isError/);
      });
    });
  }

  describe('with a model that does not answer', () => {
    let server: Awaited<ReturnType<typeof startOpenAiServer>>;
    let agent: Client;

    beforeEach(async () => {
      server = await startOpenAiServer({
        reply: { text: 'one two', hold: { after: 'request', until: new Promise(() => {}) } },
      });
      agent = await agentIn();
      const model = `held-${server.url.split(':')[2]?.split('/')[0]}`;
      home.configure({ providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: [model] } } });
      await until('the daemon to see its configuration', async () =>
        textOf(await agent.callTool({ name: 'why_model', arguments: { text: 'x' } })).startsWith(`lab/${model}`),
      );
    });
    afterEach(async () => {
      home.configure({ localModels: [home.file('models', 'tiny.gguf')] });
      await server[Symbol.asyncDispose]();
    });

    it('ends the work of a call that is cancelled', async () => {
      const editor = await openEditor(home, {});
      const abort = new AbortController();
      const call = agent.callTool({ name: 'review_file', arguments: { path: 'note.md' } }, { signal: abort.signal });
      call.catch(() => {});
      await server.asked();
      abort.abort();
      await assert.rejects(call);
      await server.closedEarly();
      await until(
        'the daemon to be at rest',
        async () => !(await editor.call(DaemonStatus, {})).running.includes(ToolsCall.method),
      );
      await editor.leave();
    });

    const ends: Record<string, () => unknown> = {
      'was killed': () => home.killDaemon(),
      'was stopped by force': () => home.switchyard(['stop', '--force']),
    };
    for (const [what, end] of Object.entries(ends))
      it(`says that the daemon ${what} during a call, and joins the next one`, async () => {
        const call = agent.callTool({ name: 'review_file', arguments: { path: 'note.md' } });
        await server.asked();
        await end();
        const result = (await call) as CallToolResult;
        assert.deepEqual(
          [result.isError, textOf(result)],
          [true, 'The Switchyard daemon stopped during the call. Try again.'],
        );
        assert.match(textOf(await agent.callTool({ name: 'why_model' })), /chosen|policy/);
      });
  });

  it('shares one daemon between agents and editors, and joins the next one when it is gone', async () => {
    const [one, two] = await Promise.all(generations.map((generation) => agentIn({ generation })));
    assert.ok(one && two);
    await Promise.all([one, two].map((agent) => agent.callTool({ name: 'why_model' })));
    const first = home.daemonPid();
    const editor = await openEditor(home, {});
    assert.equal(editor.daemon, first);
    await editor.leave();
    assert.equal((await home.switchyard(['stop', '--force'])).code, 0);
    await until('the end of the daemon', () => home.daemonPid() === undefined);
    const texts = await Promise.all(
      [one, two].map(async (agent) => textOf(await agent.callTool({ name: 'why_model' }))),
    );
    assert.ok(
      texts.every((text) => /by the policy|No model has been chosen/.test(text)),
      texts.join('\n'),
    );
    assert.notEqual(home.daemonPid(), first);
  });

  it('shows nothing of another profile', async () => {
    const theirs = await openEditor(home, {});
    const { profile } = await theirs.call(ProfileCreate, { name: 'other' });
    await theirs.leave();
    const editor = await openEditor(home, { switchyard: { profile: profile.id } });
    await editor.call(ChatSend, { text: 'What is Zanzibar?' });
    await editor.call(MemoriesAdd, { text: 'Zanzibar is our code name' });
    const { decisions } = await editor.call(RouterDecisions, {});
    await editor.leave();
    const [ours, other] = [await agentIn(), await agentIn({ args: ['--profile', 'other'] })];
    const ask = async (agent: Client, name: string) =>
      textOf(await agent.callTool({ name, arguments: name === 'search_chats' ? { query: 'Zanzibar' } : { last: 20 } }));
    const said = await ask(other, 'search_chats');
    assert.ok(said.includes('What is Zanzibar?') && said.includes('Zanzibar is our code name'), said);
    assert.doesNotMatch(await ask(ours, 'search_chats'), /Zanzibar/);
    const at = new Date(decisions[0]?.at ?? 0).toISOString();
    assert.ok((await ask(other, 'why_model')).includes(at));
    assert.ok(!(await ask(ours, 'why_model')).includes(at));
  });

  for (const generation of generations)
    it(`works in the folders that its client has open now, with ${generation}`, async () => {
      const folders = [folder];
      const agent = await agentIn({ generation, folders });
      const search = async () =>
        textOf(await agent.callTool({ name: 'search_code', arguments: { query: 'count retries' } }));
      assert.match(await search(), /countRetries/);
      folders.pop();
      assert.match(await search(), /There's no folder to look in/);
      folders.push(folder);
      assert.match(await search(), /countRetries/);
    });

  const folderless: [what: string, options: AgentOptions, has: RegExp][] = [
    [
      'takes the folders of the command line before those of the client',
      { folders: ['/'], args: ['--root', '{folder}'] },
      /countRetries/,
    ],
    ['works where it was started for a client that names no folders', { cwd: '{folder}' }, /countRetries/],
    [
      'takes nothing for a folder where the client has none open',
      { folders: [], cwd: '{folder}' },
      /There's no folder to look in/,
    ],
    ['reads no folder of another machine', { folders: ['file://elsewhere/share'] }, /There's no folder to look in/],
  ];
  for (const [what, options, has] of folderless) {
    it(what, async () => {
      const filled = JSON.parse(JSON.stringify(options).replaceAll('{folder}', folder)) as typeof options;
      const agent = await agentIn({ folders: undefined, ...filled });
      assert.match(textOf(await agent.callTool({ name: 'search_code', arguments: { query: 'count retries' } })), has);
    });
  }

  it('ends when stdin is closed, with nothing but the protocol on stdout', async () => {
    const child = home.spawn([program, 'mcp'], process.execPath, folder);
    let stdout = '';
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const messages = [
      {
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
      },
      { method: 'notifications/initialized' },
      { id: 2, method: 'tools/call', params: { name: 'why_model', arguments: {} } },
    ];
    for (const message of messages) child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    child.stdin?.write('not JSON\n');
    await until('both answers', () => stdout.split('\n').length > 2);
    const exit = once(child, 'exit');
    child.stdin?.end();
    assert.deepEqual((await exit)[0], 0);
    const ids = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { jsonrpc: string; id?: number }).id);
    assert.deepEqual(
      ids.filter((id) => id !== undefined),
      [1, 2],
    );
    assert.match(stdout, /"protocolVersion":"2025-06-18"/);
  });

  it('prints how other programs start it, and nothing else on stdout', async () => {
    for (const client of ['vscode', 'claude', 'cursor', 'zed']) {
      const { code: exit, stdout, stderr } = await home.switchyard(['mcp', '--config', client, '--root', folder]);
      assert.equal(exit, 0);
      assert.match(stderr, /^Add this to .+:\n$/);
      const [servers] = Object.values(
        JSON.parse(stdout) as Record<string, { switchyard: { command: string; args: string[] } }>,
      );
      assert.equal(servers?.switchyard.command, process.execPath);
      assert.deepEqual(servers?.switchyard.args, [program, 'mcp', '--root', folder]);
    }
    const { stdout } = await home.switchyard(['mcp', '--config', 'codex']);
    assert.match(stdout, /^\[mcp_servers\.switchyard\]\ncommand = ".+"\nargs = \[".+", ?"mcp"\]\n$/);
    const wrong = [['--config', 'nano'], ['--root', '/no/such/folder'], ['extra'], ['--nope']];
    for (const args of wrong) assert.equal((await home.switchyard(['mcp', ...args])).code, 2, args.join(' '));
  });
});

function assertIsError(result: unknown): void {
  if ((result as CallToolResult).isError) throw new Error('isError');
}
