// A task is handed over in an editor of the Agent Client Protocol: a scripted model adds an option to a small tool and a test for it, with a
// real MCP server, and asks before each step that does something. What it did is reviewed and undone, byte for byte.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RequestPermissionRequest } from '@agentclientprotocol/sdk';
import { after, before, describe, it } from 'mocha';
import { memoryServer } from '../fakes/mcp-servers/workbench.ts';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import type { RecordedRequest, Reply } from '../fakes/provider-servers/scripted-server.ts';
import { AcpEditor, choosing } from '../process/acp/editor.ts';
import { Home } from '../process/home.ts';

const tool = "const words = process.argv[2].split(' ').length;\r\nconsole.log(words);\r\n";
const print = "console.log(process.argv.includes('--json') ? JSON.stringify({ words }) : words);";
const test = `import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

test('--json prints an object', () => {
  const said = execFileSync(process.execPath, ['count.mjs', 'one two', '--json'], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(said), { words: 2 });
});
`;
const task = 'Add a --json flag to this little tool and a test for it';

describe('scenario: a task over the Agent Client Protocol', function () {
  this.timeout(120_000);
  let home: Home;
  let server: Awaited<ReturnType<typeof startOpenAiServer>>;
  let folder: string;
  let was: Record<string, string>;
  let editor: AcpEditor;
  let sessionId: string;
  const asked: RecordedRequest[] = [];

  const call = (name: string, given: Record<string, unknown>): NonNullable<Reply['toolCalls']> => [
    { name, arguments: given },
  ];
  const plan = (...states: string[]): NonNullable<Reply['toolCalls']> =>
    call('plan', {
      items: ['Read the tool', 'Add the flag', 'Write a test', 'Run it'].map((text, i) => ({
        text,
        state: states[i] ?? 'open',
      })),
    });
  const turns: Reply[] = [
    { text: 'I read the tool first.', toolCalls: [...plan('doing'), ...call('read', { path: 'count.mjs' })] },
    {
      toolCalls: call('memory__create_entities', {
        entities: [{ name: 'count', entityType: 'tool', observations: ['It has an option --json.'] }],
      }),
    },
    { toolCalls: call('edit', { path: 'count.mjs', old: 'console.log(words);', new: print }) },
    { toolCalls: call('edit', { path: 'test/count.test.mjs', new: test }) },
    { toolCalls: call('run', { argv: ['node', '--test', 'test/count.test.mjs'] }) },
    { toolCalls: plan('done', 'done', 'done', 'done') },
    { text: 'count.mjs has an option --json now, and a test for it.' },
  ];

  before(async () => {
    server = await startOpenAiServer();
    server.reply = (request) => ({
      text: '',
      usage: { input: 1000, output: 10 },
      ...turns[Math.min(asked.push(request), turns.length) - 1],
    });
    const models = [
      {
        name: 'scripted',
        capabilities: { tools: true, chat: true },
        price: { input: 1, output: 1 },
        contextTokens: 50_000,
      },
    ];
    const providers = { lab: { type: 'openai-compatible', baseUrl: server.url, models } };
    home = new Home({ providers });
    folder = dirname(home.project('count.mjs'));
    writeFileSync(join(folder, 'count.mjs'), tool);
    chmodSync(join(folder, 'count.mjs'), 0o755);
    writeFileSync(join(folder, 'untracked.bin'), Buffer.from([0, 255, 13, 10]));
    execFileSync('git', ['init', '--quiet'], { cwd: folder });
    if (process.platform !== 'win32') symlinkSync('count.mjs', join(folder, 'link'));
    const memory = { ...memoryServer, env: { MEMORY_FILE_PATH: home.file('memory.json') } };
    home.configure({ providers, mcpServers: { memory } });
    const approved = await home.switchyard(['mcp', 'approve', 'memory.create_entities', '--yes'], '', folder);
    assert.equal(approved.code, 0, approved.stderr);
    was = contentsOf(folder);
    editor = await AcpEditor.open(home, { elicitation: { form: {} } });
    ({ sessionId } = await editor.session(folder));
  });
  after(async () => {
    await editor?.leave();
    await home[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const contentOfAsked = (request: RequestPermissionRequest | undefined): string => JSON.stringify(request?.toolCall);

  it('asks for trust, then for each step that does something, and shows exactly what it would do', async () => {
    editor.answer = (request) =>
      choosing(request.toolCall.toolCallId === 'trust' ? 'allow_always' : 'allow_once')(request);
    assert.equal((await editor.prompt(sessionId, task)).stopReason, 'end_turn');
    const [trust, memory, flag, newTest, run, ...others] = editor.permissions.items;
    assert.equal(others.length, 0);
    assert.equal(trust?.toolCall.title, `Trust ${folder}?`);
    assert.match(memory?.toolCall.title ?? '', /create_entities.*It has an option --json\./);
    const changed = tool.replaceAll('\r\n', '\n');
    assert.deepEqual(flag?.toolCall.content?.[0], {
      type: 'diff',
      path: join(folder, 'count.mjs'),
      oldText: changed,
      newText: changed.replace('console.log(words);', print),
    });
    assert.deepEqual(newTest?.toolCall.content?.[0], {
      type: 'diff',
      path: join(folder, 'test/count.test.mjs'),
      oldText: null,
      newText: test,
    });
    assert.deepEqual(run?.toolCall.rawInput, { argv: ['node', '--test', 'test/count.test.mjs'], folder });
    assert.match(contentOfAsked(run), /count\.test\.mjs \(SHA-256 [0-9a-f]{64}\)/);
  });

  it('did what was asked, and told the plan, each call, and what it cost', () => {
    assert.match(readFileSync(home.file('memory.json'), 'utf8'), /It has an option --json\./);
    assert.match(JSON.stringify(asked.at(-2)?.body), /pass 1/);
    assert.deepEqual(
      editor.of(sessionId, 'session_info_update').map(({ title }) => title),
      [task],
    );
    assert.match(readFileSync(join(folder, 'count.mjs'), 'utf8'), /JSON\.stringify\(\{ words \}\) : words\);\r\n$/);
    assert.match(
      editor.text(sessionId, 'agent_message_chunk'),
      /^I read the tool first\.\s+count\.mjs has an option --json now/,
    );
    const plans = editor.of(sessionId, 'plan').map(({ entries }) => entries.map(({ status }) => status));
    assert.deepEqual(
      [plans[0], plans.at(-1)],
      [
        ['in_progress', 'pending', 'pending', 'pending'],
        ['completed', 'completed', 'completed', 'completed'],
      ],
    );
    const ended = editor.of(sessionId, 'tool_call_update').filter(({ status }) => status === 'completed');
    assert.equal(ended.length, editor.of(sessionId, 'tool_call').length);
    const spent = editor.of(sessionId, 'usage_update');
    assert.deepEqual(
      spent.map(({ used, size }) => [used, size]),
      turns.map(() => [1010, 50_000]),
    );
    assert.ok(Math.abs((spent.at(-1)?.cost?.amount ?? 0) - (turns.length * 1010) / 1e6) < 1e-9);
  });

  it('shows all of it again as one change set with /review', async () => {
    await editor.prompt(sessionId, '/review');
    const review = editor.of(sessionId, 'tool_call').at(-1);
    assert.deepEqual(
      review?.locations?.map(({ path }) => path),
      [join(folder, 'count.mjs'), join(folder, 'test/count.test.mjs')],
    );
    assert.ok(review?.content?.every(({ type }) => type === 'diff'));
    assert.match(JSON.stringify(review?.content), /console\.log\(words\);.*JSON\.stringify\(\{ words \}\)/);
    assert.match(
      editor.text(sessionId, 'agent_message_chunk'),
      /2 files:\n\n- count\.mjs\n- test\/count\.test\.mjs \(new\)/,
    );
  });

  it('puts back every byte with /undo, and takes that back', async () => {
    const now = contentsOf(folder);
    await editor.prompt(sessionId, '/undo');
    assert.deepEqual(contentsOf(folder), was);
    const said = editor.text(sessionId, 'agent_message_chunk');
    const [, step = ''] = /2 files restored\.[\s\S]*send `\/undo (\d+)`\.$/.exec(said) ?? [];
    await editor.prompt(sessionId, `/undo ${step}`);
    assert.deepEqual(contentsOf(folder), now);
    await editor.prompt(sessionId, '/undo');
    assert.deepEqual(contentsOf(folder), was);
  });

  it('is in the history, and is undone by a program that was started anew', async () => {
    await editor.leave();
    editor = await AcpEditor.open(home);
    const { agent } = editor;
    const { sessions } = await agent.request('session/list', { cwd: folder });
    assert.deepEqual(
      sessions.map((one) => [one.sessionId, one.title]),
      [[sessionId, task]],
    );
    await agent.request('session/load', { sessionId, cwd: folder, mcpServers: [] });
    assert.equal(editor.text(sessionId, 'user_message_chunk'), task);
    await editor.prompt(sessionId, '/undo');
    assert.match(editor.text(sessionId, 'agent_message_chunk'), /Nothing to undo\./);
  });
});

/** Every file, link and folder with its bytes and its mode, but the user's own repository. */
function contentsOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const own = entries.map((entry) => join(entry.parentPath, entry.name)).filter((path) => !path.includes('.git'));
  return Object.fromEntries(own.sort().map((path) => [path, contentOf(path)]));
}

function contentOf(path: string): string {
  const { mode } = statSync(path);
  return `${mode.toString(8)} ${statSync(path).isFile() ? readFileSync(path, 'base64') : ''}`;
}
