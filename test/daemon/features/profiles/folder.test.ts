// By what a project is known again, with real repositories and real storage: renamed, cloned, checked out elsewhere, shallow.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { createProfileAdmin } from '../../../../daemon/features/profiles/admin.ts';
import { SessionProfiles } from '../../../../daemon/sessions/session-profiles.ts';
import type { SessionView } from '../../../../daemon/sessions/session-view.ts';
import { sessionView } from '../../../fakes/session-view.ts';
import {
  openTestStorage,
  silentLog,
  type TestFolder,
  type TestStorage,
  testFolder,
} from '../../storage/open-storage.ts';

describe('the project of a folder', () => {
  let home: TestFolder;
  let memory: TestStorage;
  before(() => {
    home = testFolder();
    memory = openTestStorage(home.database);
  });
  after(async () => {
    await memory[Symbol.asyncDispose]();
    home[Symbol.dispose]();
  });

  const at = (...names: string[]): string => join(home.path, ...names);
  const sessionIn = (path: string, profile?: string): SessionView =>
    sessionView({ options: profile === undefined ? {} : { profile }, roots: [pathToFileURL(path).href] });
  const projectIn = async (path: string) =>
    (await new SessionProfiles({ storage: memory, log: silentLog }).projectOf(sessionIn(path)))?.id ??
    assert.fail('no project');
  const folder = (name: string): string => {
    mkdirSync(at(name), { recursive: true });
    return at(name);
  };
  const repository = (name: string, commits = 2): string => {
    git(folder(name), 'init', '-q');
    for (let i = 1; i <= commits; i++) git(at(name), 'commit', '-q', '--allow-empty', '-m', `${name} ${i}`);
    return at(name);
  };

  it('is found without waiting for a pipe where a file should be', async function () {
    if (process.platform === 'win32') this.skip(); // no mkfifo there
    mkdirSync(at('piped', '.switchyard'), { recursive: true });
    execFileSync('mkfifo', [at('piped', '.switchyard', 'project.json'), at('piped', '.git')]);
    assert.ok(await projectIn(at('piped')));
  });

  it('is the same in clones, work trees, folders below it and after a rename', async () => {
    const id = await projectIn(repository('shop'));
    git(home.path, 'clone', '-q', at('shop'), at('clone'));
    git(at('shop'), 'worktree', 'add', '-q', at('tree'));
    mkdirSync(at('clone', 'src', 'deep'), { recursive: true });
    for (const path of [at('clone'), at('tree'), at('clone', 'src', 'deep'), at('shop')])
      assert.equal(await projectIn(path), id, path);
    renameSync(at('clone'), at('renamed'));
    assert.equal(await projectIn(at('renamed')), id);
    assert.notEqual(await projectIn(repository('other')), id);
  });

  it('is that of the full clone in a shallow one of the same remote, whatever the remote is called', async () => {
    repository('origin', 3);
    const [full, shallow] = [at('full'), at('shallow')];
    git(home.path, 'clone', '-q', at('origin'), full);
    git(home.path, 'clone', '-q', '--depth', '1', pathToFileURL(at('origin')).href, shallow);
    git(full, 'remote', 'set-url', 'origin', 'git@example.org:lab/origin.git');
    git(shallow, 'remote', 'set-url', 'origin', 'https://me@example.org/lab/origin');
    const id = await projectIn(full);
    assert.equal(await projectIn(shallow), id);
    git(shallow, 'remote', 'set-url', 'origin', 'https://example.org/lab/another');
    rmSync(at('shallow2'), { recursive: true, force: true });
    git(home.path, 'clone', '-q', '--depth', '1', pathToFileURL(at('origin')).href, at('shallow2'));
    git(at('shallow2'), 'remote', 'set-url', 'origin', 'https://example.org/lab/another');
    assert.notEqual(await projectIn(at('shallow2')), id);
  });

  it('is known by the folder itself before its first commit, and by the commit from then on', async () => {
    git(folder('fresh'), 'init', '-q');
    const id = await projectIn(at('fresh'));
    git(at('fresh'), 'commit', '-q', '--allow-empty', '-m', 'first of fresh');
    assert.equal(await projectIn(at('fresh')), id);
    git(home.path, 'clone', '-q', at('fresh'), at('fresh-clone'));
    assert.equal(await projectIn(at('fresh-clone')), id);
  });

  it('is known without a repository after a rename, and by an id file wherever that is', async () => {
    const id = await projectIn(folder('plain'));
    renameSync(at('plain'), at('plain-renamed'));
    assert.equal(await projectIn(at('plain-renamed')), id);
    assert.notEqual(await projectIn(folder('plain')), id);
    for (const name of ['copy-1', 'copy-2']) {
      folder(join(name, '.switchyard'));
      writeFileSync(at(name, '.switchyard', 'project.json'), JSON.stringify({ id: 'shared-by-copies' }));
    }
    assert.equal(await projectIn(at('copy-1')), await projectIn(at('copy-2')));
    for (const broken of ['', '{', '{"id": 5}', '{"id": "../../x"}']) {
      writeFileSync(at('copy-2', '.switchyard', 'project.json'), broken);
      await projectIn(at('copy-2'));
    }
  });

  it('nothing is written into the folder', async () => {
    folder('untouched');
    await projectIn(at('untouched'));
    assert.deepEqual(readdirSync(at('untouched')), []);
  });

  it('is an orphan when its folder is gone, and is attached where that is now, chats and all', async () => {
    const admin = createProfileAdmin({ storage: memory, holders: [] });
    const id = await projectIn(folder('lost'));
    await memory.chats.createChat({ title: 'About the lost', projectId: id });
    rmSync(at('lost'), { recursive: true });
    assert.equal((await admin.projects('default')).find((project) => project.id === id)?.orphan, true);
    const found = await projectIn(folder('found'));
    assert.notEqual(found, id);
    await assert.rejects(admin.attach('default', id, pathToFileURL(at('nowhere')).href), { code: 'no-such-folder' });
    const { orphan, chatCount } = await admin.attach('default', id, pathToFileURL(at('found')).href);
    assert.deepEqual([orphan, chatCount], [false, 1]);
    assert.equal(await projectIn(at('found')), id);
  });

  it('decides where a session begins once it is bound, in every clone; a profile that the client names goes first', async () => {
    const work = await memory.profiles.create({ name: 'Work' });
    const sessionProfiles = new SessionProfiles({ storage: memory, log: silentLog });
    const first = sessionIn(repository('bound'));
    assert.equal(await sessionProfiles.profileOf(first), 'default');
    await sessionProfiles.use(first, 'work', { bind: true });
    assert.equal(await sessionProfiles.profileOf(first), work.id);
    git(home.path, 'clone', '-q', at('bound'), at('bound-clone'));
    assert.equal(await sessionProfiles.profileOf(sessionIn(at('bound-clone'))), work.id);
    assert.equal(await sessionProfiles.profileOf(sessionIn(at('bound'), 'default')), 'default');
    assert.equal(await sessionProfiles.profileOf(sessionIn(at('plain'))), 'default');
    await assert.rejects(sessionProfiles.profileOf(sessionIn(at('bound'), 'none')), { code: 'profile-not-found' });
    await assert.rejects(sessionProfiles.use({ ...sessionIn(at('bound')), roots: [] }, 'work', { bind: true }), {
      code: 'no-project',
    });
  });
});

function git(folder: string, ...args: string[]): void {
  const env = {
    ...process.env,
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@example.org',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@example.org',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  execFileSync('git', ['-C', folder, '-c', 'protocol.file.allow=always', ...args], { env, stdio: 'pipe' });
}
