// Files with sign-ins: programs see those that the user shows them, while they have the network; and what the doctor says of all this.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'mocha';
import { Sandbox } from '../../../../../daemon/features/agent/sandbox/sandbox.ts';
import { testFolder } from '../../../storage/open-storage.ts';
import { inShellShown, ways, Yard } from './yard.ts';

function put(yard: Yard, path: string, text: string): void {
  mkdirSync(dirname(join(yard.home, path)), { recursive: true });
  writeFileSync(join(yard.home, path), text);
}

const token = '//registry.example/:_authToken=PRIVATE-';

for (const wrapper of ways)
  describe(`sign-ins behind the fence that ${wrapper.program} makes`, () => {
    before(async function () {
      using yard = new Yard(wrapper);
      if (!(await yard.folder.sandbox.canIsolate(yard.folder.root))) this.skip(); // this system lacks it, or allows it not
    });

    for (const [network, seen] of [
      [true, ['PRIVATE-npmrc', 'PRIVATE-docker']],
      [false, []],
    ] as const)
      it(`shows those of the list alone, with the network ${network ? 'on' : 'off'}`, async () => {
        const shown = ['~/.npmrc', '~/.docker/config.json', '~/.ssh', '~/../own/token', 'sub/relative'];
        using yard = new Yard(wrapper, { shown });
        put(yard, 'dotfiles/npmrc', `${token}npmrc`);
        symlinkSync('dotfiles/npmrc', join(yard.home, '.npmrc'));
        for (const [path, name] of [
          ['.docker/config.json', 'docker'],
          ['.docker/other.json', 'other'],
          ['.ssh/id', 'ssh'],
          ['.pypirc', 'pypi'],
          ['../own/token', 'own'],
        ] as const)
          put(yard, path, `${token}${name}`);
        const said = await yard.run(
          inShellShown('cat $(find "$1/home" "$1/own" -type f) | grep -o "PRIVATE-[a-z]*" | sort -r'),
          { network },
        );
        assert.deepEqual(said.match(/PRIVATE-[a-z]+/g) ?? [], [...seen]);
      });

    it('names in the question what a program can read', async () => {
      using yard = new Yard(wrapper, { shown: ['~/.npmrc', '~/.pypirc'] });
      put(yard, '.npmrc', token);
      const { approval } = await yard.folder.prepare('run', { argv: ['node', '--version'], network: true });
      assert.ok(approval?.shown.text.endsWith(`It can read ${yard.home}/.npmrc, as set in config.json.`));
      const { approval: without } = await yard.folder.prepare('run', { argv: ['node', '--version'] });
      assert.doesNotMatch(without?.shown.text ?? '', /npmrc/);
    });

    const refused = "console.error('npm error code E401'); process.exitCode = 1;";
    const hint = /couldn't sign in with ~\/\.npmrc, which programs don't see\. .*"showToPrograms": \["~\/\.npmrc"\]/;

    it("says what to do where a registry doesn't let a program in", async () => {
      using yard = new Yard(wrapper);
      put(yard, '.npmrc', token);
      put(yard, '.yarnrc.yml', 'nodeLinker: node-modules');
      put(yard, '.aws/credentials', 'x');
      assert.match(await yard.run(refused, { network: true }), hint);
      assert.doesNotMatch(await yard.run(refused), /showToPrograms/, 'it had no network');
      assert.doesNotMatch(await yard.run('process.exitCode = 1;', { network: true }), /showToPrograms/);
    });

    it('says nothing of it where the file is shown', async () => {
      using yard = new Yard(wrapper, { shown: ['~/.npmrc'] });
      put(yard, '.npmrc', token);
      assert.doesNotMatch(await yard.run(refused, { network: true }), /showToPrograms/);
    });

    it('is what the doctor names', async () => {
      using folder = testFolder();
      const sandbox = new Sandbox({ ownFolders: [], cacheFolder: join(folder.path, 'programs'), wrappers: [wrapper] });
      const { ok, detail } = await sandbox.examine();
      assert.ok(ok);
      assert.match(detail, wrapper.program === 'bwrap' ? /bubblewrap keeps them/ : /unshare keeps them/);
    });
  });

describe('a system that makes no fence', () => {
  it('is told by the doctor what to install', async () => {
    using folder = testFolder();
    const env = { PATH: folder.path };
    const { ok, detail, fix } = await new Sandbox({
      ...{ ownFolders: [], cacheFolder: join(folder.path, 'programs'), env },
    }).examine();
    assert.match(detail, /^no fence: programs .* reach the network/);
    if (process.platform === 'linux') assert.match(fix ?? '', /Install bubblewrap/);
    assert.equal(ok, process.platform !== 'linux');
  });

  it('makes one once it can', async function () {
    if (process.platform !== 'linux') this.skip(); // elsewhere there is none
    using folder = testFolder();
    const [root, bin] = [join(folder.path, 'project'), join(folder.path, 'bin')];
    for (const each of [root, bin]) mkdirSync(each);
    writeFileSync(join(bin, 'true'), '#!/bin/sh\n', { mode: 0o755 });
    const sandbox = new Sandbox({
      ...{ ownFolders: [], cacheFolder: join(folder.path, 'programs'), env: { PATH: bin } },
      wrappers: [{ program: 'bwrap', about: '', args: () => [] }],
    });
    assert.ok(!(await sandbox.canIsolate(root)));
    writeFileSync(join(bin, 'bwrap'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
    assert.ok(await sandbox.canIsolate(root));
  });

  it('is told what to allow where all is installed', async function () {
    if (process.platform !== 'linux') this.skip(); // elsewhere nothing can be allowed
    using folder = testFolder();
    for (const name of ['bwrap', 'true'])
      writeFileSync(join(folder.path, name), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const env = { PATH: folder.path };
    const { ok, fix } = await new Sandbox({
      ...{ ownFolders: [], cacheFolder: join(folder.path, 'programs'), env },
    }).examine();
    assert.ok(!ok);
    assert.match(fix ?? '', /AppArmor/);
  });
});
