// What editors, git, shells and agents would run by themselves isn't there once a program has ended, unless it was there before.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { CancelledError } from '../../../../../daemon/base/errors.ts';
import { until } from '../../../../process/home.ts';
import { tried, ways, Yard } from './yard.ts';

/** What a program makes, and the settings that must not stay. A folder `a` has settings of its own. */
const made: readonly [string, string, string][] = [
  ['a first repository', "put('.git/config', '[core] fsmonitor = evil')", '.git'],
  ['a file by which git finds a repository', "put('.git', 'gitdir: evil')", '.git'],
  ['a repository in a folder', "put('sub/.git/config', '[core] fsmonitor = evil')", 'sub/.git'],
  [
    'a folder that git takes for a repository',
    "for (const name of ['HEAD', 'config', 'objects/x', 'refs/x']) put('sub/bare/' + name, 'x')",
    'sub/bare',
  ],
  [
    'the workspace as a repository',
    "for (const name of ['HEAD', 'config', 'objects/x', 'refs/x']) put(name, 'x')",
    'HEAD',
  ],
  ["an editor's settings in a folder", "put('sub/.vscode/settings.json', '{}')", 'sub/.vscode'],
  ["another editor's settings", "put('.idea/workspace.xml', 'x')", '.idea'],
  ['settings under a name in other letters', "put('sub/.Git/config', 'x')", 'sub/.Git'],
  ['a file for workspaces', "put('x.code-workspace', '{}')", 'x.code-workspace'],
  ["a shell's settings", "put('.envrc', 'x')", '.envrc'],
  ["an agent's settings", "put('.claude/settings.json', '{}')", '.claude'],
  ['a link to settings', "put('evil/x', 'x'); fs.symlinkSync('evil', '.zed')", '.zed'],
  [
    'settings in a folder that has them, in its place',
    "fs.renameSync('a', 'b'); put('a/.vscode/settings.json', 'x')",
    'a/.vscode',
  ],
  ['another link in the place of one', "fs.rmSync('.helix'); put('.helix/config.toml', 'x')", '.helix'],
];
const put = `function put(path, text) { fs.mkdirSync(require('node:path').dirname(path), { recursive: true }); fs.writeFileSync(path, text); }
`;

