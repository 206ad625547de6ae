// Undo puts back every byte, permission and link of what the agent's steps changed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { before, describe, it } from 'mocha';
import { type Effect, Folder } from './kit.ts';

interface Task {
  title: string;
  prepare: Effect;
  steps: Effect[];
  /** Files that the steps name, as an edit does. */
  named?: string[];
  /** Why Windows can't have it. */
  posix?: true;
}

const bytes = Buffer.from([0, 255, 254, 10, 13, 0, 128]);
const text = 'one\ntwo\nthree\n';

const tasks: Task[] = [
  { title: 'a changed file', prepare: (f) => f.write('a.ts', text), steps: [(f) => f.write('a.ts', 'two\n')] },
  { title: 'a created file', prepare: (f) => f.write('a.ts', text), steps: [(f) => f.write('b.ts', text)] },
  { title: 'a deleted file', prepare: (f) => f.write('a.ts', text), steps: [(f) => f.remove('a.ts')] },
  {
    title: 'a file created in new folders',
    prepare: (f) => f.write('a.ts', text),
    steps: [(f) => f.write('src/deep/er/b.ts', text)],
  },
  {
    title: 'the last file of a folder',
    prepare: (f) => f.write('src/deep/a.ts', text),
    steps: [(f) => f.remove('src')],
  },
  {
    title: 'CRLF line ends that became LF',
    prepare: (f) => f.write('a.txt', 'one\r\ntwo\r\n'),
    steps: [(f) => f.write('a.txt', 'one\ntwo\n')],
  },
  {
    title: 'mixed line ends and no last one',
    prepare: (f) => f.write('a.txt', 'one\r\ntwo\nthree\rfour'),
    steps: [(f) => f.remove('a.txt')],
  },
  {
    title: 'a byte order mark',
    prepare: (f) => f.write('a.txt', '\uFEFFone\n'),
    steps: [(f) => f.write('a.txt', 'one\n')],
  },
  { title: 'an empty file', prepare: (f) => f.write('a.txt', ''), steps: [(f) => f.remove('a.txt')] },
  {
    title: 'a file that became empty',
    prepare: (f) => f.write('a.txt', text),
    steps: [(f) => f.write('a.txt', '')],
  },
  {
    title: 'binary content',
    prepare: (f) => f.write('a.bin', bytes),
    steps: [(f) => f.write('a.bin', Buffer.concat([bytes, bytes]))],
  },
  {
    title: 'bytes that are no UTF-8',
    prepare: (f) => f.write('a.txt', Buffer.from([0xe9, 0xff, 10])),
    steps: [(f) => f.write('a.txt', 'é\n')],
  },
  {
    title: 'a right to be run that was given',
    prepare: (f) => f.write('run.sh', text, 0o644),
    steps: [(f) => f.mode('run.sh', 0o755)],
    posix: true,
  },
  {
    title: 'a right to be run that was taken, with the content changed',
    prepare: (f) => f.write('run.sh', text, 0o755),
    steps: [(f) => f.write('run.sh', 'x\n', 0o644)],
    posix: true,
  },
  {
    title: 'permissions of a deleted private file',
    prepare: (f) => f.write('key.pem', text, 0o600),
    steps: [(f) => f.remove('key.pem')],
    posix: true,
  },
  {
    title: 'permissions that others got',
    prepare: (f) => f.write('key.pem', text, 0o600),
    steps: [(f) => f.mode('key.pem', 0o644)],
    posix: true,
  },
  {
    title: 'permissions that were taken away',
    prepare: (f) => f.write('a.txt', text, 0o644),
    steps: [(f) => f.mode('a.txt', 0o400)],
    posix: true,
  },
  {
    title: 'a link that leads elsewhere now',
    prepare: (f) => f.link('now', 'a'),
    steps: [(f) => f.remove('now').link('now', 'b')],
    posix: true,
  },
  {
    title: 'a link that became a file',
    prepare: (f) => f.write('a.txt', text).link('now', 'a.txt'),
    steps: [(f) => f.remove('now').write('now', text)],
    posix: true,
  },
  {
    title: 'a file that became a link',
    prepare: (f) => f.write('a.txt', text).write('b.txt', text),
    steps: [(f) => f.remove('b.txt').link('b.txt', 'a.txt')],
    posix: true,
  },
  {
    title: 'a link out of the folder and one to nothing',
    prepare: (f) => f.link('out', '../../etc').link('gone', 'nowhere'),
    steps: [(f) => f.remove('out').remove('gone')],
    posix: true,
  },
  {
    title: 'a folder that became a link',
    prepare: (f) => f.write('a/x.txt', text).write('b/x.txt', 'other\n'),
    steps: [(f) => f.remove('a').link('a', 'b')],
    posix: true,
  },
  {
    title: 'a folder that became a file',
    prepare: (f) => f.write('a/x.txt', text).write('a/deep/y.txt', text),
    steps: [(f) => f.remove('a').write('a', 'file\n')],
  },
  {
    title: 'a file that became a folder',
    prepare: (f) => f.write('a', text),
    steps: [(f) => f.remove('a').write('a/x/y.txt', text)],
  },
  {
    title: 'a folder that was moved',
    prepare: (f) => f.write('old/x.txt', text).write('old/y.txt', 'y\n'),
    steps: [(f) => f.rename('old', 'new/place')],
  },
  {
    title: 'a rename that changes case alone',
    prepare: (f) => f.write('Readme.md', text),
    steps: [(f) => f.rename('Readme.md', 'README.md')],
  },
  {
    title: 'two files that changed places',
    prepare: (f) => f.write('a', 'a\n').write('b', 'b\n'),
    steps: [(f) => f.rename('a', 'c').rename('b', 'a').rename('c', 'b')],
  },
  {
    title: 'names in other scripts, composed and decomposed',
    prepare: (f) => f.write('é.txt', text).write('e\u0301cole/日本 語.txt', text).write('😀', text),
    steps: [(f) => f.remove('é.txt').write('e\u0301cole/日本 語.txt', 'x').remove('😀')],
  },
  {
    title: 'names with spaces and leading dashes',
    prepare: (f) => f.write(' a  b .txt', text).write('-rf', text).write('--', text),
    steps: [(f) => f.remove('-rf').remove(' a  b .txt').write('--', 'x')],
  },
  {
    title: 'names with line ends, quotes, backslashes and colons',
    prepare: (f) => f.write('a\nb', text).write('"q"\\t', text).write(':(top)x', text).write('*', text),
    steps: [(f) => f.remove('a\nb').write('"q"\\t', 'x').remove(':(top)x').write('*', 'y')],
    posix: true,
  },
  {
    title: 'files that attributes would change on their way',
    prepare: (f) => {
      f.write('.gitattributes', '* text=auto eol=crlf ident filter=x working-tree-encoding=UTF-16LE\n');
      f.write('a.txt', 'one\ntwo\r\n$Id$ $Id: 1234 $\n');
    },
    steps: [(f) => f.remove('a.txt')],
  },
  {
    title: 'attributes that a step writes',
    prepare: (f) => f.write('a.txt', 'one\r\ntwo\n'),
    steps: [
      (f) => f.write('.gitattributes', '[attr]mine text eol=lf\n* mine\n').write('b.txt', 'b\r\n'),
      (f) => f.write('a.txt', 'one\n').remove('b.txt'),
    ],
  },
  {
    title: 'an ignored file that a step names',
    prepare: (f) => f.write('.gitignore', '.env\ndist/\n').write('.env', 'A=1\r\n', 0o600),
    steps: [(f) => f.write('.env', 'A=2\n'), (f) => f.write('dist/new.js', text)],
    named: ['.env', 'dist/new.js'],
  },
  {
    title: 'a changed .gitignore',
    prepare: (f) => f.write('.gitignore', 'x\n').write('a.log', text),
    steps: [(f) => f.write('.gitignore', '*.log\n'), (f) => f.remove('a.log')],
  },
  {
    title: 'files of a repository that are committed, staged and untracked',
    prepare: (f) => {
      f.git('init', '-q');
      f.write('a.txt', text);
      f.git('add', '.');
      f.git('commit', '-q', '-m', 'x');
      f.write('a.txt', 'staged\n');
      f.git('add', '.');
      f.write('a.txt', 'more\n');
      f.write('b.txt', text);
    },
    steps: [(f) => f.write('a.txt', 'x\n').remove('b.txt')],
  },
  {
    title: 'a file that the repository keeps although it is ignored',
    prepare: (f) => {
      f.git('init', '-q');
      f.write('.gitignore', '/out\n');
      f.write('out/a.txt', text);
      f.git('add', '-f', '.');
    },
    steps: [(f) => f.remove('out')],
  },
  {
    title: 'files of a repository in the folder, and of one in that',
    prepare: (f) => {
      f.write('libs/one/a.txt', text);
      f.git('init', '-q', 'libs/one');
      f.write('libs/one/two/b.txt', text);
      f.git('init', '-q', 'libs/one/two');
    },
    steps: [(f) => f.write('libs/one/a.txt', 'x\n').remove('libs/one/two/b.txt').write('libs/c.txt', text)],
  },
  {
    title: 'folders without a file',
    prepare: (f) => f.folder('empty/inner').folder('kept').write('a.txt', text),
    steps: [(f) => f.remove('empty').folder('new/inner').write('kept/b.txt', text)],
  },
  {
    title: 'one file through several steps',
    prepare: (f) => f.write('a.txt', text),
    steps: [
      (f) => f.write('a.txt', '2\n'),
      (f) => f.remove('a.txt'),
      (f) => f.write('a.txt', '4\n'),
      (f) => f.write('b.txt', '5\n'),
    ],
  },
  {
    title: 'a name that became another in case alone',
    prepare: (f) => f.write('a.ts', text).write('b.ts', text),
    steps: [(f) => f.rename('a.ts', 'A.ts'), (f) => f.write('A.ts', 'x\n'), (f) => f.rename('A.ts', 'a.TS')],
  },
  {
    title: "a folder's name that became another in case alone",
    prepare: (f) => f.write('src/deep/a.ts', text).write('src/b.ts', text),
    steps: [(f) => f.rename('src', 'Src'), (f) => f.write('Src/b.ts', 'x\n')],
  },
  {
    title: 'a content of the same length, written at once',
    prepare: (f) => f.write('a.txt', 'aaaa\n'),
    steps: [(f) => f.write('a.txt', 'bbbb\n'), (f) => f.write('a.txt', 'cccc\n')],
  },
  {
    title: 'hundreds of files',
    prepare: (f) => {
      for (let i = 0; i < 300; i++) f.write(`src/${i % 7}/${i}.ts`, `${i}\n`);
    },
    steps: [
      (f) => {
        for (let i = 0; i < 300; i++) f.write(`src/${i % 7}/${i}.ts`, `now ${i}\n`);
      },
      (f) => f.remove('src/3'),
    ],
  },
  {
    title: 'a large file that a step made',
    prepare: (f) => f.write('a.txt', text),
    steps: [(f) => f.write('big.bin', Buffer.alloc(6 * 1024 * 1024, 7))],
  },
];

