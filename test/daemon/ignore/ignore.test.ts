import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createIgnore, type Ignore } from '../../../daemon/ignore/ignore.ts';
import { pick, randomFrom } from '../models/secrets/corpus.ts';

let root = '';
let ignore: Ignore;

describe('what no model sees', () => {
  beforeEach(() => {
    root = join(realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-'))), 'work');
    mkdirSync(root);
    ignore = createIgnore({ ownFolders: [], ignoresCase: false });
  });
  afterEach(() => rmSync(dirname(root), { recursive: true, force: true }));

  function write(path: string, text = ''): string {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }
  const isIgnored = async (path: string): Promise<boolean> => (await ignore.isIgnored(path, root)).ignored;

  it('is a file under another of the names that Windows has for it', async () => {
    for (const folder of ['secret.ts', 'a.ts', 'kept/a.ts']) write(folder);
    write('.switchyardignore', 'secret.ts\nkept/\n');
    ignore = createIgnore({ ownFolders: [], hasAliases: true });
    for (const name of [
      'secret.ts::$DATA',
      'secret.ts:',
      'secret.ts.',
      'secret.ts ',
      'kept./a.ts',
      'kept::$INDEX_ALLOCATION/a.ts',
    ])
      assert.ok(await isIgnored(name), name);
    assert.equal(await isIgnored('a.ts'), false);
    ignore = createIgnore({ ownFolders: [], hasAliases: false });
    assert.equal(await isIgnored('12:30 notes.ts'), false, 'a name of its own elsewhere');
  });

  describe('ignore files', () => {
    it('mean what git says they mean, for random rules and paths', async function () {
      if (spawnSync('git', ['--version']).status !== 0) this.skip();
      execFileSync('git', ['init', '-q', root]);
      execFileSync('git', ['-C', root, 'config', 'core.ignorecase', 'false']);
      execFileSync('git', ['-C', root, 'config', 'core.excludesFile', '/dev/null']);
      const random = randomFrom(5);
      const paths = allPaths();
      for (const path of paths) write(path);
      for (let round = 0; round < 60; round++) {
        write('.gitignore', rules(random, 5));
        write('a/.gitignore', rules(random, 3));
        write('a/b/.gitignore', rules(random, 2));
        write('.git/info/exclude', rules(random, 1));
        const { stdout } = spawnSync('git', ['-C', root, 'check-ignore', '--stdin', '--no-index', '-z'], {
          input: paths.join('\0'),
          encoding: 'utf8',
        });
        const expected = new Set(stdout.split('\0'));
        const differing = [];
        for (const path of paths)
          if ((await isIgnored(path)) !== expected.has(path))
            differing.push(`${path}: git ${expected.has(path) ? 'ignores' : 'keeps'} it`);
        assert.deepEqual(
          differing,
          [],
          `${execFileSync('head', ['-50', '.gitignore', 'a/.gitignore', 'a/b/.gitignore', '.git/info/exclude'], { cwd: root, encoding: 'utf8' })}`,
        );
      }
    });

    it("treat two stars inside a name as one, as git's manual says", async () => {
      write('.gitignore', 'a**/x\n');
      assert.equal(await isIgnored('ab/x'), true);
      assert.equal(await isIgnored('ab/c/x'), false);
    });

    it("of Switchyard go before git's in the same folder, both ways", async () => {
      write('.gitignore', 'generated/\n');
      write('.switchyardignore', '!generated/\nprivate.md\n');
      assert.equal(await isIgnored('generated/api.ts'), false);
      assert.deepEqual(await ignore.isIgnored('private.md', root), {
        ignored: true,
        by: '.switchyardignore, line 2 (private.md)',
      });
    });

    it('hold from the repository down, also where the root is a folder inside it', async () => {
      write('.git/HEAD');
      write('.gitignore', '/packages/a/out\n*.log\n');
      assert.deepEqual(await ignore.isIgnored('out/x.js', join(root, 'packages/a')), {
        ignored: true,
        by: `${join('..', '..', '.gitignore')}, line 1 (/packages/a/out)`,
      });
      assert.equal((await ignore.isIgnored('src/x.js', join(root, 'packages/a'))).ignored, false);
    });

    it('are read again when they change, appear or vanish', async () => {
      assert.equal(await isIgnored('notes.md'), false);
      const file = write('.switchyardignore', 'notes.md\n');
      assert.equal(await isIgnored('notes.md'), true);
      writeFileSync(file, 'other.md\n');
      assert.equal(await isIgnored('notes.md'), false);
      renameSync(write('new', 'notes.md\n'), file);
      assert.equal(await isIgnored('notes.md'), true);
      rmSync(file);
      assert.equal(await isIgnored('notes.md'), false);
    });

    it('take no long time over hostile patterns', async () => {
      write('.gitignore', `${'*a'.repeat(200)}b\n${'**/a/'.repeat(200)}b\n${'['.repeat(1000)}\n${'\\'.repeat(999)}\n`);
      assert.equal(await isIgnored(`${'a/'.repeat(60)}${'a'.repeat(200)}`), false);
    });

    it('that are too many to be looked at keep everything of their folder from models', async () => {
      for (const text of ['[a-z]*[a-z]x\n'.repeat(20_000), `#${'x'.repeat(300_000)}\n`]) {
        write('a/.gitignore', text);
        assert.deepEqual(await ignore.isIgnored('a/b.ts', root), {
          ignored: true,
          by: `${join('a', '.gitignore')}, line 1 (too long to read, so everything is kept from models)`,
        });
        assert.equal(await isIgnored('b.ts'), false);
      }
    });

    it('take no long time over a line of blanks, which git takes away only at the end', async () => {
      for (const blank of [' ', '\t', '\\ ']) {
        write('.gitignore', `x${blank.repeat(60_000)}y\n${blank.repeat(60_000)}y\n`);
        for (let i = 0; i < 5; i++) assert.equal(await isIgnored('a.ts'), false);
      }
      write('.gitignore', 'x\\   \ny \t\nz\t \n');
      assert.deepEqual(await Promise.all(['x ', 'x', 'y', 'z'].map(isIgnored)), [true, false, false, true]);
    });
  });

  describe('what is never shown to a model', () => {
    it('is keys, credentials and what runs on this machine, whatever the project says', async () => {
      write('.gitignore', '!.env\n!*\n');
      write('.switchyardignore', '!.env\n!id_rsa\n!**\n');
      for (const path of [
        '.env',
        '.env.production',
        'deep/in/.env.local',
        '.ENV',
        'id_rsa',
        'id_ed25519',
        'server.PEM',
        'tls.key',
        '.ssh/config',
        '.aws/credentials',
        '.git/config',
        '.npmrc',
        'infra/terraform.tfstate',
        '.env::$DATA',
        '.env.',
      ]) {
        assert.equal(await isIgnored(path), true, path);
      }
      for (const path of [
        '.env.example',
        'src/env.ts',
        'id_rsa.pub',
        'keyboard.ts',
        'README.md',
        'src/credentials.ts',
        '.github/workflows/ci.yml',
      ]) {
        assert.equal(await isIgnored(path), false, path);
      }
    });

    it('is also what a harmless name leads to, and what a denied name is given to', async () => {
      write('.env', 'x');
      write('harmless.txt', 'x');
      symlinkSync('.env', join(root, 'notes.txt'));
      symlinkSync('harmless.txt', join(root, 'id_rsa'));
      symlinkSync('.', join(root, 'loop'));
      for (const path of ['notes.txt', 'id_rsa', 'loop/loop/.env', 'x/../.env'])
        assert.equal(await isIgnored(path), true, path);
      assert.equal(await isIgnored('loop/loop/harmless.txt'), false);
    });

    it('is everything outside the root, reached by dots, by an absolute path or by a link', async () => {
      writeFileSync(join(dirname(root), 'outside.txt'), 'x');
      mkdirSync(join(dirname(root), 'work-too'));
      symlinkSync('../outside.txt', join(root, 'inside.txt'));
      symlinkSync('..', join(root, 'up'));
      symlinkSync('circle', join(root, 'circle'));
      for (const path of [
        '../outside.txt',
        '../work-too/x',
        join(dirname(root), 'outside.txt'),
        'inside.txt',
        'up/outside.txt',
        'up/not-there-yet.txt',
        'circle/x',
        '/etc/passwd',
      ]) {
        assert.equal(await isIgnored(path), true, path);
      }
      assert.equal(await isIgnored('..dots/in/name.txt'), false);
    });

    it("is Switchyard's own folders, even inside the root", async () => {
      const own = join(root, 'home');
      ignore = createIgnore({ ownFolders: [own] });
      write('home/config.json');
      assert.deepEqual(await ignore.isIgnored('home/config.json', root), {
        ignored: true,
        by: "a rule for Switchyard's own files",
      });
      assert.equal(await isIgnored('home.txt'), false);
    });

    it('follows the root when that is a link itself', async () => {
      const link = join(dirname(root), 'link');
      symlinkSync(root, link);
      write('.gitignore', 'out/\n');
      assert.equal((await ignore.isIgnored('src/a.ts', link)).ignored, false);
      assert.equal((await ignore.isIgnored(join(link, 'out/a.js'), link)).ignored, true);
      assert.equal((await ignore.isIgnored(join(root, 'src/a.ts'), link)).ignored, false);
    });
  });

  it('names that differ by case alone are one file where the system says so', async () => {
    ignore = createIgnore({ ownFolders: [], ignoresCase: true });
    write('.gitignore', '/Build/\n');
    assert.equal(await isIgnored('build/x.js'), true);
    ignore = createIgnore({ ownFolders: [], ignoresCase: false });
    assert.equal(await isIgnored('build/x.js'), false);
  });

  const names = ['a', 'b', 'ab', 'a.b', 'c.log', 'x y', 'b1', '#h', '!n', 'A'];

  function allPaths(): string[] {
    const folders = ['', 'a/', 'b/', 'a/b/', 'a/b/a/', 'ab/a/', 'd/a/b/'];
    const isFolder = (path: string): boolean => folders.some((folder) => folder.startsWith(`${path}/`));
    return folders.flatMap((folder) => names.map((name) => `${folder}${name}`)).filter((path) => !isFolder(path));
  }

  /** Lines of every form that git's manual names, and some that it does not. */
  function rules(random: () => number, most: number): string {
    const piece = (): string =>
      pick(random, [
        'a',
        'b',
        'ab',
        '*',
        '?',
        'a*',
        '*b',
        '*.log',
        '[ab]',
        '[!a]',
        '[a-c]*',
        '[[:digit:]]',
        '*[[:alnum:]]1',
        '\\#h',
        '\\!n',
        '#h',
        'x y',
        'x\\ y',
        'a?b',
        '**',
        '[',
        '[]a]',
        '[a-]',
        'A',
        '\\a',
        '*a*b*',
      ]);
    const line = (): string => {
      const parts = Array.from({ length: 1 + Math.floor(random() * 3) }, piece);
      return `${random() < 0.25 ? '!' : ''}${random() < 0.25 ? '/' : ''}${parts.join('/')}${random() < 0.25 ? '/' : ''}${random() < 0.1 ? '  ' : ''}`;
    };
    return `${Array.from({ length: 1 + Math.floor(random() * most) }, line).join('\n')}\n`;
  }
});
