// Tests written for code: the file they land in, and what is refused.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { offsetAt } from '../../../../daemon/base/snippet.ts';
import { createActions } from '../../../../daemon/features/code-actions/perform.ts';
import { createIgnore } from '../../../../daemon/ignore/ignore.ts';
import {
  editFormsWith,
  editGate,
  modelsOf,
  openGate,
  routerTo,
  ScriptedProvider,
  strictLog,
} from '../pipeline/parts.ts';

const languages: Record<string, string> = { ts: 'typescript', py: 'python', rs: 'rust', java: 'java', go: 'go' };

describe('written tests', () => {
  let root = '';
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-tests-')));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const uriOf = (path: string): string => pathToFileURL(join(root, path)).href;

  async function written(source: string, answer: string, files: Record<string, string>, instruction?: string) {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const provider = new ScriptedProvider([answer]);
    const actions = createActions({
      models: modelsOf(routerTo(provider)),
      gate: openGate,
      ignore: createIgnore({ ownFolders: [] }),
      edits: editGate,
      forms: editFormsWith(),
      log: strictLog,
    });
    const text = files[source] ?? '';
    const languageId = languages[source.split('.').at(-1) ?? ''] ?? '';
    const snippet = { uri: uriOf(source), languageId, version: 1, text };
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 5 } };
    const result = await actions.perform(
      { profile: 'default', kind: 'tests', snippet, range, ...(instruction !== undefined && { instruction }) },
      { roots: [pathToFileURL(root).href], signal: new AbortController().signal },
    );
    const [edit] = result.edits ?? [];
    const before = result.document?.text ?? '';
    const after =
      edit &&
      before.slice(0, offsetAt(before, edit.range.start)) +
        edit.newText +
        before.slice(offsetAt(before, edit.range.end));
    return { ...result, after, prompt: provider.requests[0]?.messages.at(-1)?.content ?? '' };
  }

  it('are written as the user asks', async () => {
    const asked = 'Use node:test, and cover the empty list.';
    const { prompt } = await written('src/a.ts', "```ts\nit('x', () => {});\n```", { 'src/a.ts': source }, asked);
    assert.ok(prompt.includes(asked), prompt);
  });

  const source = 'export const one = 1;\n';
  const javaTest = 'class ATest {\n  @Test\n  void one() {}\n}\n';
  const rustTests = '#[cfg(test)]\nmod tests {\n    use super::*;\n}\n';
  const landed: [
    what: string,
    source: string,
    files: Record<string, string>,
    answer: string,
    path: string,
    after: string,
  ][] = [
    [
      'a new file',
      'src/a.ts',
      { 'src/a.ts': source },
      "```ts\nit('x', () => {});\n```",
      'src/a.test.ts',
      "it('x', () => {});\n",
    ],
    [
      'the end of a file',
      'src/a.ts',
      { 'src/a.ts': source, 'src/a.test.ts': "it('one', () => {});\n" },
      "```ts\nit('two', () => {});\n```",
      'src/a.test.ts',
      "it('one', () => {});\n\nit('two', () => {});\n",
    ],
    [
      'the end of a file without a last line end',
      'a.py',
      { 'a.py': 'one = 1\n', 'tests/test_a.py': 'def test_one():\n    assert one == 1' },
      '```python\ndef test_two():\n    assert one != 2\n```',
      'tests/test_a.py',
      'def test_one():\n    assert one == 1\n\ndef test_two():\n    assert one != 2\n',
    ],
    [
      'a class',
      'src/main/java/c/A.java',
      { 'src/main/java/c/A.java': 'class A {}\n', 'src/test/java/c/ATest.java': javaTest },
      '```java\n@Test\nvoid two() {}\n```',
      'src/test/java/c/ATest.java',
      'class ATest {\n  @Test\n  void one() {}\n\n  @Test\n  void two() {}\n}\n',
    ],
    [
      'a module',
      'src/a.rs',
      { 'src/a.rs': `pub fn one() {}\n\n${rustTests}` },
      '```rust\n#[test]\nfn two() {}\n```',
      'src/a.rs',
      `pub fn one() {}\n\n${rustTests.replace(/}\n$/, '\n    #[test]\n    fn two() {}\n}\n')}`,
    ],
    [
      'a new module',
      'src/a.rs',
      { 'src/a.rs': 'pub fn one() {}\n' },
      '```rust\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n```',
      'src/a.rs',
      'pub fn one() {}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n',
    ],
  ];
  for (const [what, path, files, answer, where, after] of landed)
    it(`land in ${what}`, async () => {
      const result = await written(path, answer, files);
      assert.equal(result.document?.uri, uriOf(where), result.note);
      assert.equal(result.after, after);
    });

  it('are asked for in the style of those that are there', async () => {
    const { prompt } = await written('a.ts', 'x', { 'a.ts': source, 'a.test.ts': "import { it } from 'mocha';\n" });
    assert.match(prompt, /import \{ it \} from 'mocha'/);
  });

  const toRead: [what: string, answer: string][] = [
    ['prose', 'I cannot write tests for this.'],
    ['several blocks', '```ts\na();\n```\n```ts\nb();\n```'],
    ['code that does not parse', '```ts\nit(() => {\n```'],
  ];
  for (const [what, answer] of toRead)
    it(`are a text to read where the answer is ${what}`, async () => {
      const { edits, text, note } = await written('a.ts', answer, { 'a.ts': source });
      assert.deepEqual([edits, text], [undefined, answer]);
      assert.match(note ?? '', /^Nothing was added to a\.test\.ts because the answer from lab\/tiny /);
    });

  it('never land in a file that is kept from models', async () => {
    const { edits, text } = await written('a.ts', 'a();', { 'a.ts': source, '.gitignore': '*.test.ts\n' });
    assert.deepEqual([edits, text], [undefined, 'a();']);
  });
});
