// A task is handed over in a terminal: a scripted model adds an option to a small tool and a test for it, with a real MCP server, and asks
// before each step that does something. What it did is reviewed and undone, byte for byte.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { memoryServer } from '../fakes/mcp-servers/workbench.ts';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import type { RecordedRequest, Reply } from '../fakes/provider-servers/scripted-server.ts';
import { TerminalCommand } from '../process/agent/at-terminal.ts';
import { Home } from '../process/home.ts';

const allow = /Allow it\?/;
const tool = "const words = process.argv[2].split(' ').length;\r\nconsole.log(words);\r\n";
const test = `import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

test('--json prints an object', () => {
  const said = execFileSync(process.execPath, ['count.mjs', 'one two', '--json'], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(said), { words: 2 });
});
`;

describe('scenario: a task in a terminal', function () {
  this.timeout(120_000);
  let home: Home;
  let server: Awaited<ReturnType<typeof startOpenAiServer>>;
  let folder: string;
  const asked: RecordedRequest[] = [];
  const usage = { input: 1000, output: 10 };

  const call = (name: string, given: Record<string, unknown>): Reply => ({
    text: '',
    toolCalls: [{ name, arguments: given }],
  });
  const turns: Reply[] = [
    call('read', { path: 'count.mjs' }),
    call('memory__create_entities', {
      entities: [{ name: 'count', entityType: 'tool', observations: ['It has an option --json.'] }],
    }),
    call('edit', {
      path: 'count.mjs',
      old: 'console.log(words);',
      new: "console.log(process.argv.includes('--json') ? JSON.stringify({ words }) : words);",
    }),
    call('edit', { path: 'test/count.test.mjs', new: test }),
    call('run', { argv: ['node', '--test', 'test/count.test.mjs'] }),
    { text: 'count.mjs has an option --json now, and a test for it.' },
  ];

  before(async () => {
    server = await startOpenAiServer();
    server.reply = (request) => ({ usage, ...turns[Math.min(asked.push(request), turns.length) - 1] });
    home = new Home({
      providers: {
        lab: {
          type: 'openai-compatible',
          baseUrl: server.url,
          models: [{ name: 'scripted', capabilities: { tools: true, chat: true }, price: { input: 1, output: 1 } }],
        },
      },
    });
    folder = dirname(home.project('count.mjs'));
    writeFileSync(join(folder, 'count.mjs'), tool);
    chmodSync(join(folder, 'count.mjs'), 0o755);
    writeFileSync(join(folder, 'untracked.bin'), Buffer.from([0, 255, 13, 10]));
    execFileSync('git', ['init', '--quiet'], { cwd: folder });
    if (process.platform !== 'win32') symlinkSync('count.mjs', join(folder, 'link'));
    home.configure({
      ...configuration(home),
      mcpServers: { memory: { ...memoryServer, env: { MEMORY_FILE_PATH: home.file('memory.json') } } },
    });
    const approved = await home.switchyard(['mcp', 'approve', 'memory.create_entities', '--yes'], '', folder);
    assert.equal(approved.code, 0, approved.stderr);
  });
  after(async () => {
    await home[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it('is done with an approval for each step, and undone as if it had never been', async () => {
    const was = contentsOf(folder);
    const task = 'Add a --json flag to this little tool and a test for it';
    const command = new TerminalCommand(home, ['run', task], folder);
    await command.answer(/Do you trust the files in/, 'y');
    assert.match(await command.answer(allow, 'y'), /create_entities[\s\S]+It has an option --json\./);
    assert.match(
      await command.answer(allow, 'y'),
      /^-console\.log\(words\);\s*$[\s\S]*^\+console\.log\(process\.argv\.includes/m,
    );
    assert.match(await command.answer(allow, 'y'), /\+\+\+ b\/test\/count\.test\.mjs/);
    const run = await command.answer(allow, 'y');
    assert.match(run, /^ {2}program {2}node --test test\/count\.test\.mjs$/m);
    assert.match(run, new RegExp(`^ {2}folder {3}${folder}$`, 'm'));
    assert.match(run, /^ {2}script {3}\S*count\.test\.mjs {2}sha256 [0-9a-f]{64}$/m);
    const { code, said } = await command.ended();
    assert.equal(code, 0, command.stderr);
    assert.equal(command.stdout, 'count.mjs has an option --json now, and a test for it.\n');
    assert.match(said, /2 files changed · 6 turns · .* · \$/);
    assert.match(readFileSync(home.file('memory.json'), 'utf8'), /It has an option --json\./);
    assert.match(JSON.stringify(asked.at(-1)?.body), /pass 1/);

    const [, jobId = ''] = /switchyard jobs undo ([\w-]+)/.exec(said) ?? [];
    const changes = await home.switchyard(['jobs', 'changes', jobId], '', folder);
    assert.match(changes.stdout, /count\.mjs[\s\S]*test\/count\.test\.mjs \(new\)/);
    const undone = await home.switchyard(['jobs', 'undo', jobId], '', folder);
    assert.equal(undone.code, 0, undone.stderr);
    assert.deepEqual(contentsOf(folder), was);
  });
});

function configuration(home: Home): object {
  return JSON.parse(readFileSync(home.paths.configFile, 'utf8')) as object;
}

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