describe('undo', () => {
  before(function () {
    if (spawnSync('git', ['--version']).status !== 0) this.skip();
  });

  for (const { title, prepare, steps, named, posix } of tasks)
    it(`puts back ${title}`, async function () {
      if (posix && process.platform === 'win32') this.skip(); // no such permissions, names and links there
      using folder = new Folder();
      prepare(folder);
      const walks = [folder.walk()];
      const numbers: number[] = [];
      for (const effect of steps) {
        numbers.push(await folder.step(effect, named && { paths: named }));
        walks.push(folder.walk());
      }
      assert.notDeepEqual(walks.at(-1), walks[0], 'the steps change something');
      const last = await folder.undo(numbers.at(-1));
      assert.deepEqual(last.conflicts, []);
      assert.deepEqual(folder.walk(), walks.at(-2), 'without the last step');
      const all = await folder.undo();
      assert.deepEqual(all.conflicts, []);
      assert.deepEqual(folder.walk(), walks[0], 'without all of them');
      if (last.step === undefined) return;
      const again = await folder.undo(last.step);
      assert.deepEqual(again.conflicts, []);
      assert.deepEqual(folder.walk(), walks.at(-1), 'the undo itself undone');
    });

  it('leaves what the user wrote under a name that became another in case alone', async () => {
    using folder = new Folder();
    folder.write('a.ts', text);
    await folder.step((f) => f.rename('a.ts', 'A.ts'));
    folder.write('A.ts', 'mine\n');
    const { conflicts } = await folder.undo();
    assert.equal(folder.read('A.ts'), 'mine\n');
    assert.ok(conflicts.some(({ path }) => path === 'A.ts'));
  });
});
