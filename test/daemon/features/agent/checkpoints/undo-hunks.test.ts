// Undo of single changes in a file: everything else in it stays, byte for byte.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { before, describe, it } from 'mocha';
import { UserError } from '../../../../../daemon/base/errors.ts';
import type { RunHunk } from '../../../../../daemon/features/agent/checkpoints/hunks.ts';
import { Folder } from './kit.ts';

const uriOf = (folder: Folder, name: string): string => pathToFileURL(folder.path(name)).href;

async function hunksOf(folder: Folder, name: string, jobId = 'run'): Promise<RunHunk[]> {
  const { files } = await folder.hunks(jobId);
  return files.find(({ path }) => path === name)?.hunks ?? [];
}

/** Undoes those whose new or old text has a word in it. */
async function undo(folder: Folder, name: string, word: string, jobId = 'run') {
  const hunks = await hunksOf(folder, name, jobId);
  const ids = hunks.filter(({ oldText, newText }) => `${oldText}${newText}`.includes(word)).map(({ id }) => id);
  assert.ok(ids.length > 0, `no change with ${word}`);
  return folder.undo(undefined, jobId, { uri: uriOf(folder, name), hunks: ids });
}

const lines = (count: number, changed: Record<number, string> = {}): string =>
  Array.from({ length: count }, (_, at) => `${changed[at + 1] ?? `line ${at + 1}`}\n`).join('');

