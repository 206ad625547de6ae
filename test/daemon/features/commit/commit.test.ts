// Commit messages with a scripted model in real repositories: what the model is shown, what of its answer is taken, and what stands in.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { CancelledError, UserError } from '../../../../daemon/base/errors.ts';
import { createCommitMessages } from '../../../../daemon/features/commit/commit.ts';
import { createIgnore } from '../../../../daemon/ignore/ignore.ts';
import { ProviderError } from '../../../../daemon/models/providers/provider.ts';
import { modelsOf, routerTo, type Script, ScriptedProvider, strictLog } from '../pipeline/parts.ts';

const key = `sk-proj-${'Ab3dEf6hIj9kLm2nOp5q'.repeat(2)}`;

describe('a commit message', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'switchyard-commit-'));
    git('init', '--quiet');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function git(...args: string[]): void {
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b.c', '-c', 'commit.gpgSign=false', ...args], {
      cwd: root,
    });
  }
  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  function stage(path: string, text: string): void {
    write(path, text);
    git('add', '--force', path);
  }
  function history(...subjects: string[]): void {
    for (const subject of subjects) git('commit', '--quiet', '--allow-empty', '--no-verify', '-m', subject);
  }
  function ask(script: Script | undefined, { signal = new AbortController().signal, folder = root } = {}) {
    const provider = script && new ScriptedProvider(script);
    const commits = createCommitMessages({
      models: modelsOf(routerTo(provider)),
      ignore: createIgnore({ ownFolders: [] }),
      log: strictLog,
    });
    return { provider, result: commits.write({ profile: 'default', root: folder }, { signal }) };
  }
  const promptOf = (provider: ScriptedProvider | undefined): string =>
    provider?.requests[0]?.messages.map(({ content }) => content).join('\n') ?? '';

  it('is written from what is staged and from nothing else', async () => {
    stage('a.ts', 'const staged = 1;\n');
    write('a.ts', 'const staged = 1;\nconst unstaged = 2;\n');
    write('untracked.ts', 'const untracked = 3;\n');
    const { provider, result } = ask(['Add the staged constant']);
    const { decision, ...written } = await result;
    assert.deepEqual(written, { message: 'Add the staged constant', by: 'model' });
    assert.equal(decision?.model, 'lab/tiny');
    assert.match(promptOf(provider), /const staged = 1;/);
    assert.doesNotMatch(promptOf(provider), /unstaged|untracked/);
  });

  it('is of the whole repository, whichever of its folders is named', async () => {
    stage('one/a.ts', 'const one = 1;\n');
    stage('two/b.ts', 'const two = 2;\n');
    const { provider, result } = ask(['Add two'], { folder: join(root, 'one') });
    await result;
    assert.match(promptOf(provider), /const two = 2;/);
  });

  it('names files that are kept from models, and shows nothing of them', async () => {
    write('.gitignore', 'private/\n');
    stage('private/notes.md', 'the merger is on friday\n');
    stage('.env', 'DATABASE=friday\n');
    const { provider, result } = ask(['Add notes']);
    await result;
    assert.match(promptOf(provider), /A private\/notes\.md/);
    assert.doesNotMatch(promptOf(provider), /friday/);
  });

  it('shows no model a secret, and says that there is one', async () => {
    stage('a.ts', `const key = '${key}';\n`);
    const { provider, result } = ask(['Add the key']);
    const { note } = await result;
    assert.ok(!promptOf(provider).includes(key.slice(0, 20)));
    assert.match(note ?? '', /contains secrets \(1 × .+\)/);
  });

  it('names every file of a long change, and says what was cut', async () => {
    stage('small.ts', 'const small = 1;\n');
    stage('large.ts', 'const large = 1;\n'.repeat(9000));
    const { provider, result } = ask(['Add constants']);
    const { note } = await result;
    assert.match(promptOf(provider), /A small\.ts \+1 -0[\s\S]*const small = 1;/);
    assert.match(promptOf(provider), /A large\.ts \+9000 -0|\[\d+ more lines\]/);
    assert.ok(promptOf(provider).length < 30_000);
    assert.equal(note, "The model didn't see all of the changes in 1 of 2 files.");
  });

  it('learns from the last subjects', async () => {
    history('parser: read tabs', 'parser: skip comments', 'printer: wrap lines');
    stage('src/parser/read.ts', 'x\n');
    const { provider, result } = ask(['Read line ends']);
    assert.equal((await result).message, 'parser: read line ends');
    assert.match(promptOf(provider), /printer: wrap lines/);
  });

  it('runs no program that the repository names', async () => {
    const program = join(root, '.git', 'program.sh');
    const ran = join(root, '.git', 'ran');
    const signature = '-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----';
    writeFileSync(program, `#!/bin/sh\ncat >/dev/null\nprintf '\n[GNUPG:] SIG_CREATED ' >&2\necho '${signature}'\n`);
    chmodSync(program, 0o755);
    git('config', 'gpg.program', program);
    git('commit', '--quiet', '--allow-empty', '--gpg-sign=A', '-m', 'Sign');
    stage('a.ts', 'x\n');
    writeFileSync(program, `#!/bin/sh\ntouch '${ran}'\n`);
    git('config', 'log.showSignature', 'true');
    for (const name of ['diff.external', 'core.fsmonitor', 'core.pager']) git('config', name, program);
    const { provider, result } = ask(['Add a']);
    await result;
    assert.match(promptOf(provider), /^Sign$/m);
    assert.equal(existsSync(ran), false);
  });

  const standIns: [what: string, why: RegExp, script: Script | undefined][] = [
    ['no model is set up', /No language model/, undefined],
    ['the model fails', /overloaded/, [new ProviderError('unavailable', 'The lab is overloaded.')]],
    ['the answer is cut off', /wasn't finished/, ['Add', { kind: 'finish', reason: 'length' }]],
    [
      "the answer can't be used",
      /^This message was made from the file names\. The one from lab\/tiny is empty\.$/,
      [' '],
    ],
  ];
  for (const [what, why, script] of standIns) {
    it(`is made by rules where ${what}, and says so`, async () => {
      stage('src/a.ts', 'x\n');
      const { message, by, note } = await ask(script).result;
      assert.deepEqual([message, by], ['Add a.ts', 'rules']);
      assert.match(note ?? '', why);
    });
  }

  it('needs something that is staged', () => {
    write('a.ts', 'x\n');
    return assert.rejects(
      ask(['Add a']).result,
      (error) => error instanceof UserError && error.code === 'nothing-staged',
    );
  });

  it('can be canceled', async () => {
    stage('a.ts', 'x\n');
    const controller = new AbortController();
    const { provider, result } = ask(['Add', 'hang'], { signal: controller.signal });
    while (provider?.open !== 1) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await assert.rejects(result, CancelledError);
    assert.equal(provider.open, 0);
  });
});
