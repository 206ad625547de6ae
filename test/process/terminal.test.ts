// The command line in a shell: pipes, ids, Ctrl+C, what is said while a model is asked, and how failures look.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, beforeEach, describe, it } from 'mocha';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import type { ScriptedServer } from '../fakes/provider-servers/scripted-server.ts';
import { ended, Home, program } from './home.ts';

const never = new Promise<never>(() => {});

describe('the command line in a shell', () => {
  let home: Home;
  let server: ScriptedServer;

  before(async () => {
    server = await startOpenAiServer();
    home = new Home({ providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } } });
    writeFileSync(home.project('slow.md'), 'A text to review.\n');
  });
  beforeEach(() => {
    server.reply = 'An answer.';
    server.requests.length = 0;
  });
  after(async () => {
    await home[Symbol.asyncDispose]();
    await server.close();
  });

  const prompts = () => server.chats.map(({ body }) => JSON.stringify((body as { messages: unknown }).messages));
  const newestChat = async () => {
    const { stdout } = await home.switchyard(['chats', '--json']);
    return (JSON.parse(stdout) as { chats: { id: string; messageCount: number }[] }).chats[0];
  };

  describe('standard input', () => {
    it('goes along with a question', async () => {
      const { code, stderr } = await home.switchyard(['chat', 'What', 'is this?'], 'a line of a log\n');
      assert.equal(code, 0, stderr);
      assert.match(prompts()[0] ?? '', /What is this\?.*a line of a log/);
    });
    for (const args of [['chat', '-'], ['chat']])
      it(`is the question of \`${args.join(' ')}\``, async () => {
        const { code, stderr } = await home.switchyard(args, `Say it, ${args.length}.`);
        assert.equal(code, 0, stderr);
        assert.match(prompts()[0] ?? '', new RegExp(`Say it, ${args.length}\\.`));
      });
    it('that is empty is no attachment', async () => {
      await home.switchyard(['chat', 'Is something attached?'], ' \n');
      assert.doesNotMatch(prompts()[0] ?? '', /Attached/);
    });
    it('that is no text is refused', async () => {
      const { code, stderr } = await home.switchyard(['chat', 'What is this?'], 'PK\0\u0001');
      assert.deepEqual([code, stderr], [3, "error: Standard input isn't text.\n"]);
    });
    it('that is too long is refused before it is all read', async () => {
      const { code, stderr } = await home.switchyard(['chat', 'What is this?'], 'x'.repeat(1_500_000));
      assert.equal(code, 3);
      assert.match(stderr, /^error: Standard input has more than 1,000,000 characters\./);
    });
    it('is a document that `review -` reviews', async () => {
      server.reply = '{"findings":[]}';
      const { code, stdout, stderr } = await home.switchyard(['review', '-', '--json'], 'const secretlyPiped = 1;\n');
      assert.equal(code, 0, stderr);
      assert.deepEqual((JSON.parse(stdout) as { findings: unknown[] }).findings, []);
      assert.match(prompts()[0] ?? '', /secretlyPiped/);
    });
    it('is a diff that `review -` reviews', async () => {
      server.reply = '{"findings":[]}';
      const diff = '--- a/x.js\n+++ b/x.js\n@@ -1 +1,2 @@\n const a = 1;\n+const added = 2;\n';
      const { code, stderr } = await home.switchyard(['review', '-'], diff, home.project());
      assert.equal(code, 0, stderr);
      assert.match(prompts()[0] ?? '', /const added = 2/);
      assert.doesNotMatch(prompts()[0] ?? '', /\+const added/, 'the changed lines, not the text of the diff');
    });
  });

  describe('a chat', () => {
    it('is listed with the newest first, by an id that is enough to name it', async () => {
      await home.switchyard(['chat', 'An older question']);
      await home.switchyard(['chat', 'A newer question']);
      const { stdout } = await home.switchyard(['chats', '--limit', '2']);
      const [newer, older] = stdout.split('\n');
      assert.match(newer ?? '', /A newer question {2}\(2 messages\)$/);
      assert.match(older ?? '', /An older question/);
      const [id = ''] = (newer ?? '').split(' ');
      const { code, stderr } = await home.switchyard(['chat', 'Go on', '--chat', id]);
      assert.equal(code, 0, stderr);
      assert.match(prompts().at(-1) ?? '', /A newer question.*Go on/);
    });
    it('is the one that was used last with --last', async () => {
      const before = await newestChat();
      await home.switchyard(['chat', '--last', 'And then?']);
      assert.deepEqual(await newestChat(), { ...(await newestChat()), id: before?.id });
      assert.equal((await newestChat())?.messageCount, (before?.messageCount ?? 0) + 2);
    });
    const takers: Record<string, (id: string) => string[]> = {
      chat: (id) => ['chat', 'x', '--chat', id],
      export: (id) => ['export', '--chat', id],
      memories: (id) => ['memories', 'off', id],
      projects: (id) => ['projects', 'attach', id, '.'],
    };
    for (const [name, args] of Object.entries(takers)) {
      it(`an id that nothing begins with is refused by ${name}`, async () => {
        const { code, stderr } = await home.switchyard(args('ffff'));
        assert.equal(code, 3);
        assert.match(
          stderr,
          /^error: No \w+ here has an ID that begins with "ffff"\.\nhint: To list the IDs, run `switchyard \w+`\.\n/,
        );
      });
    }
    it('an id that several begin with is refused with those', async () => {
      const { id = '' } = (await newestChat()) ?? {};
      const { code, stderr } = await home.switchyard(['chat', 'x', '--chat', id.slice(0, 2)]);
      assert.equal(code, 3);
      assert.match(stderr, /^error: \d+ IDs begin with "..": /);
      assert.ok(stderr.includes(id));
    });
    it('a memory and a project are named by the beginning of their ids, too', async () => {
      await home.switchyard(['memories', 'add', 'Tabs are used here.']);
      const { memories } = JSON.parse((await home.switchyard(['memories', '--json'])).stdout) as {
        memories: { id: string }[];
      };
      const off = await home.switchyard(['memories', 'off', memories[0]?.id.slice(0, 13) ?? '']);
      assert.equal(off.code, 0, off.stderr);
      const { projects } = JSON.parse((await home.switchyard(['projects', '--json'])).stdout) as {
        projects: { id: string }[];
      };
      const attached = await home.switchyard(['projects', 'attach', projects[0]?.id.slice(0, 13) ?? '', '.']);
      assert.equal(attached.code, 0, attached.stderr);
    });
    it('answers anew with --no-cache, and from the cache without', async () => {
      const ask = (...more: string[]) => home.switchyard(['chat', 'The same question?', '--json', ...more]);
      const cached = [];
      for (const more of [[], [], ['--no-cache']])
        cached.push((JSON.parse((await ask(...more)).stdout) as { cached: boolean }).cached);
      assert.deepEqual(cached, [false, true, false]);
      assert.equal(server.chats.length, 2);
    });
  });

  describe('Ctrl+C', () => {
    const works: Record<string, { args: string[]; after: 'request' | number; chat: boolean }> = {
      'before the first word': { args: ['chat', 'Wait for me'], after: 'request', chat: true },
      'in the middle of an answer': { args: ['chat', 'Speak slowly'], after: 2, chat: true },
      'with --json': { args: ['chat', 'Wait for the document', '--json'], after: 'request', chat: true },
      'in a review': { args: ['review', 'slow.md'], after: 'request', chat: false },
    };
    for (const [when, { args, after, chat }] of Object.entries(works))
      it(`${when} ends with 130 and no stack`, async () => {
        server.reply = { text: 'one two three four', hold: { after, until: never } };
        const child = home.spawn([program, ...args], process.execPath, home.project());
        child.stdin?.end();
        const end = ended(child);
        if (typeof after === 'number' && child.stdout) await once(child.stdout, 'readable');
        await server.asked();
        child.kill('SIGINT');
        const { code, stdout, stderr } = await end;
        assert.equal(code, 130, stderr);
        assert.doesNotMatch(stderr, /\bat \S+ \(|node:internal|error:|hint:/);
        if (chat) assert.ok(stderr.includes((await newestChat())?.id ?? 'no chat'), stderr);
        if (args.includes('--json'))
          assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, 'cancelled');
      });
    it('while standard input is read ends with 130', async () => {
      const child = home.spawn([program, 'chat', '-']);
      child.stdin?.write('a beginning');
      const end = ended(child, undefined, { keepsOpen: true });
      assert.ok(child.stderr);
      const [said] = await once(child.stderr, 'data');
      assert.equal(String(said), 'Waiting for the end of standard input…\n');
      child.kill('SIGINT');
      assert.equal((await end).code, 130);
    });
  });

  const turnedAway: [status: number, told: string][] = [
    [429, 'is rate limited'],
    [503, "isn't available right now"],
    [529, "isn't available right now"],
  ];
  for (const [status, told] of turnedAway)
    it(`tells on stderr, before the answer, that a request is sent again after ${status}`, async () => {
      let times = 0;
      const refusal = { status, body: 'slow down', headers: { 'retry-after': '0' } };
      server.reply = () => (++times === 1 ? refusal : 'At last.');
      const { code, stdout, stderr } = await home.switchyard(['chat', `Try twice after ${status}`]);
      assert.deepEqual([code, stdout], [0, 'At last.\n'], stderr);
      assert.equal(stderr.split('\n')[0], `lab/scripted ${told}. Trying again now (attempt 2 of 3).`);
    });

  it('tells on stderr, also beside --json, that another model steps in', async () => {
    await using other = await startOpenAiServer({ reply: { status: 401, body: 'no' }, models: ['broken'] });
    const provider = (url: string, model: string) => ({ type: 'openai-compatible', baseUrl: url, models: [model] });
    await using both = new Home({
      providers: { first: provider(other.url, 'broken'), second: provider(server.url, 'scripted') },
    });
    const { code, stdout, stderr } = await both.switchyard(['chat', 'Hello', '--model', 'first/broken', '--json']);
    assert.equal(code, 0, stderr);
    assert.equal((JSON.parse(stdout) as { decision: { model: string } }).decision.model, 'second/scripted');
    assert.match(stderr, /^first\/broken .*so second\/scripted answered\.\n$/);
  });

  describe('a failure under --json is one document on stdout', () => {
    const failures: [args: string[], code: number, is: string][] = [
      [['fly', '--json'], 2, 'usage'],
      [['chat', '--modle', 'x', '--json'], 2, 'usage'],
      [['review', '--json'], 2, 'usage'],
      [['review', 'missing.js', '--json'], 3, 'unreadable-file'],
      [['chat', 'x', '--model', 'no/such', '--json'], 3, 'model-not-found'],
      [['chat', 'x', '--chat', 'ffff', '--json'], 3, 'no-such-id'],
      [['profiles', 'use', 'none', '--json'], 3, 'profile-not-found'],
    ];
    for (const [args, code, is] of failures)
      it(`\`${args.join(' ')}\``, async () => {
        const said = await home.switchyard(args);
        assert.equal(said.code, code, said.stderr);
        const { error } = JSON.parse(said.stdout) as { error: { code: string; message: string; exitCode: number } };
        assert.deepEqual([error.code, error.exitCode], [is, code]);
        assert.ok(said.stderr.startsWith(`error: ${error.message}\n`), said.stderr);
      });
  });

  it('a failure is an error, a hint and the usage, in this order', async () => {
    const { code, stdout, stderr } = await home.switchyard(['review', '--stagd']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(
      stderr,
      /^error: Unknown option --stagd\.\nhint: Did you mean "--staged"\?\nUsage: switchyard review [^\n]+\n$/,
    );
  });

  const commands = [
    ...readFileSync(new URL('../../daemon/cli/cli.ts', import.meta.url), 'utf8').matchAll(
      /load: \(\) => import\('\.\/([a-z-]+)\.ts'\)/g,
    ),
  ].map(([, name = '']) => name);
  for (const name of commands)
    it(`\`${name} --help\` shows what it takes, with an example`, async () => {
      const { code, stdout, stderr } = await home.switchyard([name, '--help']);
      assert.deepEqual([code, stderr], [0, '']);
      const [usage = ''] = stdout.split('\n');
      assert.match(usage, new RegExp(`^Usage: switchyard ${name}\\b`));
      for (const [option] of usage.matchAll(/--[a-z-]+/g))
        assert.match(stdout, new RegExp(`^ {2}${option}\\b.* {2}\\S`, 'm'));
      assert.match(stdout, /\nExample:\n {2}.*\bswitchyard\b/);
    });
});
