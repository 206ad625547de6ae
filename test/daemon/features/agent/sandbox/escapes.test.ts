// Ways out of the fence that lead through no file of the user's: processes, terminals, what is open, and what git runs.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { inShell, tried, ways, Yard } from './yard.ts';

for (const wrapper of ways)
  describe(`ways out of the fence that ${wrapper.program} makes`, () => {
    before(async function () {
      using yard = new Yard(wrapper);
      if (!(await yard.folder.sandbox.canIsolate(yard.folder.root))) this.skip(); // this system lacks it, or allows it not
    });

    it('ends and reads no process of the user', async () => {
      using yard = new Yard(wrapper);
      const other = spawn('sleep', ['60']);
      const said = await yard.run(
        `${tried(`process.kill(${other.pid}, 'SIGKILL');`)}
        ${tried(`fs.openSync('/proc/${other.pid}/mem', 'r+'); console.log('OPEN');`)}`,
      );
      assert.doesNotMatch(said, /OPEN/);
      assert.deepEqual([other.exitCode, other.signalCode], [null, null]);
      other.kill();
    });

    it('has no terminal, and nothing open that it was not given', async () => {
      using yard = new Yard(wrapper);
      const said = await yard.run(
        `${tried("fs.openSync('/dev/tty', 'r+'); console.log('TERMINAL');")}
        for (const fd of fs.readdirSync('/proc/self/fd'))
          ${tried("console.log('FD', fs.readlinkSync('/proc/self/fd/' + fd));")}`,
      );
      assert.doesNotMatch(said, /TERMINAL/);
      const open = [...said.matchAll(/^FD (\/.*)$/gm)].map(([, path = '']) => path);
      assert.deepEqual(
        open.filter((path) => !/^\/(?:dev\/null|proc\/\d+\/fd|proc\/self\/fd)$/.test(path)),
        [],
      );
    });

    it('gets no rights of other users', async () => {
      using yard = new Yard(wrapper);
      const said = await yard.run(
        "console.log(fs.readFileSync('/proc/self/status', 'utf8').split('\\n').filter((line) => /^CapEff/.test(line)).join()); console.log(String(require('node:child_process').spawnSync('mount', ['-t', 'tmpfs', 'none', '/mnt']).status === 0));",
      );
      assert.match(said, /^false$/m);
      if (wrapper.program === 'bwrap') assert.match(said, /CapEff:\s*0+$/m);
    });

    for (const path of ['.config/systemd/user/x.service', '.config/autostart/x.desktop', '.local/bin/x', '.ssh/rc'])
      it(`makes no ${path} in the home folder`, async () => {
        using yard = new Yard(wrapper);
        await yard.run(
          tried(
            `fs.mkdirSync(require('node:path').dirname($ + '/home/${path}'), { recursive: true }); fs.writeFileSync($ + '/home/${path}', 'x')`,
          ),
          { network: true },
        );
        assert.ok(!existsSync(join(yard.home, path)));
      });

    it('plans nothing for later', async () => {
      using yard = new Yard(wrapper);
      const tables = ['/var/spool/cron', '/var/spool/at', '/etc/cron.d'].filter((path) => existsSync(path));
      const listed = () => spawnSync('find', tables, { encoding: 'utf8' }).stdout;
      const earlier = listed();
      await yard.run(
        inShell(
          'echo "* * * * * true" | crontab - ; for d in /var/spool/cron /var/spool/cron/crontabs /etc/cron.d; do echo x > $d/switchyard-test; done; systemd-run --user true; echo true | at now',
        ),
        { network: true },
      );
      if (tables.length > 0) assert.equal(listed(), earlier);
    });

    it("changes no hooks that git finds in a folder of the workspace, and gives none of git's files another name", async () => {
      using yard = new Yard(wrapper);
      const { folder } = yard;
      spawnSync('git', ['init', '-q', folder.root]);
      spawnSync('git', ['config', 'core.hooksPath', 'tools/hooks'], { cwd: folder.root });
      folder.write('tools/hooks/pre-commit', 'as it was');
      const said = await yard.run(
        `${tried("fs.writeFileSync('tools/hooks/pre-commit', 'x')")}; ${tried("fs.linkSync('.git/config', 'same'); fs.writeFileSync('same', 'x')")}`,
      );
      assert.equal(folder.read('tools/hooks/pre-commit'), 'as it was', said);
      assert.match(folder.read('.git/config'), /hooksPath/);
    });

    it('changes nothing of a module of the repository that git runs', async () => {
      using yard = new Yard(wrapper);
      const { folder } = yard;
      const module = join(folder.root, 'module');
      mkdirSync(module);
      writeFileSync(join(module, '.git'), 'gitdir: ../.git/modules/module');
      await yard.run(tried("fs.writeFileSync('module/.git', 'gitdir: ../evil')"));
      assert.equal(readFileSync(join(module, '.git'), 'utf8'), 'gitdir: ../.git/modules/module');
    });

    it('makes no second name of a file outside', async () => {
      using yard = new Yard(wrapper);
      writeFileSync(join(yard.home, '.profile'), 'as it was');
      await yard.run(tried("fs.linkSync($ + '/home/.profile', 'same')"));
      assert.ok(!existsSync(join(yard.folder.root, 'same')));
    });
  });
