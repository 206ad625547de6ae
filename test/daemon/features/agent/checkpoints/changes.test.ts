// What a run changed, as hunks that can be kept or undone one by one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { before, describe, it } from 'mocha';
import { replaceIn } from '../../../../../daemon/base/snippet.ts';
import { hunksBetween } from '../../../../../daemon/features/agent/checkpoints/hunks.ts';
import { snapshotLimits } from '../../../../../daemon/features/agent/checkpoints/snapshot.ts';
import { takenBack } from '../../../../../shared/edits/take-back.ts';
import { Folder } from './kit.ts';

describe('the changes of a run', () => {
  before(function () {
    if (spawnSync('git', ['--version']).status !== 0) this.skip();
  });

  it('are those between what was there at first and what is there now', async () => {
    using folder = new Folder();
    folder.write('a.txt', 'one\ntwo\nthree\nfour\n').write('gone.txt', 'x\ny\n').write('back.txt', '1\n');
    await folder.step((f) => f.write('a.txt', 'one\n2\nthree\nfour\n').write('back.txt', '2\n'));
    await folder.step((f) =>
      f.write('a.txt', 'one\n2\nthree\nfour\nfive\n').remove('gone.txt').write('new.txt', 'n\n'),
    );
    await folder.step((f) => f.write('back.txt', '1\n'));
    const { files, notes } = await folder.hunks();
    assert.deepEqual(
      files.map(({ path, change, added, removed }) => [path, change, added, removed]),
      [
        ['a.txt', 'changed', 2, 1],
        ['gone.txt', 'deleted', 0, 2],
        ['new.txt', 'created', 1, 0],
      ],
    );
    assert.deepEqual(
      files[0]?.hunks.map(({ oldText, newText }) => [oldText, newText]),
      [
        ['two\n', '2\n'],
        ['', 'five\n'],
      ],
    );
    assert.deepEqual(notes, []);
  });

  it('say of what is not text that it can only be undone as a whole', async () => {
    using folder = new Folder();
    folder.write('a.bin', Buffer.from([0, 1]));
    await folder.step((f) => f.write('a.bin', Buffer.from([0, 2])));
    const { files, notes } = await folder.hunks();
    assert.deepEqual(
      files.map(({ path, hunks }) => [path, hunks]),
      [['a.bin', []]],
    );
    assert.match(notes.join(' '), /a\.bin isn't text/);
  });

  it('name permissions', async function () {
    if (process.platform === 'win32') this.skip(); // there are none
    using folder = new Folder();
    folder.write('run.sh', 'x\n', 0o644);
    await folder.step((f) => f.mode('run.sh', 0o755));
    assert.deepEqual((await folder.hunks()).notes, ['run.sh has other permissions: 644 became 755.']);
  });

  const endings: [what: string, before: string, after: string, note: string][] = [
    ['LF that became CRLF', 'a\nb\n', 'a\r\nb\r\n', 'LF became CRLF'],
    ['CRLF that became LF', 'a\r\nb\r\n', 'a\nb\n', 'CRLF became LF'],
    ['one that differs now', 'a\nb\n', 'a\r\nb\n', 'LF became mixed'],
    ['mixed ones that changed places', 'a\nb\r\n', 'a\r\nb\n', 'some changed'],
  ];
  for (const [what, old, now, note] of endings)
    it(`name line endings: ${what}`, async () => {
      using folder = new Folder();
      folder.write('a.txt', old);
      await folder.step((f) => f.write('a.txt', now));
      assert.deepEqual((await folder.hunks()).notes, [`a.txt has other line endings: ${note}.`]);
    });

  it('name no line endings that stayed', async () => {
    using folder = new Folder();
    folder.write('a.txt', 'a\r\nb\r\n').write('b.txt', 'a');
    await folder.step((f) => f.write('a.txt', 'a\r\nc\r\n').write('b.txt', 'a\n').write('new.txt', 'x\r\n'));
    assert.deepEqual((await folder.hunks()).notes, []);
  });

  it('say of what was too large to be kept that it stays', async () => {
    using folder = new Folder({ limits: { ...snapshotLimits, maxFileBytes: 10 } });
    folder.write('big.txt', 'more than ten bytes\n');
    await folder.step((f) => f.write('big.txt', 'other bytes, and many\n'));
    assert.deepEqual((await folder.hunks()).notes, ["big.txt was too large to be kept, so it can't be undone."]);
  });

  it('of a run that changed nothing are none', async () => {
    using folder = new Folder();
    await folder.step(() => {});
    assert.deepEqual(await folder.hunks(), { files: [], notes: [] });
  });
});

describe('hunks between two texts', () => {
  const pairs: [string, string, string][] = [
    ['lines that changed', 'a\nb\nc\nd\ne\n', 'a\nB\nc\nd\nE\n'],
    ['lines that came and went', 'a\nb\nc\nd\n', 'x\na\nd\ny\n'],
    ['line ends', 'a\r\nb\r\nc\n', 'a\nb\r\nc\r\n'],
    ['a last line end that went', 'a\nb\n', 'a\nb'],
    ['a last line end that came', 'a\nb', 'a\nb\n'],
    ['lines behind a last one without an end', 'a', 'a\nb\nc'],
    ['an empty text that was filled', '', 'a\nb'],
    ['a text that was emptied', 'a\r\nb', ''],
    ['carriage returns alone', 'a\rb\rc', 'a\rB\rc'],
    ['blank lines', '\n\n\n', '\n\n'],
    ['other planes', '😀\nb\n', '😀😀\nb\n'],
  ];
  for (const [title, old, now] of pairs)
    it(`lead there and back for ${title}`, () => {
      const hunks = hunksBetween(old, now);
      assert.equal(hunks.toReversed().reduce(replaceIn, old), now);
      const back = takenBack(hunks);
      assert.deepEqual(
        back.map(({ oldText }) => oldText),
        hunks.map(({ newText }) => newText),
      );
      assert.equal(back.toReversed().reduce(replaceIn, now), old);
    });
});
