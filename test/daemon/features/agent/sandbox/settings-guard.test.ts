// What is left of a run when the daemon didn't end by itself, whatever a program did to keep it, and what the user's git does meanwhile.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { boundedMounts } from '../../../../../daemon/features/agent/sandbox/bounded-mounts.ts';
import { type SetAside, SettingsGuard } from '../../../../../daemon/features/agent/sandbox/settings-guard.ts';
import { listedOf, SettingsFinder } from '../../../../../daemon/features/agent/sandbox/settings-places.ts';
import { type TestFolder, testFolder } from '../../../storage/open-storage.ts';

describe('settings of a folder, after a crash', () => {
  let home: TestFolder;
  let root: string;
  let folder: string;
  let untold: SetAside[];
  beforeEach(() => {
    untold = [];
    home = testFolder();
    [root, folder] = [join(home.path, 'project'), join(home.path, 'own')];
    mkdirSync(root);
  });
  afterEach(() => home[Symbol.dispose]());
  const guard = (maxRunMs = 60_000) =>
    new SettingsGuard({ folder, maxRunMs, onUntold: (setAside) => void untold.push(setAside) });
  const hold = () => guard().hold(root, { installs: false });

  it('takes away what it had made', async () => {
    await hold();
    assert.ok(existsSync(join(root, '.vscode')));
    await guard().recover();
    assert.deepEqual([readdirSync(root), readdirSync(folder)], [[], []]);
  });

  it('leaves what the user has put in it', async () => {
    await hold();
    writeFileSync(join(root, '.vscode/settings.json'), '{}');
    await guard().recover();
    assert.ok(existsSync(join(root, '.vscode/settings.json')));
  });

  it('sets aside what a program had made', async () => {
    await hold();
    mkdirSync(join(root, '.git'));
    await guard().recover();
    assert.deepEqual(readdirSync(root), []);
    const [name = ''] = readdirSync(folder);
    assert.deepEqual(readdirSync(join(folder, name)), ['.git']);
    assert.deepEqual(untold, [{ names: ['.git'], folder: join(folder, name) }]);
    assert.equal(await guard().countSetAside(), 1);
  });

  it('leaves what was made long after', async () => {
    await hold();
    mkdirSync(join(root, '.git'));
    await guard(-60_000).recover();
    assert.deepEqual(readdirSync(root), ['.git']);
  });

  it('goes on where its notes are not whole', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'x.json'), '{"root"');
    const { release } = await hold();
    assert.equal(await release(), undefined);
    assert.deepEqual(readdirSync(root), []);
  });

  it('comes before the next program, where nothing else has asked for it', async () => {
    await hold();
    mkdirSync(join(root, '.git'));
    const { paths, release } = await hold();
    assert.deepEqual(paths, [join(root, '.vscode')]);
    await release();
    assert.deepEqual(readdirSync(root), []);
  });
});

describe('settings that come into a folder while a program runs', () => {
  let home: TestFolder;
  let root: string;
  beforeEach(() => {
    home = testFolder();
    root = join(home.path, 'project');
    mkdirSync(root);
  });
  afterEach(() => home[Symbol.dispose]());
  const hold = () =>
    new SettingsGuard({ folder: join(home.path, 'own'), maxRunMs: 60_000 }).hold(root, { installs: false });
  const write = (name: string, text = 'x'): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  };

  describe('are set aside, though the program has', () => {
    before(function () {
      if (process.getuid?.() === 0 || process.platform === 'win32') this.skip(); // no mode keeps the superuser out
    });
    const tricks: Record<string, [path: string, mode: number]> = {
      'made them read-only': ['sub/.git', 0o555],
      'made the folder around them read-only': ['sub', 0o555],
      'made it impossible to list the folder around them': ['sub', 0o311],
    };
    for (const [what, [path, mode]] of Object.entries(tricks))
      it(what, async () => {
        const { release } = await hold();
        write('sub/.git/config');
        chmodSync(join(root, path), mode);
        const aside = await release();
        if (path === 'sub') chmodSync(join(root, path), 0o700);
        assert.deepEqual(aside?.names, ['sub/.git']);
        assert.deepEqual(readdirSync(join(root, 'sub')), []);
      });
  });

  it('are none that are there for another run, in a workspace within this one', async () => {
    const sub = join(root, 'sub');
    mkdirSync(sub);
    const guard = new SettingsGuard({ folder: join(home.path, 'own'), maxRunMs: 60_000 });
    const [outer, inner] = [await guard.hold(root, { installs: false }), await guard.hold(sub, { installs: false })];
    assert.equal(await outer.release(), undefined);
    assert.ok(existsSync(join(sub, '.vscode')));
    assert.equal(await inner.release(), undefined);
    assert.deepEqual([readdirSync(root), readdirSync(sub)], [['sub'], []]);
  });

  describe("are the user's", () => {
    const git = (folder: string, ...args: string[]): void => {
      const identity = ['-c', 'user.name=x', '-c', 'user.email=x@example.com'];
      const { status, stderr } = spawnSync('git', [...identity, '-C', join(root, folder), ...args]);
      assert.equal(status, 0, String(stderr));
    };
    before(function () {
      if (spawnSync('git', ['--version']).status !== 0) this.skip(); // there is no git here
    });
    beforeEach(() => {
      git('', 'init', '-q', '-b', 'main');
      git('', 'commit', '-q', '--allow-empty', '-m', 'first');
      git('', 'checkout', '-q', '-b', 'other');
      write('sub/.vscode/settings.json', '{}');
      write('.envrc', 'export A=1');
      git('', 'add', '.');
      git('', 'commit', '-q', '-m', 'second');
      git('', 'checkout', '-q', 'main');
    });

    it('where git has checked them out', async () => {
      const { release } = await hold();
      git('', 'checkout', '-q', 'other');
      assert.equal(await release(), undefined);
      assert.ok(existsSync(join(root, 'sub/.vscode/settings.json')) && existsSync(join(root, '.envrc')));
    });

    const brought: Record<string, [work: () => void, names: string[]]> = {
      "but not where they aren't as git has them": [
        () => write('sub/.vscode/settings.json', '{"x":1}'),
        ['sub/.vscode'],
      ],
      'but not with more beside them': [() => write('sub/.vscode/tasks.json', '{}'), ['sub/.vscode']],
      'but not where git takes them as they are': [
        () => {
          git('', 'update-index', '--skip-worktree', '.envrc');
          write('.envrc', 'evil');
        },
        ['.envrc'],
      ],
      'but not where a program has made the repository': [
        () => {
          write('sub/.zed/settings.json');
          git('sub', 'init', '-q');
          git('sub', 'add', '.');
        },
        ['sub/.git', 'sub/.zed'],
      ],
    };
    for (const [what, [work, names]] of Object.entries(brought))
      it(what, async () => {
        const { release } = await hold();
        git('', 'checkout', '-q', 'other');
        work();
        assert.deepEqual((await release())?.names, names);
      });
  });
});

