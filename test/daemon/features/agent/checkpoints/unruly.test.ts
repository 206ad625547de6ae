// Checkpoints where the folder is in an odd state, its repository too, or the disk is full; and how much they take.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { before, describe, it } from 'mocha';
import { Folder } from './kit.ts';

const noon = Date.UTC(2100, 0, 1);

describe('checkpoints', () => {
  before(function () {
    if (spawnSync('git', ['--version']).status !== 0) this.skip();
  });

  describe('put back what a step changed', () => {
    const commit = (f: Folder, message: string): Folder => f.git('add', '-A').git('commit', '-q', '-m', message);
    const places: Record<string, (f: Folder) => void> = {
      'in the middle of a merge': (f) => {
        commit(f.git('init', '-q', '-b', 'main').write('a.txt', 'base\n'), 'base');
        commit(f.git('checkout', '-q', '-b', 'side').write('a.txt', 'side\n'), 'side');
        commit(f.git('checkout', '-q', 'main').write('a.txt', 'main\n'), 'main');
        spawnSync('git', ['-C', f.root, '-c', 'user.name=x', '-c', 'user.email=x@x', 'merge', 'side']);
        assert.ok(existsSync(f.path('.git/MERGE_HEAD')) && f.read('a.txt').includes('<<<<<<<'));
      },
      'in a repository with a submodule': (f) => {
        f.folder('../library');
        const library = f.path('../library');
        const git = (...args: string[]) =>
          execFileSync('git', ['-C', library, '-c', 'user.name=x', '-c', 'user.email=x@x', ...args], {
            stdio: 'ignore',
          });
        git('init', '-q');
        writeFileSync(join(library, 'a.txt'), 'library\n');
        git('add', '-A');
        git('commit', '-q', '-m', 'x');
        f.git('init', '-q').git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'sub');
        commit(f.write('a.txt', 'one\n'), 'x');
        assert.equal(f.read('sub/a.txt'), 'library\n');
      },
      'in a worktree': (f) => {
        commit(f.git('init', '-q').write('a.txt', 'one\n'), 'x').git('worktree', 'add', '-q', '../tree');
        f.root = f.path('../tree');
      },
      'in the middle of a rebase, with a detached head': (f) => {
        commit(f.git('init', '-q').write('a.txt', 'one\n'), 'x').git('checkout', '-q', '--detach');
        f.write('.git/rebase-merge/done', '');
      },
      'in a folder without git': (f) => f.write('a.txt', 'one\n'),
      'in a bare repository': (f) => f.git('init', '-q', '--bare').write('a.txt', 'one\n'),
    };
    for (const [place, begin] of Object.entries(places))
      it(place, async () => {
        using folder = new Folder();
        begin(folder);
        const was = folder.walk();
        const status = (): string =>
          spawnSync('git', ['-C', folder.root, 'status', '--porcelain=v2']).stdout.toString();
        const stated = status();
        await folder.step((f) => {
          f.write('a.txt', 'changed\n').write('new/b.txt', 'x\n');
          if (existsSync(f.path('sub'))) f.write('sub/a.txt', 'changed\n').write('sub/new.txt', 'x\n');
        });
        assert.deepEqual((await folder.undo()).conflicts, []);
        assert.deepEqual(folder.walk(), was);
        assert.equal(status(), stated, "the user's own repository stands as it stood");
      });
  });

  it('say that their folder is gone, and go on once it is back', async () => {
    using folder = new Folder();
    folder.write('a.txt', '1\n');
    await folder.step((f) => f.write('a.txt', '2\n'));
    const run = { profile: 'p', jobId: 'run', root: folder.root };
    renameSync(folder.root, `${folder.root}-moved`);
    const gone = { code: 'folder-gone' };
    for (const refused of [
      folder.checkpoints.before(run, 9),
      folder.checkpoints.after(run, 1),
      folder.hunks(),
      folder.undo(),
    ])
      await assert.rejects(refused, gone);
    renameSync(`${folder.root}-moved`, folder.root);
    assert.deepEqual((await folder.undo()).restored, ['a.txt']);
  });

  it('say in a sentence that the disk is full', async function () {
    if (process.platform === 'win32') this.skip(); // its git is no script
    using folder = new Folder();
    folder.write('a.txt', '1\n');
    const programs = folder.path('../programs');
    mkdirSync(programs);
    const full = 'echo "error: unable to write file: No space left on device" >&2; exit 128';
    writeFileSync(join(programs, 'git'), `#!/bin/sh\n${full}\n`);
    chmodSync(join(programs, 'git'), 0o755);
    const path = process.env['PATH'];
    process.env['PATH'] = `${programs}${delimiter}${path}`;
    try {
      await assert.rejects(
        folder.step(() => {}),
        { code: 'disk-full', message: /is full.*Free some space and try again/ },
      );
    } finally {
      process.env['PATH'] = path;
    }
    await folder.step((f) => f.write('a.txt', '2\n'));
    assert.deepEqual((await folder.undo()).restored, ['a.txt']);
  });

  describe('of runs that are over', () => {
    async function twoRuns(folder: Folder): Promise<void> {
      folder.states.set('other', 'done');
      folder.write('a.txt', 'first\n');
      await folder.step((f) => f.write('a.txt', 'second\n'));
      await folder.step((f) => f.write('a.txt', 'third\n'), { jobId: 'other' });
    }

    it('are measured, with their number and the oldest', async () => {
      using folder = new Folder();
      assert.deepEqual(await folder.checkpoints.kept(), { bytes: 0, runs: 0 });
      await twoRuns(folder);
      const { bytes, runs, oldestAt = 0 } = await folder.checkpoints.kept();
      assert.deepEqual([runs, bytes > 0, Math.abs(Date.now() - oldestAt) < 60_000], [2, true, true]);
      await folder.step((f) => f.write('b.bin', Buffer.alloc(500_000, 7)), { jobId: 'other' });
      assert.ok((await folder.checkpoints.kept()).bytes >= bytes, 'what came since is counted');
    });

    it('go when the user says so, with what only they keep', async () => {
      using folder = new Folder();
      await twoRuns(folder);
      const { bytes } = await folder.checkpoints.kept();
      const { runs, freedBytes } = await folder.checkpoints.prune('p', noon);
      assert.deepEqual([runs, freedBytes, await folder.checkpoints.kept()], [2, bytes, { bytes: 0, runs: 0 }]);
      assert.deepEqual((await folder.undo()).restored, []);
      assert.equal(folder.read('a.txt'), 'third\n', 'the files stay');
      await folder.step((f) => f.write('a.txt', 'fourth\n'), { jobId: 'other' });
      assert.deepEqual((await folder.undo(undefined, 'other')).restored, ['a.txt']);
    });

    it('go where their folder is gone, too', async () => {
      using folder = new Folder();
      await twoRuns(folder);
      renameSync(folder.root, `${folder.root}-moved`);
      assert.equal((await folder.checkpoints.prune('p', noon)).runs, 2);
    });

    it('stay where they are younger, under way, or of another profile', async () => {
      using folder = new Folder();
      await twoRuns(folder);
      assert.equal((await folder.checkpoints.prune('p', 1)).runs, 0);
      assert.equal((await folder.checkpoints.prune('q', noon)).runs, 0);
      for (const state of ['queued', 'running', 'waiting'] as const) {
        folder.states.set('run', state).set('other', state);
        assert.equal((await folder.checkpoints.prune('p', noon)).runs, 0, state);
      }
      folder.states.set('run', 'done');
      assert.equal((await folder.checkpoints.prune('p', noon)).runs, 1);
      folder.states.set('other', 'done');
      assert.deepEqual((await folder.undo(undefined, 'other')).restored, ['a.txt']);
      assert.equal(readFileSync(folder.path('a.txt'), 'utf8'), 'second\n');
    });
  });
});