describe('undo of single changes in a file', () => {
  before(function () {
    if (spawnSync('git', ['--version']).status !== 0) this.skip();
  });

  const kinds: Record<string, [old: string, now: string, word: string, left: string]> = {
    'one of several': ['1\n2\n3\n4\n5\n', '1\ntwo\n3\n4\nfive\n', 'two', '1\n2\n3\n4\nfive\n'],
    'lines that came': ['1\n2\n3\n', '1\nnew\nmore\n2\n3\nend\n', 'more', '1\n2\n3\nend\n'],
    'lines that went': ['1\n2\n3\n4\n5\n', '1\n3\n4\nfive\n', '2\n', '1\n2\n3\n4\nfive\n'],
    'with line ends of Windows': [
      '1\r\n2\r\n3\r\n4\r\n',
      'one\r\n2\r\n3\r\nfour\r\n',
      'one',
      '1\r\n2\r\n3\r\nfour\r\n',
    ],
    'with mixed line ends': ['1\r\n2\n3\r4\n5\n', 'one\n2\n3\r4\nfive\r\n', 'five', 'one\n2\n3\r4\n5\n'],
    'where the file has no last line end': ['1\n2\n3\n4', 'one\n2\n3\n4\n5', '5', 'one\n2\n3\n4'],
    'where the file has lost its last line end': ['1\n2\n3\n4\n', 'one\n2\n3\n4', '4', 'one\n2\n3\n4\n'],
    'with a mark of the byte order': ['\uFEFF1\n2\n3\n4\n', '\uFEFFone\n2\n3\nfour\n', 'one', '\uFEFF1\n2\n3\nfour\n'],
    'with other scripts': ['é\n2\n3\n😀\n', 'è\n2\n3\n🎉\n', 'è', 'é\n2\n3\n🎉\n'],
    'all of them': ['1\n2\n3\n4\n5\n', 'x1\n2\n3\n4\nx5\n', 'x', '1\n2\n3\n4\n5\n'],
  };
  for (const [kind, [old, now, word, left]] of Object.entries(kinds))
    it(`leaves the rest as it is: ${kind}; and can be undone itself`, async () => {
      using folder = new Folder();
      folder.write('a.txt', old, 0o755);
      await folder.step((f) => f.write('a.txt', now));
      const undone = await undo(folder, 'a.txt', word);
      assert.deepEqual([undone.restored, undone.conflicts], [['a.txt'], []]);
      assert.equal(folder.read('a.txt'), left);
      if (process.platform !== 'win32') assert.equal(lstatSync(folder.path('a.txt')).mode & 0o777, 0o755);
      await folder.undo(undone.step);
      assert.equal(folder.read('a.txt'), now);
    });

  it('leaves permissions that the agent has changed', async function () {
    if (process.platform === 'win32') this.skip(); // there are none
    using folder = new Folder();
    folder.write('a.sh', '1\n2\n3\n4\n', 0o644);
    await folder.step((f) => f.write('a.sh', 'one\n2\n3\nfour\n').mode('a.sh', 0o755));
    await undo(folder, 'a.sh', 'one');
    assert.equal(lstatSync(folder.path('a.sh')).mode & 0o777, 0o755);
  });

  it('goes on, one after the other, to the file as it was', async () => {
    using folder = new Folder();
    folder.write('a.txt', lines(20));
    await folder.step((f) => f.write('a.txt', lines(20, { 3: 'three', 9: 'nine', 15: 'fifteen' })));
    const ids = (await hunksOf(folder, 'a.txt')).map(({ id }) => id);
    for (const id of ids.toReversed())
      assert.deepEqual(
        (await folder.undo(undefined, 'run', { uri: uriOf(folder, 'a.txt'), hunks: [id] })).conflicts,
        [],
      );
    assert.equal(folder.read('a.txt'), lines(20));
    assert.deepEqual((await folder.hunks()).files, []);
  });

  it('knows a change again after others were undone, and the user wrote elsewhere', async () => {
    using folder = new Folder();
    folder.write('a.txt', lines(20));
    await folder.step((f) => f.write('a.txt', lines(20, { 3: 'three', 9: 'nine\nnew', 15: 'fifteen' })));
    const [three, nine, fifteen] = await hunksOf(folder, 'a.txt');
    await undo(folder, 'a.txt', 'nine');
    folder.write('a.txt', `mine\n${folder.read('a.txt')}`);
    const left = (await hunksOf(folder, 'a.txt')).filter(({ by }) => by === 'agent').map(({ id }) => id);
    assert.deepEqual(left, [three?.id, fifteen?.id]);
    const again = await folder.undo(undefined, 'run', { uri: uriOf(folder, 'a.txt'), hunks: [nine?.id ?? ''] });
    assert.match(again.conflicts[0]?.why ?? '', /is no longer as you saw it/);
    assert.equal(again.step, undefined);
  });

  for (const [where, text, isLeft] of [
    ['elsewhere', lines(20, { 3: 'three', 12: 'mine' }), false],
    ['above', `mine\n${lines(20, { 3: 'three' })}`, false],
    ['in the next line but one', lines(20, { 3: 'three', 5: 'mine' }), false],
    ['in the very lines', lines(20, { 3: 'three, and mine' }), true],
    ['in the next line', lines(20, { 3: 'three', 4: 'mine' }), true],
  ] as const)
    it(`${isLeft ? 'is refused' : 'works'} where the user has written ${where}`, async () => {
      using folder = new Folder();
      folder.write('a.txt', lines(20));
      await folder.step((f) => f.write('a.txt', lines(20, { 3: 'three' })));
      folder.write('a.txt', text);
      const { conflicts } = await undo(folder, 'a.txt', 'three');
      assert.equal(folder.read('a.txt'), isLeft ? text : text.replace('three', 'line 3'));
      assert.deepEqual(
        conflicts.map(({ path, why }) => [path, /by you or another program/.test(why)]),
        isLeft ? [['a.txt', true]] : [],
      );
    });

  it('takes nothing that the user wrote between two steps for the agent’s', async () => {
    using folder = new Folder();
    folder.write('a.txt', lines(20));
    await folder.step((f) => f.write('a.txt', lines(20, { 3: 'three' })));
    folder.write('a.txt', lines(20, { 3: 'three', 9: 'mine', 15: 'mine too' }));
    await folder.step((f) => f.write('a.txt', lines(20, { 3: 'three', 9: 'mine', 15: 'mine, made better' })));
    assert.deepEqual(
      (await hunksOf(folder, 'a.txt')).map(({ newText, by }) => [newText, by]),
      [
        ['three\n', 'agent'],
        ['mine\n', 'others'],
        ['mine, made better\n', 'both'],
      ],
    );
    await undo(folder, 'a.txt', 'three');
    assert.equal(folder.read('a.txt'), lines(20, { 9: 'mine', 15: 'mine, made better' }));
  });

  it('of an earlier run leaves what a later one has changed', async () => {
    using folder = new Folder();
    folder.states.set('later', 'done');
    folder.write('a.txt', lines(20));
    await folder.step((f) => f.write('a.txt', lines(20, { 3: 'three', 9: 'nine' })));
    await folder.step((f) => f.write('a.txt', lines(20, { 3: 'three', 9: 'NINE', 15: 'fifteen' })), { jobId: 'later' });
    assert.match((await undo(folder, 'a.txt', 'NINE')).conflicts[0]?.why ?? '', /another program/);
    assert.deepEqual((await undo(folder, 'a.txt', 'NINE', 'later')).conflicts, []);
    assert.deepEqual((await undo(folder, 'a.txt', 'nine')).conflicts, [], 'the later run has it no more');
    assert.deepEqual((await undo(folder, 'a.txt', 'three')).conflicts, []);
    assert.equal(folder.read('a.txt'), lines(20, { 15: 'fifteen' }));
  });

  it('brings a deleted file back, and takes a created one away, with its folder', async () => {
    using folder = new Folder();
    folder.write('old.txt', '\uFEFFone\ntwo\n', 0o755);
    const were = folder.walk();
    await folder.step((f) => f.remove('old.txt').write('src/new.txt', 'one\ntwo\n'));
    await undo(folder, 'old.txt', 'one');
    await undo(folder, 'src/new.txt', 'one');
    assert.deepEqual(folder.walk(), were);
  });

  it('leaves a created file that the user has added to', async () => {
    using folder = new Folder();
    await folder.step((f) => f.write('new.txt', 'one\n'));
    folder.write('new.txt', 'one\nmine\n');
    const { conflicts } = await undo(folder, 'new.txt', 'one');
    assert.equal(conflicts.length, 1);
    assert.equal(folder.read('new.txt'), 'one\nmine\n');
  });

  it('is refused of what is not text, of hunks that were never there, and without a file', async () => {
    using folder = new Folder();
    folder.write('a.bin', Buffer.from([0, 1])).write('b.txt', '1\n');
    await folder.step((f) => f.write('a.bin', Buffer.from([0, 2])).write('b.txt', '2\n'));
    for (const [name, why] of [
      ['a.bin', /isn't text/],
      ['b.txt', /is no longer as you saw it/],
    ] as const) {
      const kept = readFileSync(folder.path(name));
      const { conflicts } = await folder.undo(undefined, 'run', { uri: uriOf(folder, name), hunks: ['never'] });
      assert.match(conflicts[0]?.why ?? '', why);
      assert.deepEqual(readFileSync(folder.path(name)), kept);
    }
    await assert.rejects(folder.undo(undefined, 'run', { hunks: ['never'] }), UserError);
  });

  it('is refused while the run is going on, and where an editor has unsaved changes', async () => {
    using folder = new Folder();
    folder.write('a.txt', lines(9));
    await folder.step((f) => f.write('a.txt', lines(9, { 3: 'three' })));
    const hunks = (await hunksOf(folder, 'a.txt')).map(({ id }) => id);
    const uri = uriOf(folder, 'a.txt');
    const { conflicts } = await folder.undo(undefined, 'run', { uri, hunks, openTexts: () => ['mine\n'] });
    assert.match(conflicts[0]?.why ?? '', /unsaved changes/);
    folder.states.set('run', 'running');
    await assert.rejects(folder.undo(undefined, 'run', { uri, hunks }), /isn't over yet/);
    assert.equal(folder.read('a.txt'), lines(9, { 3: 'three' }));
  });

  it('can be undone as a whole afterwards', async () => {
    using folder = new Folder();
    folder.write('a.txt', lines(20));
    const were = folder.walk();
    await folder.step((f) => f.write('a.txt', lines(20, { 3: 'three', 9: 'nine' })));
    await undo(folder, 'a.txt', 'nine');
    assert.deepEqual((await folder.undo()).conflicts, []);
    assert.deepEqual(folder.walk(), were);
  });

  it('knows its changes among many lines that others have written', async () => {
    using folder = new Folder();
    const count = 100_000;
    folder.write('a.txt', lines(count));
    await folder.step((f) => f.write('a.txt', lines(count, { 10: 'ten', 99990: 'end' })));
    folder.write('a.txt', lines(count, { 10: 'ten', 500: 'mine', 99990: 'end' }));
    await undo(folder, 'a.txt', 'end');
    assert.equal(folder.read('a.txt'), lines(count, { 10: 'ten', 500: 'mine' }));
  });
});