describe('settings that are looked for again', () => {
  let home: TestFolder;
  let root: string;
  let listed: string[];
  beforeEach(() => {
    listed = [];
    home = testFolder();
    root = join(home.path, 'project');
    for (const name of ['a/inner', 'b', 'c/inner/.vscode', 'elsewhere/.zed'])
      mkdirSync(join(root, name), { recursive: true });
  });
  afterEach(() => home[Symbol.dispose]());
  const settled = (): number => Date.now() + 60_000;
  const finder = (now: () => number) =>
    new SettingsFinder(root, {
      now,
      list(folder) {
        listed.push(relative(root, folder));
        return listedOf(folder);
      },
    });
  const find = async (by: SettingsFinder) =>
    (await by.find()).map(({ path }) => relative(root, path).replaceAll('\\', '/')).toSorted();

  it('are found without listing what is as it was', async function () {
    if (process.platform !== 'linux') return this.skip(); // no other system has fences
    const by = finder(settled);
    const first = await find(by);
    listed = [];
    writeFileSync(join(root, 'b/new.ts'), '');
    assert.deepEqual([await find(by), listed], [first, ['b']]);
  });

  it('are looked for everywhere where a folder may have changed within the time that its disk can tell', async () => {
    const by = finder(Date.now);
    await find(by);
    const all = listed.toSorted();
    listed = [];
    await find(by);
    assert.deepEqual(listed.toSorted(), all);
  });

  const changes: Record<string, [work: (at: (name: string) => string) => void, found: string[]]> = {
    'that were made deep in it': [(at) => mkdirSync(at('a/inner/.git')), ['a/inner/.git']],
    'made by whoever sets the times back': [
      (at) => {
        writeFileSync(at('b/.envrc'), '');
        utimesSync(at('b'), 0, 0);
      },
      ['b/.envrc'],
    ],
    'in a folder that came into the place of another': [
      (at) => {
        renameSync(at('a'), at('old'));
        renameSync(at('c'), at('a'));
      },
      ['a/inner/.vscode'],
    ],
    'in a repository that a folder has become': [
      (at) => {
        for (const name of ['HEAD', 'objects', 'refs']) mkdirSync(at(`b/${name}`));
      },
      ['b'],
    ],
  };
  for (const [what, [work, found]] of Object.entries(changes))
    it(`are those ${what}`, async () => {
      const by = finder(settled);
      const before = await find(by);
      work((name) => join(root, name));
      const now = await find(by);
      assert.deepEqual(
        now.filter((name) => !before.includes(name)),
        found,
      );
    });

  it('are none behind a link in the place of a folder', async function () {
    if (process.platform === 'win32') return this.skip(); // links take rights there
    const by = finder(settled);
    await find(by);
    rmSync(join(root, 'b'), { recursive: true });
    symlinkSync('c', join(root, 'b'));
    assert.deepEqual(await find(by), ['c/inner/.vscode', 'elsewhere/.zed']);
  });
});

describe('settings that are too many for a mount each', () => {
  const root = join('/', 'project');
  const many = (folder: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => join(root, folder, `p${at}`, '.vscode'));

  it('are protected by the folders that hold the most of them', () => {
    const few = [join(root, '.vscode'), join(root, '.envrc'), ...many('src', 2)];
    const { paths, wholeFolders } = boundedMounts(root, [
      ...few,
      ...many('src/vendor/deep', 1000),
      ...many('old', 3000),
    ]);
    assert.deepEqual(wholeFolders, [join(root, 'old'), join(root, 'src/vendor/deep')]);
    assert.deepEqual(paths, [...few, ...wholeFolders]);
  });

  it('are protected one by one up to a thousand', () => {
    const paths = [join(root, '.vscode'), ...many('src', 999)];
    assert.deepEqual(boundedMounts(root, paths), { paths, wholeFolders: [] });
  });
});
