// Which files' folders are trusted, for every kind of client; and where that is kept.
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createLog, Redactor } from '../../../daemon/base/log.ts';
import type { SessionView } from '../../../daemon/sessions/session-view.ts';
import { Trust } from '../../../daemon/sessions/trust.ts';
import { sessionView } from '../../fakes/session-view.ts';

describe('the trust of a folder', () => {
  let place = '';
  let trust: Trust;
  const at = (...names: string[]): string => join(place, ...names);
  const uri = (...names: string[]): string => pathToFileURL(at(...names)).href;
  const store = (): string => at('data', 'trust.json');

  beforeEach(() => {
    place = mkdtempSync(join(realpathSync(tmpdir()), 'switchyard-trust-'));
    for (const folder of ['window/src', 'other', 'code/one/deep', 'code/two'])
      mkdirSync(at(folder), { recursive: true });
    symlinkSync(at('other'), at('window', 'way-out'), 'junction');
    symlinkSync(at('window'), at('way-in'), 'junction');
    trust = new Trust({ dataDir: at('data'), log: createLog({ file: at('log'), redactor: new Redactor() }).log });
  });
  afterEach(() => rmSync(place, { recursive: true }));

  const clients: Record<string, Partial<SessionView>> = {
    'says that its window is trusted': { options: { workspaceTrusted: true } },
    'says that its window is not': { options: { workspaceTrusted: false } },
    'says nothing': { options: {} },
  };
  const files = [
    'window/src/a.ts',
    'window/new.ts',
    'other/a.ts',
    'window/way-out/a.ts',
    'way-in/src/a.ts',
    'code/one/a.ts',
  ];

  /** Which of the files are trusted, after the user has said something of folders. */
  async function trusted(client: string, said: Record<string, boolean> = {}): Promise<string[]> {
    for (const [folder, answer] of Object.entries(said)) await trust.set(uri(folder), answer);
    const session = sessionView({ roots: [uri('window')], ...clients[client] });
    const answers = await Promise.all(files.map((file) => trust.trusts(session, at(file))));
    return files.filter((_, index) => answers[index]);
  }

  const inWindow = ['window/src/a.ts', 'window/new.ts', 'way-in/src/a.ts'];
  const cases: [client: string, said: Record<string, boolean>, expected: string[]][] = [
    ['says nothing', {}, []],
    ['says that its window is not', {}, []],
    ['says that its window is trusted', {}, inWindow],
    ['says nothing', { window: true }, inWindow],
    ['says nothing', { 'way-in': true }, inWindow],
    ['says that its window is not', { window: true }, []],
    ['says that its window is trusted', { window: false }, inWindow],
    ['says that its window is trusted', { other: true }, [...inWindow, 'other/a.ts', 'window/way-out/a.ts']],
    ['says that its window is not', { other: true }, ['other/a.ts', 'window/way-out/a.ts']],
    ['says nothing', { code: true }, ['code/one/a.ts']],
    ['says nothing', { code: true, 'code/one': false }, []],
    ['says nothing', { code: false, 'code/one': true }, ['code/one/a.ts']],
    ['says nothing', { 'code/one/deep': true, 'code/two': true }, []],
  ];
  for (const [client, said, expected] of cases)
    it(`holds for ${expected.join(', ') || 'no file'} where a client ${client} and the user said ${JSON.stringify(said)}`, async () => {
      assert.deepEqual((await trusted(client, said)).toSorted(), expected.toSorted());
    });

  it('of a file that is a link is that of the file it leads to, too', async () => {
    await writeFile(at('other', 'a.ts'), '');
    symlinkSync(at('other', 'a.ts'), at('window', 'link.ts'));
    const session = sessionView({ roots: [uri('window')], options: { workspaceTrusted: true } });
    assert.equal(await trust.trusts(session, at('window', 'link.ts')), false);
  });

  it('is kept for the user alone, in the data folder, and is there for the next daemon', async () => {
    await trust.set(uri('window'), true);
    assert.equal(dirname(store()), at('data'));
    if (process.platform !== 'win32') assert.equal(statSync(store()).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(at('window')).toSorted(), ['src', 'way-out']);
    assert.deepEqual(JSON.parse(readFileSync(store(), 'utf8')), { folders: { [at('window')]: true } });
  });

  for (const [what, text] of Object.entries({
    'is cut': '{"folders":{"/":tr',
    'is of another shape': '{"folders":["/"]}',
    'has words for answers': '{"folders":{"/":"yes"}}',
    'is empty': '',
  }))
    it(`is given to nothing by a list that ${what}`, async () => {
      mkdirSync(at('data'));
      await writeFile(store(), text);
      assert.deepEqual(await trusted('says nothing'), []);
    });

  it('is asked for the repository around a file, and known by what was said of the nearest folder', async () => {
    mkdirSync(at('code', '.git'));
    assert.deepEqual(await trust.about(uri('code/one/a.ts'), [uri('code/one')]), { root: uri('code') });
    await trust.set(uri('code/one'), true);
    assert.deepEqual(await trust.about(uri('code/one/a.ts'), []), { root: uri('code'), trusted: true });
    assert.deepEqual(await trust.about(uri('other/a.ts'), [uri('code')]), { root: uri('other') });
  });

  it('cannot be given to what is no folder', async () => {
    await writeFile(at('file'), '');
    for (const root of [uri('nowhere'), uri('file'), 'untitled:a'])
      await assert.rejects(trust.set(root, true), { code: 'no-folder' });
  });

  it('is explained once for each folder to an editor that says nothing of it, and to no other client', async () => {
    const hints = async (session: SessionView): Promise<(string | undefined)[]> =>
      Promise.all(['window/src/a.ts', 'window/new.ts', 'other/a.ts'].map((file) => trust.hint(session, at(file))));
    const silent = await hints(sessionView({ roots: [uri('window')] }));
    assert.equal(silent.filter((hint) => hint !== undefined).length, 2);
    assert.match(silent[2] ?? '', /other isn't trusted.*switchyard trust/);
    for (const quiet of [{ isEditor: false }, { options: { workspaceTrusted: false } }])
      assert.deepEqual(await hints(sessionView({ roots: [uri('window')], ...quiet })), [
        undefined,
        undefined,
        undefined,
      ]);
  });

  it('can be taken back of a folder that is gone, and of no other', async () => {
    await trust.set(uri('other'), true);
    rmSync(at('other'), { recursive: true });
    await trust.set(uri('other'), false);
    assert.deepEqual(trust.list(), [{ root: uri('other'), trusted: false }]);
    await assert.rejects(trust.set(uri('other'), true), { code: 'no-folder' });
    await assert.rejects(trust.set(uri('never'), false), { code: 'no-folder' });
  });
});
