// What of a run's changes its user keeps: known to every client, as long as the change is the one that was kept.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { before, describe, it } from 'mocha';
import { UserError } from '../../../../../daemon/base/errors.ts';
import { Folder } from './kit.ts';

const uriOf = (folder: Folder, name: string): string => pathToFileURL(folder.path(name)).href;
const lines = (count: number, changed: Record<number, string> = {}): string =>
  Array.from({ length: count }, (_, at) => `${changed[at + 1] ?? `line ${at + 1}`}\n`).join('');
const three = lines(20, { 3: 'three', 9: 'nine', 15: 'fifteen' });

/** What is still to be decided about, by its new text; a file without lines by its name. */
async function openIn(folder: Folder, jobId = 'run'): Promise<string[]> {
  const { files } = await folder.hunks(jobId);
  return files.flatMap(({ path, hunks, isKept }) => {
    if (isKept) return [];
    return hunks.length === 0
      ? [path]
      : hunks.flatMap((hunk) => (hunk.isKept || hunk.by === 'others' ? [] : [hunk.newText.trim()]));
  });
}

/** Keeps those whose new text has a word in it. */
async function keep(folder: Folder, name: string, word: string) {
  const { files } = await folder.hunks();
  const hunks = files.find(({ path }) => path === name)?.hunks ?? [];
  const ids = hunks.filter(({ newText }) => newText.includes(word)).map(({ id }) => id);
  assert.ok(ids.length > 0, `no change with ${word}`);
  return folder.keep({ uri: uriOf(folder, name), hunks: ids });
}

async function changed(now: string | Buffer = three, old: string | Buffer = lines(20)): Promise<Folder> {
  const folder = new Folder();
  folder.write('a.txt', old);
  await folder.step((f) => f.write('a.txt', now));
  return folder;
}

