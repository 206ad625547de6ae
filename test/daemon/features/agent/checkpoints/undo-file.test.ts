// Undo of one file, and of files that an editor has open.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import { Folder } from './kit.ts';

const uriOf = (folder: Folder, name: string): string => pathToFileURL(folder.path(name)).href;
const percentEncoded = (uri: string): string => uri.replace(/\.(?=\w+$)/, '%2E');

/** Two steps: one file is changed twice, one is created, one goes. */
async function changedFolder(): Promise<Folder> {
  const folder = new Folder().write('a.ts', 'one\r\n').write('gone.ts', 'gone\n');
  await folder.step((f) => f.write('a.ts', 'two\r\n').write('new/b.ts', 'new\n').remove('gone.ts'));
  await folder.step((f) => f.write('a.ts', 'three\r\n'));
  return folder;
}

describe('undo of one file', () => {
  const files: Record<string, [uri: (folder: Folder) => string, restored: string]> = {
    'that was changed': [(f) => uriOf(f, 'a.ts'), 'a.ts'],
    'that was changed, by another spelling of its name': [(f) => percentEncoded(uriOf(f, 'a.ts')), 'a.ts'],
    'that was created': [(f) => uriOf(f, 'new/b.ts'), 'new/b.ts'],
    'that was deleted': [(f) => uriOf(f, 'gone.ts'), 'gone.ts'],
  };
  for (const [which, [uri, restored]] of Object.entries(files))
    it(`puts back the one ${which} and no other, and can be undone`, async () => {
      using folder = await changedFolder();
      const before = folder.walk();
      const undone = await folder.undo(undefined, 'run', { uri: uri(folder) });
      assert.deepEqual([undone.restored, undone.conflicts], [[restored], []]);
      const rest = (walk: Record<string, string>) =>
        Object.entries(walk).filter(([path]) => path !== restored && !restored.startsWith(`${path}/`));
      assert.deepEqual(rest(folder.walk()), rest(before));
      await folder.undo(undone.step);
      assert.deepEqual(folder.walk(), before);
    });

  it('leaves nothing to do for one that the run has not changed', async () => {
    using folder = await changedFolder();
    const before = folder.walk();
    assert.deepEqual(await folder.undo(undefined, 'run', { uri: uriOf(folder, 'c.ts') }), {
      restored: [],
      conflicts: [],
    });
    assert.deepEqual(folder.walk(), before);
  });
});

describe('undo of a file that an editor has open', () => {
  const texts: Record<string, [text: string, isUnsaved: boolean]> = {
    'as it is on the disk': ['three\n', false],
    'as it was before the run': ['one\r\n', false],
    'as it was between two steps': ['two\n', false],
    'with a mark of the byte order': ['\uFEFFthree\n', false],
    'with what nobody has saved': ['three\nmine\n', true],
    'with other line ends and what nobody has saved': ['mine\r\n', true],
  };
  for (const [how, [text, isUnsaved]] of Object.entries(texts))
    it(`${isUnsaved ? 'leaves it, and says so' : 'puts it back'}, ${how}`, async () => {
      using folder = await changedFolder();
      const openTexts = (uri: string): string[] => (uri === uriOf(folder, 'a.ts') ? ['three\n', text] : []);
      const { restored, conflicts } = await folder.undo(undefined, 'run', { openTexts });
      assert.deepEqual(restored.includes('a.ts'), !isUnsaved);
      assert.deepEqual(
        conflicts.map(({ path, why }) => [path, /unsaved changes/.test(why)]),
        isUnsaved ? [['a.ts', true]] : [],
      );
      assert.equal(folder.read('a.ts'), isUnsaved ? 'three\r\n' : 'one\r\n');
      assert.equal(folder.read('gone.ts'), 'gone\n', 'the others are put back');
    });
});
