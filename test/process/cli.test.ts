// The commands of a terminal user: exit codes, one JSON document with --json, sentences on stderr.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import { writeScriptedModel } from '../fakes/gguf.ts';
import { type Ended, Home } from './home.ts';
import { assertSentence } from './lsp-client.ts';

describe('the command line', () => {
  let home: Home;

  before(() => {
    home = new Home();
    writeFileSync(home.file('wrong.js'), 'const total = ;\n');
    writeFileSync(home.file('right.js'), 'export {};\n');
    writeScriptedModel(home.file('tiny.gguf'), 'Hello from a tiny model.', {
      when: [{ promptHas: 'UNUSED', script: '{"findings":[]}' }],
    });
  });
  after(() => home[Symbol.asyncDispose]());

  it('asks no daemon into being for status and stop', async () => {
    for (const args of [['status'], ['stop']])
      assert.deepEqual(await home.switchyard(args), { code: 0, stdout: said(args), stderr: '' });
    assert.equal(home.daemonPid(), undefined);
    function said([name]: string[]): string {
      return name === 'status'
        ? "The daemon isn't running. Any editor or command starts it.\n"
        : "The daemon isn't running.\n";
    }
  });

  // In this order: each builds on the one before.
  const documents: [args: string[], input: string, holds: (document: Record<string, unknown>) => boolean][] = [
    [['status', '--json'], '', ({ daemon }) => daemon === null],
    [['models', '--json'], '', ({ models }) => Array.isArray(models) && models.length === 0],
    [
      ['models', 'setup', '--json'],
      '',
      ({ configured, keys, ollama, gguf }) => configured === false && Boolean(keys && ollama && gguf),
    ],
    [['doctor', '--json'], '', ({ checks }) => Array.isArray(checks) && checks.length > 5],
    [['keys', 'set', 'openai', '--json'], 'sk-some-key', ({ provider }) => provider === 'openai'],
    [['keys', '--json'], '', ({ keys }) => JSON.stringify(keys).includes('openai')],
    [['keys', 'delete', 'openai', '--json'], '', ({ deleted }) => deleted === true],
    [['models', 'add', 'tiny.gguf', '--json'], '', ({ model }) => model === 'local/tiny'],
    [['chat', 'hello', '--json'], '', ({ text, decision }) => text === 'Hello from a tiny model.' && Boolean(decision)],
    [['chat', '--json'], 'a question on stdin', ({ text }) => text === 'Hello from a tiny model.'],
    [
      ['projects', '--json'],
      '',
      ({ projects, current }) =>
        (projects as { id: string; chatCount: number }[]).some(
          ({ id, chatCount }) => id === current && chatCount === 2,
        ),
    ],
    [['profiles', 'create', 'Work', '--json'], '', ({ profile }) => (profile as { name: string }).name === 'Work'],
    [['profiles', 'use', 'work', '--json'], '', ({ profile }) => (profile as { name: string }).name === 'Work'],
    [['profiles', '--json'], '', ({ profiles, current }) => (profiles as { id: string }[])[1]?.id === current],
    [['costs', '--json'], '', ({ total }) => (total as { requests: number }).requests === 0],
    [['profiles', 'use', 'default', '--json'], '', ({ profile }) => (profile as { name: string }).name === 'default'],
    [['costs', '--json'], '', ({ total }) => (total as { requests: number }).requests >= 2], // a title may have been made meanwhile
    [
      ['profiles', 'delete', 'Work', '--confirm', 'Work', '--json'],
      '',
      ({ deleted }) => (deleted as { name: string }).name === 'Work',
    ],
    [
      ['models', 'show', 'tiny', '--json'],
      '',
      ({ model }) => {
        const { loaded, settings } = model as { loaded: boolean; settings: { name: string; from: string }[] };
        return loaded && settings.some(({ name, from }) => name === 'temperature' && from === 'default');
      },
    ],
    [
      ['models', 'waiting', '--json'],
      '',
      ({ waiting, running }) => [waiting, running].every((each) => Array.isArray(each)),
    ],
    [['models', 'unload', 'tiny', '--json'], '', ({ model }) => model === 'local/tiny'],
    [['models', 'load', 'tiny', '--json'], '', ({ model }) => model === 'local/tiny'],
    [
      ['models', 'set', 'tiny', 'temperature', '0.2', '--json'],
      '',
      ({ setting }) => (setting as { value: string; from: string }).value === '0.2',
    ],
    [
      ['models', 'unset', 'tiny', 'temperature', '--json'],
      '',
      ({ setting }) => (setting as { value: string; from: string }).from === 'default',
    ],
    [['models', 'downloads', '--json'], '', ({ downloads }) => Array.isArray(downloads) && downloads.length === 0],
    [['models', 'add', 'tiny.gguf', '--copy', '--json'], '', ({ model }) => model === 'local/tiny'],
    [['models', 'deleted', '--json'], '', ({ models }) => Array.isArray(models) && models.length === 0],
    [['open', '--json'], '', ({ url }) => String(url).startsWith('http://127.0.0.1:')],
    [['review', 'wrong.js', '--json'], '', ({ findings }) => Array.isArray(findings) && findings.length > 0],
    [['review', 'wrong.js', 'right.js', '--json'], '', ({ runs }) => Array.isArray(runs) && runs.length === 1],
    [['status', '--json'], '', ({ daemon }) => (daemon as { pid: number }).pid === home.daemonPid()],
  ];
  for (const [args, input, holds] of documents) {
    it(`\`${args.join(' ')}\`${input === '' ? '' : ' with stdin'} prints one JSON document and nothing else`, async () => {
      const { code, stdout, stderr } = await home.switchyard(args, input);
      assert.equal(code, 0, stderr);
      const document = JSON.parse(stdout) as Record<string, unknown>;
      assert.ok(holds(document), stdout);
    });
  }

  const endings: [args: string[], code: number, stream: 'stdout' | 'stderr', pattern: RegExp][] = [
    [['--version'], 0, 'stdout', /^switchyard \d+\.\d+\.\d+\n$/],
    [['--help'], 0, 'stdout', /^Usage: switchyard/],
    [['--help'], 0, 'stdout', /^ {2}commit-message {2,}Write a commit/m],
    [['chat', '--help'], 0, 'stdout', /^Usage: switchyard/],
    [['fly'], 2, 'stderr', /^error: There is no command "fly"/],
    [['chatt'], 2, 'stderr', /\nhint: Did you mean "chat"\?\n/],
    [['constructor'], 2, 'stderr', /There is no command "constructor"/],
    [['review'], 2, 'stderr', /Specify what to review/],
    [['review', 'a.ts', '--format', 'xml'], 2, 'stderr', /--format must be one of text, json, markdown, sarif/],
    [['review', '--staged', '--base', 'main'], 2, 'stderr', /one thing at a time/],
    [['review', '--commit', 'HEAD', 'a.ts'], 2, 'stderr', /one thing at a time/],
    [['review', 'wrong.js', '--fail-on', 'never'], 2, 'stderr', /--fail-on must be one of/],
    [['chat', 'x', '--unknown'], 2, 'stderr', /unknown.*\nUsage: switchyard chat/s],
    [['keys', 'fly'], 2, 'stderr', /keys has no subcommand "fly"/],
    [['keys', 'set'], 2, 'stderr', /Specify a provider/],
    [['keys', 'set', 'openai'], 2, 'stderr', /No key on stdin/],
    [['models', 'add'], 2, 'stderr', /which GGUF/],
    [['models', 'show'], 2, 'stderr', /Specify a model/],
    [['models', '--copy'], 2, 'stderr', /`--copy` goes with `add`\.\nUsage: switchyard models/],
    [['open', '--jobs', '--history'], 2, 'stderr', /not both/],
    [['import', '.', '--all'], 2, 'stderr', /not both/],
    [['jobs', '--limit', '0'], 2, 'stderr', /--limit must be a whole number/],
    [['jobs'], 0, 'stdout', /run `switchyard run "TASK"`/],
    [['mcp', 'approve', 'none'], 3, 'stderr', /There's no MCP server none\./],
    [['mcp', 'import', '--from', 'missing.json'], 3, 'stderr', /Can't read .*missing\.json: it doesn't exist\./],
    [['mcp', 'import', '--from', '.'], 3, 'stderr', /it's a folder/],
    [['mcp', 'add', 'x', '--url', 'x'], 2, 'stderr', /--url takes an address such as/],
    [['start', 'x'], 2, 'stderr', /Unexpected argument "x"/],
    [['mcp', 'add', 'x'], 2, 'stderr', /\nhint: For example, run/],
    [['models', 'search'], 2, 'stderr', /Specify part of a model name to search for/],
    [['models', 'set', 'tiny', 'threads'], 2, 'stderr', /Specify a model \(or "\*" for all of them\)/],
    [['models', 'set', 'tiny', 'warmth', '1'], 3, 'stderr', /There's no setting "warmth"/],
    [['models', 'discard', 'none'], 3, 'stderr', /No download of none is paused/],
    [['models', 'restore', 'none'], 3, 'stderr', /can't be restored/],
    [['models', 'show', 'tiny'], 0, 'stdout', /temperature 0\.7 +default/],
    [['models', 'unload', 'none'], 3, 'stderr', /There's no model "none"/],
    [['profiles', 'fly'], 2, 'stderr', /profiles has no subcommand "fly"/],
    [['profiles', 'use'], 2, 'stderr', /Specify a profile/],
    [['profiles', 'use', 'none'], 3, 'stderr', /no such profile/],
    [['profiles', 'create', 'Default'], 3, 'stderr', /already/],
    [['profiles', 'delete', 'default', '--confirm', 'default'], 3, 'stderr', /can't be deleted/],
    [['projects', 'attach', 'x'], 2, 'stderr', /Specify a project/],
    [['projects', 'attach', 'none', '.'], 3, 'stderr', /No project here has an ID/],
    [['projects'], 0, 'stdout', /\* .+ \d+ chats/],
    [['review', 'missing.js'], 3, 'stderr', /Can't read/],
    [['review', '--staged'], 3, 'stderr', /./],
    [['models', 'add', 'wrong.js'], 3, 'stderr', /./],
    [['models', 'pull', 'ftp://example.invalid/x.gguf'], 3, 'stderr', /https/],
    [['chat', 'x', '--model', 'no/such'], 3, 'stderr', /no\/such/],
    [['chat', 'x', '--chat', 'no-such-chat'], 3, 'stderr', /^error: No chat here .*\nhint: /],
    [['chat', 'x', '--file', 'missing.js'], 3, 'stderr', /Can't read/],
    [['review', 'wrong.js', '--fail-on', 'error'], 1, 'stdout', /error/],
    [['review', 'wrong.js'], 0, 'stdout', /error/],
  ];
  for (const [args, code, stream, pattern] of endings) {
    it(`\`${args.join(' ') || 'switchyard'}\` ends with ${code}`, async () => {
      const ended: Ended = await home.switchyard(args);
      assert.equal(ended.code, code, `${ended.stdout}\n${ended.stderr}`);
      assert.match(ended[stream], pattern);
      if (code === 3) assertSentence((ended.stderr.split('\n')[0] ?? '').replace(/^error: /, ''));
      for (const line of ended.stderr.split('\n').filter((each) => each.startsWith('hint: ')))
        assert.match(line, /^hint: [A-Z].*[.?]$/);
      if (code >= 2) assert.equal(ended.stdout, '');
    });
  }

  it('stop ends the daemon before it returns', async () => {
    const pid = home.daemonPid();
    const { code, stdout } = await home.switchyard(['stop']);
    assert.deepEqual([code, stdout], [0, `The daemon (process ${pid}) has stopped.\n`]);
    assert.deepEqual(home.processes(), []);
  });
});
