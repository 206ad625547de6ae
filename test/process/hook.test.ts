// The pre-commit hook: which commits it stops, and what it leaves alone.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'mocha';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import { type Ended, ended, Home } from './home.ts';

const flaw = { line: 1, quote: 'broken()', severity: 'error', category: 'bug', message: 'It fails.', confidence: 1 };

describe('the pre-commit hook', () => {
  let home: Home;
  let server: Awaited<ReturnType<typeof startOpenAiServer>>;
  let root: string;
  let count = 0;

  before(async () => {
    server = await startOpenAiServer({
      reply: ({ body }) => JSON.stringify({ findings: JSON.stringify(body).includes('broken()') ? [flaw] : [] }),
    });
    const lab = { type: 'openai-compatible', baseUrl: server.url, local: true, models: ['tiny'] };
    home = new Home({ providers: { lab } });
  });
  after(async () => {
    await home[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    root = home.project(`shop${++count}`);
    mkdirSync(root);
    await git('init', '-q');
  });

  const git = (...args: string[]): Promise<Ended> =>
    ended(home.spawn(['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], 'git', root));
  const hook = (...args: string[]): Promise<Ended> => home.switchyard(['hook', ...args], '', root);
  const hookFile = (): string => join(root, '.git', 'hooks', 'pre-commit');
  const commits = async (): Promise<number> => (await git('log', '--oneline')).stdout.split('\n').length - 1;
  const write = (name: string, text: string): void => writeFileSync(join(root, name), text);

  it('stops a commit with findings, whatever way it is made, and lets others pass', async () => {
    const installed = await hook('install');
    assert.equal(installed.code, 0, installed.stderr);
    assert.match(installed.stdout, /^Installed the pre-commit hook at .*pre-commit\.\n/);
    write('a.txt', 'fine();\n');
    await git('add', '.');
    const fine = await git('commit', '-m', 'fine');
    assert.deepEqual([fine.code, await commits()], [0, 1], fine.stderr);
    write('a.txt', 'broken();\n');
    const ways = [['-a'], ['a.txt'], ['--only', 'a.txt']];
    for (const way of ways) {
      const stopped = await git('commit', '-m', 'broken', ...way);
      assert.notEqual(stopped.code, 0, way.join(' '));
      assert.match(`${stopped.stdout}${stopped.stderr}`, /It fails\.[\s\S]*the commit was stopped by these findings/);
    }
    assert.equal(await commits(), 1);
    assert.equal((await git('commit', '-am', 'anyway', '--no-verify')).code, 0);
    assert.equal((await hook('remove')).code, 0);
    assert.ok(!existsSync(hookFile()));
    write('b.txt', 'broken();\n');
    await git('add', '.');
    assert.equal((await git('commit', '-m', 'no hook')).code, 0);
  });

  it('stops a commit that cannot be reviewed, and says so', async () => {
    await hook('install');
    writeFileSync(hookFile(), readFileSync(hookFile(), 'utf8').replace(/^program=.*$/m, "program='/gone'"));
    write('a.txt', 'fine();\n');
    await git('add', '.');
    const stopped = await git('commit', '-m', 'fine');
    assert.notEqual(stopped.code, 0);
    assert.match(stopped.stderr, /not reviewed, because Switchyard was moved or removed/);
  });

  it('is installed again, with another limit', async () => {
    await hook('install');
    const again = await hook('install', '--fail-on', 'warning');
    assert.match(again.stdout, /^Updated the pre-commit hook/);
    assert.match(readFileSync(hookFile(), 'utf8'), /--fail-on warning/);
  });

  const foreign: [what: string, make: () => void][] = [
    ['a script', () => writeFileSync(hookFile(), '#!/bin/sh\nlint\n')],
    ['an empty file', () => writeFileSync(hookFile(), '')],
    ['a link', () => symlinkSync(join(root, 'nowhere'), hookFile())],
    ['a folder', () => mkdirSync(hookFile())],
  ];
  for (const [what, make] of foreign)
    it(`leaves ${what} alone that is not ours`, async () => {
      mkdirSync(join(root, '.git', 'hooks'), { recursive: true });
      make();
      for (const command of ['install', 'remove']) {
        const { code, stderr } = await hook(command);
        assert.equal(code, 3);
        assert.match(stderr, /error: .*pre-commit.*left as it is/);
      }
      assert.ok(!existsSync(join(root, 'nowhere')));
    });

  it('goes where the repository has its hooks, and nowhere else', async () => {
    await git('config', 'core.hooksPath', '.husky');
    assert.equal((await hook('install')).code, 0);
    assert.ok(existsSync(join(root, '.husky', 'pre-commit')));
    for (const path of ['../elsewhere', home.project('elsewhere')]) {
      await git('config', 'core.hooksPath', path);
      const { code, stderr } = await hook('install');
      assert.equal(code, 3);
      assert.match(stderr, /leads out of it/);
    }
    assert.ok(!existsSync(home.project('elsewhere')));
  });

  it('is not put among the hooks of all repositories', async () => {
    const config = home.file('gitconfig');
    writeFileSync(config, '[core]\n\thooksPath = /tmp/hooks-of-all\n');
    home.variables = { HOME: home.folder, XDG_CONFIG_HOME: home.folder };
    writeFileSync(home.file('.gitconfig'), readFileSync(config));
    const { code, stderr } = await hook('install');
    home.variables = {};
    assert.equal(code, 3);
    assert.match(stderr, /for all repositories[\s\S]*hint: .*git config core\.hooksPath/);
  });

  it('needs a repository, and one of its two words', async () => {
    const outside = await home.switchyard(['hook', 'install'], '', home.project());
    assert.deepEqual([outside.code, /isn't in a Git repository/.test(outside.stderr)], [3, true]);
    for (const args of [[], ['instal'], ['install', '--fail-on', 'all'], ['install', 'remove']])
      assert.equal((await hook(...args)).code, 2, args.join(' '));
  });
});