for (const wrapper of ways)
  describe(`settings behind the fence that ${wrapper.program} makes`, () => {
    before(async function () {
      using yard = new Yard(wrapper);
      if (!(await yard.folder.sandbox.canIsolate(yard.folder.root))) this.skip(); // this system lacks it, or allows it not
    });

    for (const network of [false, true])
      for (const [what, code, path] of made)
        it(`sets aside ${what}, with the network ${network ? 'on' : 'off'}`, async () => {
          using yard = new Yard(wrapper);
          const { folder } = yard;
          folder.write('a/.vscode/settings.json', 'as it was');
          folder.write('conf/config.toml', 'as it was');
          symlinkSync('conf', join(folder.root, '.helix'));
          const said = await yard.run(`${put}${code};\nput('ran', '');`, { network });
          assert.ok(existsSync(join(folder.root, 'ran')), said);
          assert.ok(!lstatSync(join(folder.root, path), { throwIfNoEntry: false }), 'it is gone');
          assert.match(said, new RegExp(`It made ${path.replaceAll('.', '\\.')}, by which`));
          assert.equal(folder.read('conf/config.toml'), 'as it was');
          const aside = /moved to (\S+), where/.exec(said)?.[1] ?? '';
          assert.ok(lstatSync(join(aside, path)), 'and kept');
        });

    it('lets no program change any of 3100 settings, nor the folder that holds them', async () => {
      using yard = new Yard(wrapper);
      const { folder } = yard;
      for (let at = 0; at < 3100; at++) mkdirSync(join(folder.root, `old/p${at}/.vscode`), { recursive: true });
      const tries = ['old/p0/.vscode/x', 'old/p3099/.vscode/x', 'old/x', 'x'].map((path) =>
        tried(`fs.writeFileSync('${path}', ''); console.log('written ${path}')`),
      );
      const said = await yard.run(`${tries.join('\n')}\nprocess.exit(1);`);
      assert.match(said, /^EROFS\nEROFS\nEROFS\nwritten x$/m);
      assert.match(said, /Programs can't write to old: too many settings/);
    });

    it("lets no program make the settings of an editor that reads them at once, and doesn't leave a trace", async () => {
      using yard = new Yard(wrapper);
      const { folder } = yard;
      const said = await yard.run(
        tried("fs.mkdirSync('.vscode', { recursive: true }); fs.writeFileSync('.vscode/settings.json', 'x')"),
      );
      assert.match(said, /^EROFS$/m);
      assert.deepEqual(readdirSync(folder.root), ['tool.js']);
    });

    for (const path of ['.envrc', 'sub/.vscode/settings.json', 'sub/.git/config', 'sub/bare/config', 'sub/bare/HEAD'])
      it(`lets no program change ${path}`, async () => {
        using yard = new Yard(wrapper);
        const { folder } = yard;
        for (const name of ['sub/bare/HEAD', 'sub/bare/objects/x', 'sub/bare/refs/x', path])
          folder.write(name, 'as it was');
        const said = await yard.run(tried(`fs.writeFileSync('${path}', 'x')`));
        assert.match(said, /^EROFS$/m);
        assert.equal(folder.read(path), 'as it was');
      });

    for (const [network, stays] of [
      [false, false],
      [true, true],
    ] as const)
      it(`${stays ? 'leaves' : 'sets aside'} what package managers write, with the network ${network ? 'on' : 'off'}`, async () => {
        using yard = new Yard(wrapper);
        await yard.run(`${put}put('.husky/pre-commit', 'x'); put('node_modules/x/.vscode/settings.json', 'x');`, {
          network,
        });
        assert.equal(existsSync(join(yard.folder.root, '.husky')), stays);
        assert.ok(existsSync(join(yard.folder.root, 'node_modules/x/.vscode')), 'in packages all is code');
      });

    it("leaves what git makes, since it's asked about", async () => {
      using yard = new Yard(wrapper);
      const { ok, said } = await yard.folder.perform('run', { argv: ['git', 'init', '-q'] });
      assert.ok(ok, said);
      assert.ok(existsSync(join(yard.folder.root, '.git/config')));
      assert.doesNotMatch(said, /moved/);
    });

    it('tells of what a program made that was stopped with its run, then and in `doctor`', async () => {
      using yard = new Yard(wrapper);
      const { folder } = yard;
      const running = yard.run(`${put}put('.envrc', 'x'); put('ready', ''); setInterval(() => {}, 1000);`);
      running.catch(() => {});
      await until('the program', () => existsSync(join(folder.root, 'ready')));
      folder.stop.abort();
      await assert.rejects(running, CancelledError);
      assert.deepEqual(
        yard.untold.map(({ names }) => names),
        [['.envrc']],
      );
      assert.match(
        (await folder.sandbox.examine()).detail,
        /Settings that such programs made were moved away once, to \S+programs$/,
      );
    });

    it('leaves what the user puts there while a program runs', async () => {
      using yard = new Yard(wrapper);
      const { folder } = yard;
      folder.write('.envrc', 'first');
      const running = yard.run("fs.writeFileSync('started', ''); while (!fs.existsSync('end'));");
      await until('the program', () => existsSync(join(folder.root, 'started')));
      folder.write('.vscode/settings.json', "the user's");
      folder.write('.envrc.new', 'second');
      assert.equal(spawnSync('mv', ['.envrc.new', '.envrc'], { cwd: folder.root }).status, 0);
      folder.write('end', '');
      assert.doesNotMatch(await running, /moved/);
      assert.deepEqual([folder.read('.vscode/settings.json'), folder.read('.envrc')], ["the user's", 'second']);
    });

    it('keeps settings from one program when another has ended in the same folder', async () => {
      using yard = new Yard(wrapper);
      const { folder } = yard;
      folder.write(
        'long.js',
        `const fs = require('node:fs'); fs.writeFileSync('started', ''); while (!fs.existsSync('end'));
        ${tried("fs.mkdirSync('.vscode', { recursive: true }); fs.writeFileSync('.vscode/settings.json', 'x')")}`,
      );
      const long = folder.perform('run', { argv: ['node', 'long.js'] });
      await until('the program', () => existsSync(join(folder.root, 'started')));
      await yard.run('');
      folder.write('end', '');
      assert.match((await long).said, /^EROFS$/m);
      assert.ok(!existsSync(join(folder.root, '.vscode')));
    });

    it('moves nothing that lies elsewhere', async () => {
      using yard = new Yard(wrapper);
      mkdirSync(join(yard.home, '.vscode'));
      writeFileSync(join(yard.home, '.vscode/settings.json'), "the user's");
      await yard.run("fs.symlinkSync($ + '/home', 'sub')");
      assert.equal(readFileSync(join(yard.home, '.vscode/settings.json'), 'utf8'), "the user's");
    });
  });
