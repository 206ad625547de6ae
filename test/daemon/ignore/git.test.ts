// Rules against real git: one call of it for hundreds of rule files. What differs on purpose is named here, and nothing else differs.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createIgnore } from '../../../daemon/ignore/ignore.ts';
import { pick, randomFrom } from '../models/secrets/corpus.ts';

let root = '';

describe('the rules and git', () => {
  beforeEach(function () {
    if (spawnSync('git', ['--version']).status !== 0) this.skip();
    root = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-')));
    execFileSync('git', ['init', '-q', root]);
    execFileSync('git', ['-C', root, 'config', 'core.excludesFile', '/dev/null']);
  });
  afterEach(() => root && rmSync(root, { recursive: true, force: true }));

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }

  function git(...args: string[]): void {
    execFileSync('git', ['-C', root, ...args]);
  }

  /** Those of the paths that git ignores; they need not exist. */
  function ignoredByGit(paths: readonly string[]): Set<string> {
    const { stdout } = spawnSync('git', ['-C', root, 'check-ignore', '--stdin', '--no-index', '-z'], {
      input: paths.join('\0'),
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    return new Set(stdout.split('\0'));
  }

  async function differencesFrom(paths: readonly string[], options: { ignoresCase: boolean }): Promise<string[]> {
    const ignore = createIgnore({ ownFolders: [], ...options });
    const expected = ignoredByGit(paths);
    const different: string[] = [];
    for (const path of paths) {
      const { ignored } = await ignore.isIgnored(path, root);
      if (ignored !== expected.has(path)) different.push(`${path}: git ${ignored ? 'keeps' : 'ignores'} it`);
    }
    return different;
  }

  describe('what git ignores is ignored, and nothing else,', () => {
    it('for one random rule at a time, of every form', async () => {
      git('config', 'core.ignorecase', 'false');
      const random = randomFrom(11);
      const rules = Array.from({ length: 150 }, () => rule(random));
      for (const [index, line] of rules.entries()) {
        for (const folder of folders) mkdirSync(join(root, `r${index}`, folder), { recursive: true });
        write(`r${index}/.gitignore`, `${line}\n`);
      }
      const paths = rules.flatMap((_, index) => leaves.map((leaf) => `r${index}/${leaf}`));
      const different = await differencesFrom(paths, { ignoresCase: false });
      assert.deepEqual(
        different.map((line) => `${JSON.stringify(rules[Number(/\d+/.exec(line)?.[0])])} ${line}`),
        [],
      );
    });

    it('for nested rule files that take each other back', async () => {
      git('config', 'core.ignorecase', 'false');
      const random = randomFrom(12);
      const lines = (): string => `${Array.from({ length: 4 }, () => rule(random)).join('\r\n')}\n`;
      for (let tree = 0; tree < 40; tree++) {
        for (const folder of folders) {
          mkdirSync(join(root, `t${tree}`, folder), { recursive: true });
          if (random() < 0.6) write(`t${tree}/${folder}.gitignore`, lines());
        }
      }
      const paths = Array.from({ length: 40 }, (_, tree) => leaves.map((leaf) => `t${tree}/${leaf}`)).flat();
      const different = await differencesFrom(paths, { ignoresCase: false });
      const [tree] = different.map((line) => /^t\d+/.exec(line)?.[0]);
      const written = tree && execFileSync('grep', ['-r', '', tree], { cwd: root, encoding: 'utf8' });
      assert.deepEqual(different, [], written);
    });

    it('where names that differ by case alone are one', async () => {
      git('config', 'core.ignorecase', 'true');
      write('.gitignore', 'Build/\n/Ab.TXT\n*.LOG\n[a-c]X\nd[y]\n');
      const paths = ['build/x', 'BUILD/x', 'ab.txt', 'a/ab.txt', 'c.log', 'bx', 'BX', 'dx', 'dy', 'DY'];
      assert.deepEqual(await differencesFrom(paths, { ignoresCase: true }), []);
    });
  });

  it('differs from git on purpose: characters are not bytes, tabs end with the line, two stars in a name are one', async () => {
    git('config', 'core.ignorecase', 'false');
    const different = async (text: string, path: string): Promise<boolean> => {
      write('.gitignore', text);
      return (await differencesFrom([path], { ignoresCase: false })).length > 0;
    };
    assert.equal(await different('?\n', 'é'), true);
    assert.equal(await different('[!a]\n', 'é'), true);
    assert.equal(await different('name\t\n', 'name'), true);
    assert.equal(await different('a**/x\n', 'a/b/x'), true); // git's manual says what we do
  });

  const folders = ['', 'a/', 'a/b/', 'a/b/a/', 'ab/a/', 'd/a/b/'];
  const names = [
    'a',
    'b',
    'ab',
    'a.b',
    'c.log',
    'x y',
    'b1',
    '#h',
    '!n',
    'A',
    'a]',
    '[',
    '-',
    'x ',
    '^a',
    '{a,b}',
    '$',
  ];
  const leaves = folders
    .flatMap((folder) => names.map((name) => `${folder}${name}`))
    .filter((path) => !folders.some((folder) => folder.startsWith(`${path}/`)));

  const pieces = [
    ...['a', 'b', 'ab', 'd', 'A', '#h', '\\#h', '\\!n', 'x y', 'x ', 'x\\ ', 'x\\ y', '\\a', 'a\\', '\\\\', '^a', '$'],
    ...['*', '?', 'a*', '*b', '*.log', 'a?b', '*a*b*', '**', '***', '**b', '{a,b}', '.', '..'],
    ...[
      '[ab]',
      '[!a]',
      '[^a]',
      '[a-c]*',
      '[]a]',
      '[]-a]',
      '[a-]',
      '[!]a]',
      '[\\]]',
      '[+--]',
      '[z-a]',
      '[b-a]',
      'a[/]b',
    ],
    ...['[', '[a-', '[[:digit:]]', '*[[:alnum:]]1', '[![:alpha:]]*', '[[:foo:]]'],
  ];

  function rule(random: () => number): string {
    const parts = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(random, pieces));
    // Git takes two stars before a backslash for at least one part; we do not follow it there.
    const separator = random() < 0.05 && !parts.some((part) => part.includes('**')) ? '\\/' : '/';
    const start = pick(random, ['', '', '', '/', '!', '!/']);
    const end = pick(random, ['', '', '', '', '/', '/', '  ', '\\ ', '\\  ']);
    return `${start}${parts.join(separator)}${end}`;
  }
});