describe('keeping what the agent changed', () => {
  before(function () {
    if (spawnSync('git', ['--version']).status !== 0) this.skip();
  });

  it('is of single changes, one after the other, until none is left', async () => {
    using folder = await changed();
    assert.deepEqual(await openIn(folder), ['three', 'nine', 'fifteen']);
    assert.deepEqual(await keep(folder, 'a.txt', 'nine'), { kept: ['a.txt'], conflicts: [] });
    assert.deepEqual(await openIn(folder), ['three', 'fifteen']);
    await keep(folder, 'a.txt', 'three');
    await keep(folder, 'a.txt', 'fifteen');
    assert.equal((await folder.hunks()).files[0]?.isKept, true);
    assert.equal(folder.read('a.txt'), three, 'nothing was written');
  });

  it('is of a file, or of all, with what has no lines to show', async () => {
    using folder = await changed();
    await folder.step((f) => f.write('b.bin', Buffer.from([0, 1])).write('c.txt', 'c\n'));
    assert.deepEqual(await folder.keep({ uri: uriOf(folder, 'b.bin') }), { kept: ['b.bin'], conflicts: [] });
    assert.deepEqual(await openIn(folder), ['three', 'nine', 'fifteen', 'c']);
    assert.deepEqual(await folder.keep(), { kept: ['a.txt', 'c.txt'], conflicts: [] });
    assert.deepEqual(await openIn(folder), []);
    assert.deepEqual(await folder.keep(), { kept: [], conflicts: [] }, 'there is nothing left');
    await folder.step((f) => f.write('b.bin', Buffer.from([0, 2])));
    assert.deepEqual(await openIn(folder), ['b.bin'], 'what it is now was never kept');
  });

  it('holds after a restart of the daemon', async () => {
    using folder = await changed();
    await keep(folder, 'a.txt', 'nine');
    folder.restart();
    assert.deepEqual(await openIn(folder), ['three', 'fifteen']);
  });

  it('holds whatever the user or the agent changes elsewhere in the file', async () => {
    using folder = await changed();
    await keep(folder, 'a.txt', 'nine');
    folder.write('a.txt', `mine\n${three}`);
    await folder.step((f) => f.write('a.txt', f.read('a.txt').replace('line 18', 'eighteen')));
    assert.deepEqual(await openIn(folder), ['three', 'fifteen', 'eighteen']);
  });

  it('does not hold for lines that have changed again', async () => {
    using folder = await changed();
    await folder.keep();
    await folder.step((f) => f.write('a.txt', three.replace('nine', 'neuf')));
    assert.deepEqual(await openIn(folder), ['neuf']);
    await folder.keep();
    folder.write('a.txt', three.replace('fifteen', 'mine'));
    assert.deepEqual(await openIn(folder), ['mine'], 'the other is again what was kept');
  });

  it('is of the one file, where another one has the same change', async () => {
    using folder = new Folder();
    await folder.step((f) => f.write('a.txt', 'same\n').write('b.txt', 'same\n'));
    await keep(folder, 'a.txt', 'same');
    assert.deepEqual(
      (await folder.hunks()).files.map(({ isKept }) => isKept),
      [true, false],
    );
  });

  it('is of the one run: a later one that changes the same lines is asked about', async () => {
    using folder = await changed();
    folder.states.set('later', 'done');
    await folder.keep();
    await folder.step((f) => f.write('a.txt', three.replace('nine', 'neuf')), { jobId: 'later' });
    assert.deepEqual(await openIn(folder, 'later'), ['neuf']);
  });

  it('leaves undoing possible, and what comes back by undoing that is still kept', async () => {
    using folder = await changed();
    await folder.keep();
    const { files } = await folder.hunks();
    const ids = files[0]?.hunks.map(({ id }) => id) ?? [];
    const one = await folder.undo(undefined, 'run', { uri: uriOf(folder, 'a.txt'), hunks: ids.slice(0, 1) });
    assert.deepEqual(one.restored, ['a.txt']);
    assert.equal(folder.read('a.txt'), lines(20, { 9: 'nine', 15: 'fifteen' }));
    const all = await folder.undo();
    assert.equal(folder.read('a.txt'), lines(20));
    await folder.undo(all.step);
    await folder.undo(one.step);
    assert.equal(folder.read('a.txt'), three);
    assert.deepEqual(await openIn(folder), []);
  });

  it('names the file of a change that is no longer as it was seen', async () => {
    using folder = await changed();
    const { files } = await folder.hunks();
    const hunks = files[0]?.hunks.map(({ id }) => id) ?? [];
    folder.write('a.txt', three.replace('nine', 'mine'));
    const some = await folder.keep({ uri: uriOf(folder, 'a.txt'), hunks });
    assert.deepEqual(some.kept, ['a.txt']);
    assert.deepEqual(
      some.conflicts.map(({ path, why }) => [path, /no longer as you saw it/.test(why)]),
      [['a.txt', true]],
    );
    assert.deepEqual(await openIn(folder), ['mine']);
    folder.write('a.txt', lines(20));
    const none = await folder.keep({ uri: uriOf(folder, 'a.txt'), hunks });
    assert.deepEqual([none.kept, none.conflicts.map(({ path }) => path)], [[], ['a.txt']]);
  });

  it('is refused of changes without their file, and of a run that is gone', async () => {
    using folder = await changed();
    await assert.rejects(folder.keep({ hunks: ['x'] }), UserError);
    folder.states.clear();
    await assert.rejects(folder.keep(), UserError);
  });

  it('is known of while the run goes on', async () => {
    using folder = await changed();
    folder.states.set('run', 'running');
    await keep(folder, 'a.txt', 'nine');
    assert.deepEqual(await openIn(folder), ['three', 'fifteen']);
  });

  it('is forgotten with the run, and holds no text of the file', async () => {
    using folder = await changed();
    await folder.keep();
    const found = (): string[] =>
      readdirSync(folder.data, { recursive: true, encoding: 'utf8' })
        .map((name) => join(folder.data, name))
        .filter((path) => /[\\/]kept[\\/]/.test(path) && statSync(path).isFile());
    assert.equal(found().length, 1);
    assert.doesNotMatch(readFileSync(found()[0] ?? '', 'utf8'), /three|nine|line/);
    await folder.checkpoints.prune('p', Number.POSITIVE_INFINITY);
    assert.deepEqual(found(), []);
  });
});
