// Checkpoints beside what they put back: conflicts, steps that were cut off, what is left out, and what others have configured.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, before, describe, it } from 'mocha';
import { defaultCaps } from '../../../../../daemon/features/agent/checkpoints/prune.ts';
import { snapshotLimits } from '../../../../../daemon/features/agent/checkpoints/snapshot.ts';
import { until } from '../../../../process/home.ts';
import { Folder } from './kit.ts';

const isWindows = process.platform === 'win32';

describe('checkpoints', () => {
  before(function () {
    if (spawnSync('git', ['--version']).status !== 0) this.skip();
  });
  const { PATH, HOME } = process.env;
  afterEach(() => {
    Object.assign(process.env, { PATH, HOME });
  });

  describe('conflicts', () => {
    it('leave what was changed since, and put back the rest', async () => {
      using folder = new Folder();
      folder.write('a.txt', 'a\n').write('b.txt', 'b\n').write('c.txt', 'c\n');
      await folder.step((f) => f.write('a.txt', 'A\n').write('b.txt', 'B\n').remove('c.txt').write('d.txt', 'd\n'));
      folder.write('a.txt', "the user's\n").write('c.txt', "the user's\n").write('d.txt', "the user's\n");
      const { restored, conflicts } = await folder.undo();
      assert.deepEqual(restored, ['b.txt']);
      assert.deepEqual(conflicts.map(({ path }) => path).sort(), ['a.txt', 'c.txt', 'd.txt']);
      for (const { why } of conflicts) assert.match(why, /changed after the agent/);
      for (const name of ['a.txt', 'c.txt', 'd.txt']) assert.equal(folder.read(name), "the user's\n");
    });

    it('tell of what was changed between two steps', async () => {
      using folder = new Folder();
      folder.write('a.txt', '1\n');
      await folder.step((f) => f.write('a.txt', '2\n'));
      folder.write('a.txt', "2\nthe user's\n");
      const second = await folder.step((f) => f.write('a.txt', '3\n'));
      const { restored, conflicts } = await folder.undo();
      assert.deepEqual([restored, conflicts.map(({ path }) => path)], [[], ['a.txt']]);
      assert.equal(folder.read('a.txt'), '3\n');
      await folder.undo(second);
      assert.equal(folder.read('a.txt'), "2\nthe user's\n");
    });

    it('leave a folder that others have put something into', async () => {
      using folder = new Folder();
      await folder.step((f) => f.write('new/a.txt', 'a\n'));
      folder.write('new/mine.txt', 'm\n');
      const { conflicts } = await folder.undo();
      assert.deepEqual([conflicts, Object.keys(folder.walk())], [[], ['new', 'new/mine.txt']]);
    });

    it('tell of a link in the place of a folder, and write nothing behind it', async function () {
      if (isWindows) this.skip(); // links need rights there
      using folder = new Folder();
      folder.write('src/a.txt', 'a\n').folder('../elsewhere');
      await folder.step((f) => f.remove('src'));
      folder.link('src', '../elsewhere');
      const { restored, conflicts } = await folder.undo();
      assert.deepEqual([restored, conflicts.map(({ path }) => path)], [[], ['src/a.txt']]);
      assert.deepEqual(readdirSync(folder.path('../elsewhere')), []);
    });

    it('tell of an earlier version that was too large to be kept', async () => {
      using folder = new Folder({ limits: { ...snapshotLimits, maxFileBytes: 10 } });
      folder.write('big.txt', 'more than ten bytes\n').write('a.txt', 'a\n');
      await folder.step((f) => f.write('big.txt', 'other bytes, and many\n').write('a.txt', 'b\n'));
      const { restored, conflicts } = await folder.undo();
      assert.deepEqual([restored, conflicts.map(({ path }) => path)], [['a.txt'], ['big.txt']]);
      assert.match(conflicts[0]?.why ?? '', /too large/);
    });
  });

  it('of a step that was cut off are of what differs when one looks', async () => {
    using folder = new Folder();
    folder.write('a.txt', '1\n');
    const run = { profile: 'p', jobId: 'run', root: folder.root };
    await folder.checkpoints.before(run, 7);
    folder.write('a.txt', '2\n');
    await folder.checkpoints.before(run, 7); // it goes on after the crash
    folder.write('b.txt', '3\n');
    assert.deepEqual(
      (await folder.hunks()).files.map(({ path }) => path),
      ['a.txt', 'b.txt'],
    );
    assert.deepEqual((await folder.undo()).restored.sort(), ['a.txt', 'b.txt']);
    assert.equal(folder.read('a.txt'), '1\n');
  });

  it('outlive a process that was killed with the index locked', async () => {
    using folder = new Folder();
    folder.write('a.txt', '1\n');
    await folder.step((f) => f.write('a.txt', '2\n'));
    for (const shadow of shadowsOf(folder)) writeFileSync(join(shadow, 'index.lock'), '');
    await folder.step((f) => f.write('a.txt', '3\n'));
    assert.deepEqual((await folder.undo()).restored, ['a.txt']);
    assert.equal(folder.read('a.txt'), '1\n');
  });

  it('are of nobody but the user', async function () {
    if (isWindows) this.skip(); // the folder's own access list protects it
    using folder = new Folder();
    await folder.step((f) => f.write('a.txt', '1\n'));
    for (const shadow of shadowsOf(folder)) {
      assert.equal(statSync(dirname(shadow)).mode & 0o077, 0);
      assert.equal(statSync(shadow).mode & 0o077, 0);
    }
  });

  describe('leave out', () => {
    it('what is ignored and not named', async () => {
      using folder = new Folder();
      folder.write('.gitignore', 'dist/\n').write('dist/a.js', '1\n').write('node_modules/x/y.js', '1\n');
      await folder.step((f) => f.write('dist/a.js', '2\n').write('node_modules/x/y.js', '2\n').write('b.ts', 'b\n'));
      assert.deepEqual((await folder.undo()).restored, ['b.ts']);
      assert.equal(folder.read('dist/a.js'), '2\n');
    });

    it('what the repository around the folder ignores, and what lies outside of the folder', async () => {
      using folder = new Folder();
      folder.git('init', '-q').write('.gitignore', 'out/\n').write('other/a.ts', '1\n').write('pkg/out/a.js', '1\n');
      const outer = folder.root;
      folder.root = join(outer, 'pkg');
      await folder.step((f) => {
        f.write('out/a.js', '2\n').write('b.ts', 'b\n');
        writeFileSync(join(outer, 'other', 'a.ts'), '2\n');
      });
      assert.deepEqual(
        (await folder.hunks()).files.map(({ path }) => path),
        ['b.ts'],
      );
      assert.deepEqual((await folder.undo()).restored, ['b.ts']);
    });

    it('nothing of a folder that the repository around it ignores as a whole', async () => {
      using folder = new Folder();
      folder.git('init', '-q').write('.gitignore', '*\n').write('pkg/a.ts', '1\n');
      folder.root = join(folder.root, 'pkg');
      await folder.step((f) => f.write('a.ts', '2\n'));
      assert.deepEqual((await folder.undo()).restored, ['a.ts']);
    });

    it('all that is not named in a folder with too many files, and say so', async () => {
      using folder = new Folder({ limits: { ...snapshotLimits, maxFiles: 3 } });
      for (const name of ['a', 'b', 'c', 'd']) folder.write(name, '1\n');
      await folder.step((f) => f.write('a', '2\n').write('b', '2\n'), { paths: [folder.path('a')] });
      assert.match((await folder.hunks()).notes.join(' '), /more than 3 files/);
      assert.deepEqual((await folder.undo()).restored, ['a']);
    });

    it('what Switchyard itself keeps, where its folder lies in the one that the run works in', async () => {
      using folder = new Folder();
      folder.root = dirname(folder.root);
      await folder.step((f) => f.write('data/switchyard.db', '2\n').write('a.ts', '2\n'));
      assert.deepEqual((await folder.undo()).restored, ['a.ts']);
    });

    it("a file that can't be read, and say so", async function () {
      if (isWindows || process.getuid?.() === 0) this.skip(); // root reads all
      using folder = new Folder();
      folder.write('secret', '1\n', 0o000).write('a.txt', '1\n').write('b.txt', '1\n');
      await folder.step((f) => f.write('a.txt', '2\n').write('b.txt', '2\n'));
      assert.match((await folder.hunks()).notes.join(' '), /Couldn't be read: secret/);
      assert.deepEqual((await folder.undo()).restored, ['a.txt', 'b.txt']);
    });

    it('pipes and names that are no text', async function () {
      if (process.platform !== 'linux') this.skip();
      using folder = new Folder();
      execFileSync('mkfifo', [folder.path('pipe')]);
      writeFileSync(Buffer.concat([Buffer.from(`${folder.root}/`), Buffer.from([0xff, 0xfe])]), 'x');
      await folder.step((f) => f.write('a.txt', '2\n'));
      assert.match((await folder.hunks()).notes.join(' '), /name that is no text/);
      assert.deepEqual((await folder.undo()).restored, ['a.txt']);
    });
  });

  it("change nothing in the user's own repository", async () => {
    using folder = new Folder();
    folder.git('init', '-q').write('a.txt', '1\n').git('add', '.').git('commit', '-q', '-m', 'x');
    const kept = digestOf(folder.path('.git'));
    await folder.step((f) => f.write('a.txt', '2\n'));
    await folder.hunks();
    await folder.undo();
    assert.deepEqual(digestOf(folder.path('.git')), kept);
  });

  it('run no program that somebody has configured', async function () {
    if (isWindows) this.skip(); // the traps are shell scripts
    using folder = new Folder();
    const trap = folder.path('../trap.sh');
    const sprung = folder.path('../sprung');
    writeFileSync(trap, `#!/bin/sh\ntouch '${sprung}'\ncat\n`);
    chmodSync(trap, 0o755);
    const hooks = folder.path('../hooks');
    mkdirSync(hooks);
    for (const hook of [
      'post-index-change',
      'reference-transaction',
      'pre-commit',
      'post-commit',
      'fsmonitor-watchman',
    ])
      symlinkSync(trap, join(hooks, hook));
    const settings = [
      `[core]\n\tfsmonitor = ${trap}\n\thooksPath = ${hooks}\n\tsshCommand = ${trap}\n\tpager = ${trap}\n`,
      `[filter "x"]\n\tclean = ${trap}\n\tsmudge = ${trap}\n\trequired = true\n[diff "x"]\n\ttextconv = ${trap}\n\tcommand = ${trap}\n`,
      `[diff]\n\texternal = ${trap}\n[gpg]\n\tprogram = ${trap}\n[commit]\n\tgpgSign = true\n`,
    ].join('');
    mkdirSync(folder.path('../home'));
    writeFileSync(folder.path('../home/.gitconfig'), settings);
    process.env['HOME'] = folder.path('../home');
    folder.write('.gitattributes', '* filter=x diff=x text\n').write('a.txt', '1\n').write('nested/b.txt', '1\n');
    for (const place of ['.', 'nested']) {
      folder.git('init', '-q', place);
      writeFileSync(
        folder.path(`${place}/.git/config`),
        `${readFileSync(folder.path(`${place}/.git/config`))}${settings}`,
      );
      for (const hook of readdirSync(hooks)) symlinkSync(trap, folder.path(`${place}/.git/hooks/${hook}`));
    }
    rmSync(sprung, { force: true });
    await folder.step((f) => f.write('a.txt', '2\n').write('nested/b.txt', '2\n'));
    await folder.hunks();
    assert.deepEqual((await folder.undo()).restored, ['a.txt', 'nested/b.txt']);
    assert.equal(existsSync(sprung), false);
  });

  it("can't be made without git, and say what to do", async () => {
    using folder = new Folder();
    process.env['PATH'] = folder.data;
    await assert.rejects(
      folder.step((f) => f.write('a.txt', '1\n')),
      { code: 'git-missing' },
    );
    assert.deepEqual(folder.walk(), {});
  });

  it('of a run that is at work are not undone', async () => {
    using folder = new Folder();
    await folder.step((f) => f.write('a.txt', '1\n'));
    for (const state of ['running', 'queued', 'waiting'] as const) {
      folder.states.set('run', state);
      await assert.rejects(folder.undo(), { code: 'job-running' });
    }
    assert.equal(folder.read('a.txt'), '1\n');
  });

  it('of a run that is unknown are not shown', async () => {
    using folder = new Folder();
    await folder.step((f) => f.write('a.txt', '1\n'));
    folder.states.clear();
    await assert.rejects(folder.undo(), { code: 'job-not-found' });
    await assert.rejects(folder.hunks(), { code: 'job-not-found' });
  });

  describe('go', () => {
    /** Runs whose checkpoints are there. */
    const runsIn = (folder: Folder): string[] =>
      shadowsOf(folder)
        .flatMap((shadow) => readdirSync(join(shadow, 'refs', 'runs')))
        .sort();
    const later = (folder: Folder, jobId: string): Promise<number> => {
      folder.states.set(jobId, 'done');
      return folder.step((f) => f.write(`${jobId}.txt`, 'x'.repeat(4000) + jobId), { jobId });
    };

    it('with their jobs', async () => {
      using folder = new Folder();
      await later(folder, 'one');
      await later(folder, 'two');
      folder.states.delete('one');
      await later(folder, 'three');
      assert.deepEqual(runsIn(folder), ['three', 'two']);
    });

    it('when they are old', async () => {
      using folder = new Folder();
      await later(folder, 'one');
      for (const shadow of shadowsOf(folder)) utimesSync(join(shadow, 'refs', 'runs', 'one'), 1, 1);
      await later(folder, 'two');
      assert.deepEqual(runsIn(folder), ['two']);
    });

    it('when they take too much, the oldest first, with what only they keep', async () => {
      using folder = new Folder({ caps: { ...defaultCaps, maxBytes: 1, graceSeconds: 0 } });
      folder.write('a.txt', 'before\n');
      await folder.step((f) => f.write('a.txt', 'first\n'));
      const id = createHash('sha1').update('blob 7\0before\n').digest('hex');
      const keeps = (): boolean =>
        shadowsOf(folder).some((shadow) => existsSync(join(shadow, 'objects', id.slice(0, 2), id.slice(2))));
      assert.equal(keeps(), true);
      await later(folder, 'two');
      assert.deepEqual([runsIn(folder), keeps()], [['two'], false]);
      assert.deepEqual((await folder.undo(undefined, 'two')).restored, ['two.txt']);
    });

    it('with their profile', async () => {
      using folder = new Folder();
      await later(folder, 'one');
      folder.checkpoints.forget('p');
      await until('the profile to be gone', () => shadowsOf(folder).length === 0);
    });
  });
});

function shadowsOf({ data }: Folder): string[] {
  const profile = join(data, 'p');
  return existsSync(profile) ? readdirSync(profile).map((name) => join(profile, name)) : [];
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Of every file, with its time. */
function digestOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesIn(folder).map((path) => [
      path,
      `${statSync(path).mtimeMs} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`,
    ]),
  );
}
