// What is left of a run when the daemon didn't end by itself.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type SetAside, SettingsGuard } from '../../../../../daemon/features/agent/sandbox/settings-guard.ts';
import { type TestFolder, testFolder } from '../../../storage/open-storage.ts';

describe('settings of a folder, after a crash', () => {
  let home: TestFolder;
  let root: string;
  let folder: string;
  let untold: SetAside[];
  beforeEach(() => {
    untold = [];
    home = testFolder();
    [root, folder] = [join(home.path, 'project'), join(home.path, 'own')];
    mkdirSync(root);
  });
  afterEach(() => home[Symbol.dispose]());
  const guard = (maxRunMs = 60_000) =>
    new SettingsGuard({ folder, maxRunMs, onUntold: (setAside) => void untold.push(setAside) });
  const hold = () => guard().hold(root, { installs: false });

  it('takes away what it had made', async () => {
    await hold();
    assert.ok(existsSync(join(root, '.vscode')));
    await guard().recover();
    assert.deepEqual([readdirSync(root), readdirSync(folder)], [[], []]);
  });

  it('leaves what the user has put in it', async () => {
    await hold();
    writeFileSync(join(root, '.vscode/settings.json'), '{}');
    await guard().recover();
    assert.ok(existsSync(join(root, '.vscode/settings.json')));
  });

  it('sets aside what a program had made', async () => {
    await hold();
    mkdirSync(join(root, '.git'));
    await guard().recover();
    assert.deepEqual(readdirSync(root), []);
    const [name = ''] = readdirSync(folder);
    assert.deepEqual(readdirSync(join(folder, name)), ['.git']);
    assert.deepEqual(untold, [{ names: ['.git'], folder: join(folder, name) }]);
    assert.equal(await guard().countSetAside(), 1);
  });

  it('leaves what was made long after', async () => {
    await hold();
    mkdirSync(join(root, '.git'));
    await guard(-60_000).recover();
    assert.deepEqual(readdirSync(root), ['.git']);
  });

  it('goes on where its notes are not whole', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'x.json'), '{"root"');
    const { release } = await hold();
    assert.equal(await release(), undefined);
    assert.deepEqual(readdirSync(root), []);
  });

  it('comes before the next program, where nothing else has asked for it', async () => {
    await hold();
    mkdirSync(join(root, '.git'));
    const { paths, release } = await hold();
    assert.deepEqual(paths, [join(root, '.vscode')]);
    await release();
    assert.deepEqual(readdirSync(root), []);
  });
});
