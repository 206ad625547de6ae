// MCP servers whose tools our agent may call, with the built program: one process for all windows, and none left behind.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { DaemonStatus, McpApprove, McpList, ProfileCreate, ProfileUse } from '../../../shared/protocol/index.ts';
import { memoryServer, ScriptedServer } from '../../fakes/mcp-servers/workbench.ts';
import { Home, isRunning, until } from '../home.ts';
import { failureOf, openEditor } from '../lsp-client.ts';

describe('MCP servers of config.json', () => {
  let home: Home;
  let script: ScriptedServer;
  beforeEach(() => {
    script = new ScriptedServer({ hasChild: true, stays: true });
    home = new Home({ mcpServers: { notes: script.config } });
  });
  afterEach(async () => {
    await home[Symbol.asyncDispose]();
    script[Symbol.dispose]();
  });

  const all = (): number[] => [...script.pids(), ...script.pids('child')];

  it('are one process for all windows, seen in the status', async () => {
    const windows = await Promise.all(Array.from({ length: 5 }, () => openEditor(home)));
    const listed = await Promise.all(windows.map((window) => window.call(McpList, { server: 'notes' })));
    for (const { servers } of listed)
      assert.deepEqual(
        servers[0]?.tools.map(({ name, state }) => [name, state]),
        [['echo', 'new']],
      );
    assert.equal(script.pids().length, 1);
    const { mcpServers = [] } = (await windows[0]?.call(DaemonStatus, {})) ?? {};
    assert.equal(mcpServers[0]?.pid, script.pids()[0]);
    assert.equal(mcpServers[0]?.tools, 1);
    assert.equal(mcpServers[0]?.processes, 2);
    assert.ok((mcpServers[0]?.memoryBytes ?? 0) > 10_000_000);
    const { stdout } = await home.switchyard(['status']);
    assert.match(stdout, /MCP server notes: running, process \d+ and 1 more, \d+ MB, 1 tool, protocol 2025-11-25/);
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const)
    it(`end with the daemon, with all that they started, where that ends by ${signal}`, async () => {
      const editor = await openEditor(home);
      await editor.call(McpList, { server: 'notes' });
      assert.equal(all().length, 2);
      const pid = (await editor.call(DaemonStatus, {})).pid;
      process.kill(pid, signal);
      await until('the end of both', () => !all().some(isRunning));
    });

  it('have their tools approved in one profile, which another sees nothing of', async () => {
    const editor = await openEditor(home);
    const { servers } = await editor.call(McpList, { server: 'notes' });
    const [tool] = servers[0]?.tools ?? [];
    assert.ok(tool);
    await editor.call(McpApprove, { server: 'notes', tools: [tool], approved: true });
    assert.equal((await editor.call(McpList, {})).servers[0]?.tools[0]?.state, 'approved');
    await editor.call(ProfileCreate, { name: 'other' });
    await editor.call(ProfileUse, { profile: 'other' });
    const [other] = (await editor.call(McpList, {})).servers;
    assert.deepEqual([other?.state, other?.tools], ['stopped', []]);
    const wrong = { server: 'notes', tools: [{ ...tool, hash: 'x' }], approved: true };
    assert.equal((await failureOf(editor.ask(McpApprove, wrong).result)).data?.code, 'mcp-tool-changed');
  });

  it('are set up, approved, restarted and removed with one JSON document each', async () => {
    const { command, args } = script.config;
    const documents: [args: string[], document: object][] = [
      [['add', 'mine', '--json', '--', command, ...args], { added: 'mine' }],
      [['approve', 'mine', '--yes', '--json'], { server: 'mine', approved: true, tools: ['echo'] }],
      [['restart', 'mine', '--json'], { server: 'mine', tools: 1 }],
      [['approve', 'mine', '--revoke', '--json'], { server: 'mine', approved: false, tools: ['echo'] }],
      [['remove', 'mine', '--json'], { removed: 'mine' }],
    ];
    await home.switchyard(['mcp', 'add', 'notes', '--', 'other']);
    assert.match((await home.switchyard(['mcp', 'list'])).stdout, new RegExp(script.file), 'one that is there stays');
    for (const [words, document] of documents) {
      const { stdout, stderr } = await home.switchyard(['mcp', ...words]);
      assert.deepEqual(JSON.parse(stdout), document, stderr);
    }
    await home.switchyard(['mcp', 'add', 'mine', '--', command, ...args]);
    const unasked = await home.switchyard(['mcp', 'approve', 'mine', '--json']);
    assert.equal((JSON.parse(unasked.stdout) as { error: { code: string } }).error.code, 'not-asked');
    assert.match(unasked.stderr, /mine\.echo \(new/);
  });

  it('are set up, approved and removed from a terminal', async () => {
    home.configure({});
    const { command, args } = script.config;
    const added = await home.switchyard(['mcp', 'add', 'mine', '--env', 'A=b', '--', command, ...args]);
    assert.equal(added.code, 0, added.stderr);
    const { mcpServers } = JSON.parse(readFileSync(home.paths.configFile, 'utf8')) as { mcpServers: object };
    assert.deepEqual(mcpServers, { mine: { command, args, env: { A: 'b' } } });
    const unasked = await home.switchyard(['mcp', 'approve', 'mine']);
    assert.equal(unasked.code, 3);
    assert.match(unasked.stdout, /mine\.echo \(new, \d+ tokens\)\n {2}Says it again\./);
    assert.match(unasked.stderr, /Nothing was approved/);
    assert.match(
      (await home.switchyard(['mcp', 'approve', 'mine.echo', '--yes'])).stdout,
      /^1 tool of mine approved\./,
    );
    script.change({ tools: [{ name: 'echo', description: 'Other words.', inputSchema: { type: 'object' } }] });
    process.kill(script.pids()[0] ?? 0, 'SIGUSR2');
    const again = await until('the change', async () => {
      const { stdout } = await home.switchyard(['mcp', 'approve', 'mine']);
      return stdout.includes('changed') && stdout;
    });
    assert.match(again, /was: Says it again\.\n.*now: Other words\./s);
    const { servers } = JSON.parse((await home.switchyard(['mcp', 'list', '--json'])).stdout) as {
      servers: { tools: object[] }[];
    };
    assert.equal(servers[0]?.tools.length, 1);
    assert.equal((await home.switchyard(['mcp', 'remove', 'mine'])).code, 0);
    assert.match((await home.switchyard(['mcp', 'list'])).stdout, /^No MCP servers are set up/);
    await until('its end', () => !all().some(isRunning));
  });

  it('are never taken from a file of the workspace, unless the user imports it', async () => {
    home.configure({});
    const folder = home.project('shop');
    const text = JSON.stringify({ servers: { notes: script.config }, mcpServers: { notes: script.config } });
    for (const place of [['.vscode', 'mcp.json'], ['.mcp.json'], ['.cursor', 'mcp.json']]) {
      mkdirSync(dirname(join(folder, ...place)), { recursive: true });
      writeFileSync(join(folder, ...place), text);
    }
    const editor = await openEditor(home, { folder: `file://${folder}`, switchyard: { workspaceTrusted: true } });
    assert.deepEqual((await editor.call(McpList, {})).servers, []);
    const asked = await home.switchyard(['mcp', 'import'], '', folder);
    assert.equal(asked.code, 3);
    assert.ok(asked.stdout.includes(script.file), 'it shows the whole command');
    assert.deepEqual((await editor.call(McpList, {})).servers, []);
    const taken = await home.switchyard(['mcp', 'import', '--from', '.mcp.json', '--yes'], '', folder);
    assert.match(taken.stdout, /notes is imported\./);
    assert.deepEqual(
      (await editor.call(McpList, {})).servers.map(({ name }) => name),
      ['notes'],
    );
    assert.deepEqual(script.pids(), [], 'nothing is started by that');
  });

  it('are restarted from a terminal, as another process with the tools that it offers now', async () => {
    const editor = await openEditor(home);
    const [before] = (await editor.call(McpList, { server: 'notes' })).servers;
    assert.equal(before?.pid, script.pids()[0]);
    const { stdout, stderr } = await home.switchyard(['mcp', 'restart', 'notes']);
    assert.match(stdout, /^notes is running again, and offers 1 tool\./, stderr);
    const [now] = (await editor.call(McpList, {})).servers;
    assert.equal(now?.state, 'running');
    assert.notEqual(now?.pid, before?.pid);
    await until('the end of the first', () => !isRunning(before?.pid ?? 0));
    assert.match((await home.switchyard(['mcp', 'list'])).stdout, /running, process \d+, protocol /);
  });

  it('that npm has are approved from a terminal, for every window', async () => {
    const env = { MEMORY_FILE_PATH: home.file('memory.jsonl') };
    home.configure({ mcpServers: { memory: { ...memoryServer, env } } });
    const { stdout, stderr } = await home.switchyard(['mcp', 'approve', 'memory', '--yes']);
    assert.match(stdout, /^\d+ tools of memory approved\./, stderr);
    const editor = await openEditor(home);
    const [server] = (await editor.call(McpList, {})).servers;
    assert.ok(server?.tools.some(({ name, state }) => name === 'create_entities' && state === 'approved'));
  });
});
