// Which tests may check a file, and how each is run: by what the project has.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { testCommandsFor } from '../../../../daemon/features/code-actions/test-commands.ts';
import { createIgnore } from '../../../../daemon/ignore/ignore.ts';

const using = (runner: string) => JSON.stringify({ devDependencies: { [runner]: '1' } });

const projects: [what: string, source: string, files: Record<string, string>, expected: string[]][] = [
  ['no package', 'sum.js', { 'sum.test.js': '' }, ['node --test sum.test.js']],
  ['mocha', 'src/a.ts', { 'package.json': using('mocha'), 'test/a.test.ts': '' }, ['npx mocha test/a.test.ts']],
  ['vitest', 'src/a.ts', { 'package.json': using('vitest'), 'src/a.spec.ts': '' }, ['npx vitest run src/a.spec.ts']],
  [
    'a package of its own in a larger one',
    'packages/b/b.ts',
    {
      'package.json': using('mocha'),
      'packages/b/package.json': using('jest'),
      'packages/b/b.test.ts': '',
      'c.test.ts': '',
    },
    ['npx jest packages/b/b.test.ts', 'npx mocha c.test.ts'],
  ],
  [
    "its own tests before nearer ones, and none of another language's",
    'src/deep/a.py',
    { 'src/deep/test_b.py': '', 'tests/test_a.py': '', 'tests/a.test.js': '' },
    ['python3 -m pytest tests/test_a.py', 'python3 -m pytest src/deep/test_b.py'],
  ],
  ['Go', 'pkg/a.go', { 'pkg/a_test.go': '' }, ['go test ./pkg']],
  ['Maven', 'src/main/java/A.java', { 'pom.xml': '', 'src/test/java/ATest.java': '' }, ['mvn -q test -Dtest=ATest']],
  ['a name that looks like an option', '-a.js', { '-a.test.js': '' }, ['node --test ./-a.test.js']],
  ['nothing that runs them', 'A.java', { 'ATest.java': '' }, []],
  ['tests that are kept from models', 'a.js', { '.gitignore': 'a.test.js\n', 'a.test.js': '' }, []],
  ['no tests', 'a.js', { 'b.js': '' }, []],
];

describe('the tests that may check a file', () => {
  let root = '';
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-test-commands-')));
    mkdirSync(join(root, '.git'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const { signal } = new AbortController();
  const ignore = createIgnore({ ownFolders: [] });

  for (const [what, source, files, expected] of projects)
    it(`are found with ${what}`, async () => {
      for (const [path, text] of Object.entries({ ...files, [source]: '' })) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text || 'x'); // empty files are no code
      }
      const roots = [pathToFileURL(root).href];
      const tests = await testCommandsFor(pathToFileURL(join(root, source)).href, { roots, ignore, signal });
      assert.deepEqual(
        tests.map(({ command }) => command.join(' ')),
        expected,
      );
    });

  it('are none of a file outside of the folders that are worked in', async () => {
    writeFileSync(join(root, 'a.test.js'), 'x');
    const roots = [pathToFileURL(join(root, 'inner')).href];
    for (const uri of [pathToFileURL(join(root, 'a.js')).href, 'untitled:a.js'])
      assert.deepEqual(await testCommandsFor(uri, { roots, ignore, signal }), []);
  });
});
