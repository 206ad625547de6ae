// What a program can't do behind the fence, however it tries, and what programs still do there. Each way to make the fence is tried that
// this system allows.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { CancelledError } from '../../../../../daemon/base/errors.ts';
import type { Wrapper } from '../../../../../daemon/features/agent/sandbox/wrappers.ts';
import { testFolder } from '../../../storage/open-storage.ts';
import { inShell, inShellShown, tried, ways, Yard } from './yard.ts';

/** What writes outside of the workspace, and where it would be seen; `$` is the folder around the workspace. Each has a name of its own for what it makes. */
const writes: readonly [string, string, string][] = [
  ['beside its folder', tried("fs.writeFileSync($ + '/WRITTEN', 'x')"), '$/WRITTEN'],
  ['by the way up', tried("fs.writeFileSync('../WRITTEN', 'x')"), '$/WRITTEN'],
  ['to the home folder', tried("fs.writeFileSync($ + '/home/.bashrc', 'x')"), '$/home/.bashrc'],
  ['by a link of the workspace', tried("fs.writeFileSync('link/WRITTEN', 'x')"), '$/WRITTEN'],
  ['by a link that it makes', tried("fs.symlinkSync($, 'own'); fs.writeFileSync('own/WRITTEN', 'x')"), '$/WRITTEN'],
  [
    'by another name of a file',
    tried("fs.linkSync($ + '/home/.profile', 'same'); fs.writeFileSync('same', 'x')"),
    '$/home/.profile',
  ],
  ['by moving a file of its own', tried("fs.writeFileSync('a', 'x'); fs.renameSync('a', $ + '/WRITTEN')"), '$/WRITTEN'],
  ['by deleting', tried("fs.rmSync($ + '/home/.profile')"), '$/home/.profile'],
  ['through another process', inShell('for p in /proc/[0-9]*; do echo x > "$p/root$1/WRITTEN"; done'), '$/WRITTEN'],
  [
    'through a folder that is open there',
    inShell('for p in /proc/[0-9]*; do echo x > "$p/cwd/../WRITTEN"; done'),
    '$/WRITTEN',
  ],
  [
    'once the disk is writable again',
    inShell('mount -o remount,rw /; mount -o remount,bind,rw /; echo x > "$1/WRITTEN"'),
    '$/WRITTEN',
  ],
  [
    'with mounts of its own',
    inShell('unshare -rm sh -c \'mount -o remount,bind,rw /; umount -l /tmp; echo x > "$1/WRITTEN"\' sh "$1"'),
    '$/WRITTEN',
  ],
  ['into the namespaces outside', inShell('nsenter -t 1 -m -- sh -c \'echo x > "$1/WRITTEN"\' sh "$1"'), '$/WRITTEN'],
  ['to a folder for all', tried("fs.writeFileSync('/tmp/' + $.slice(-6), 'x')"), '/tmp/%'],
  ['to shared memory', tried("fs.writeFileSync('/dev/shm/' + $.slice(-6), 'x')"), '/dev/shm/%'],
  ["to git's hooks", tried("fs.writeFileSync('.git/hooks/pre-commit', 'x')"), '$/project/.git/hooks/pre-commit'],
  ["to git's settings", tried("fs.appendFileSync('.git/config', 'x')"), '$/project/.git/config'],
  [
    'to hooks of a repository that it puts in the place of the first',
    tried(
      "fs.renameSync('.git', '.old'); fs.mkdirSync('.git/hooks', { recursive: true }); fs.writeFileSync('.git/hooks/pre-commit', 'x')",
    ),
    '$/project/.git/hooks/pre-commit',
  ],
  [
    "to a file by which git's settings lie elsewhere",
    tried("fs.writeFileSync('.git/commondir', '../elsewhere')"),
    '$/project/.git/commondir',
  ],
  [
    "to git's settings of a worktree",
    tried("fs.writeFileSync('.git/config.worktree', 'x')"),
    '$/project/.git/config.worktree',
  ],
  [
    "to hooks of a module that isn't there yet",
    tried("fs.mkdirSync('.git/modules/a/hooks', { recursive: true })"),
    '$/project/.git/modules/a/hooks',
  ],
  [
    'to steps of a rebase that git would go on with',
    tried("fs.mkdirSync('.git/rebase-merge'); fs.writeFileSync('.git/rebase-merge/git-rebase-todo', 'exec x')"),
    '$/project/.git/rebase-merge',
  ],
  ["to an editor's settings", tried("fs.writeFileSync('.vscode/tasks.json', 'x')"), '$/project/.vscode/tasks.json'],
  [
    "to an editor's settings in the place of the first",
    tried("fs.renameSync('.vscode', 'old'); fs.mkdirSync('.vscode'); fs.writeFileSync('.vscode/tasks.json', 'x')"),
    '$/project/.vscode/tasks.json',
  ],
];

/** Keys, and what is in them. The first part is the path in the home folder. */
const keys: readonly [string, string][] = [
  ['.ssh/id_ed25519', 'PRIVATE'],
  ['.aws/credentials', 'PRIVATE'],
  ['.netrc', 'machine x login y password PRIVATE'],
  ['.npmrc', '//registry.example/:_authToken=PRIVATE'],
  ['.git-credentials', 'https://me:PRIVATE@host'],
  ['.docker/config.json', '{"auths":{"x":"PRIVATE"}}'],
  ['.kube/config', 'PRIVATE'],
  ['.config/gh/hosts.yml', 'oauth_token: PRIVATE'],
  ['.cargo/credentials.toml', 'PRIVATE'],
  ['.config/google-chrome/Default/Cookies', 'PRIVATE'],
  ['.bash_history', 'export TOKEN=PRIVATE'],
];

for (const wrapper of ways)
  describe(`the fence that ${wrapper.program} makes`, () => {
    before(async function () {
      using yard = new Yard(wrapper);
      if (!(await yard.folder.sandbox.canIsolate(yard.folder.root))) this.skip(); // this system lacks it, or allows it not
    });

    for (const network of [false, true])
      describe(`with the network ${network ? 'on' : 'off'}`, () => {
        let yard: Yard;
        const name = (text: string, at: number): string => text.replaceAll('WRITTEN', `written-${at}`);
        const state = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : 'nothing');
        const places = (): string[] =>
          writes.map(([, , path], at) =>
            name(path, at).replace('$', yard.folder.outside).replace('%', yard.folder.outside.slice(-6)),
          );
        let earlier: string[];
        before(async () => {
          yard = new Yard(wrapper);
          const { folder, home } = yard;
          writeFileSync(join(home, '.profile'), 'as it was');
          spawnSync('git', ['init', '-q', folder.root]);
          for (const file of ['.git/hooks/pre-commit', '.vscode/tasks.json']) folder.write(file, 'as it was');
          symlinkSync(folder.outside, join(folder.root, 'link'));
          earlier = places().map(state);
          const code = writes.map(([, one], at) => `{\n${name(one, at)}\nfs.writeFileSync('ran-${at}', '');\n}`);
          await yard.run(code.join('\n'), { network });
        });
        after(() => yard[Symbol.dispose]());

        for (const [at, [how]] of writes.entries())
          it(`lets no program write ${how}`, () => {
            assert.ok(existsSync(join(yard.folder.root, `ran-${at}`)), 'it was tried');
            assert.equal(state(places()[at] ?? ''), earlier[at]);
          });
      });

    for (const network of [false, true])
      it(`shows a program no keys, and what it needs beside them, with the network ${network ? 'on' : 'off'}`, async () => {
        using yard = new Yard(wrapper);
        for (const [path, text] of [...keys, ['.gitconfig', 'NAME'], ['.yarnrc.yml', 'a: NAME']] as const) {
          mkdirSync(dirname(join(yard.home, path)), { recursive: true });
          writeFileSync(join(yard.home, path), text);
        }
        writeFileSync(join(yard.folder.own, 'token'), 'PRIVATE');
        const said = await yard.run(inShellShown('cat $(find "$1" -type f -not -path "*/project/*")'), { network });
        assert.match(said, /NAME[\s\S]*NAME/);
        assert.doesNotMatch(said, /PRIVATE/);
      });

    it('does not show by a link of the workspace what it hides', async () => {
      using yard = new Yard(wrapper);
      mkdirSync(join(yard.home, '.ssh'));
      writeFileSync(join(yard.home, '.ssh/id'), 'PRIVATE');
      mkdirSync(join(yard.folder.root, '.git'));
      for (const name of ['.vscode', '.git/hooks', '.claude', 'out'])
        symlinkSync(join(yard.home, '.ssh'), join(yard.folder.root, name));
      assert.doesNotMatch(await yard.run(inShellShown('cat .vscode/id .git/hooks/id .claude/id out/id')), /PRIVATE/);
    });

    it("takes no program of the workspace for git, whatever it's called", async () => {
      using yard = new Yard(wrapper);
      const { folder } = yard;
      spawnSync('git', ['init', '-q', folder.root]);
      folder.write('.git/hooks/pre-commit', 'as it was');
      folder.write('git', '#!/bin/sh\ntouch ran\necho x > .git/hooks/pre-commit\n', 0o755);
      await folder.perform('run', { argv: ['./git', 'status'] });
      assert.ok(existsSync(join(folder.root, 'ran')));
      assert.equal(folder.read('.git/hooks/pre-commit'), 'as it was');
    });

    it("makes no folder writable that a file for git's worktrees names", async () => {
      using yard = new Yard(wrapper);
      mkdirSync(join(yard.home, 'worktrees/x'), { recursive: true });
      yard.folder.write('.git', `gitdir: ${yard.home}/worktrees/x\n`);
      await yard.run(tried("fs.writeFileSync($ + '/home/written', 'x')"));
      assert.ok(!existsSync(join(yard.home, 'written')));
    });

    for (const network of [false, true])
      it(`keeps a program from sockets, with the network ${network ? 'on' : 'off'}`, async () => {
        using yard = new Yard(wrapper);
        const temporary = `/tmp/${yard.folder.outside.slice(-12)}.sock`;
        const abstract = `\0${yard.folder.outside.slice(-12)}`;
        const paths = [
          temporary,
          join(yard.home, 'agent.sock'),
          join(yard.folder.own, 'own.sock'),
          ...(network ? [] : [abstract]),
        ];
        let connections = 0;
        const servers = paths.map((path) =>
          createServer((socket) => {
            connections++;
            socket.destroy();
          }).listen(path),
        );
        await Promise.all(servers.map((server) => once(server, 'listening')));
        const said = await yard.run(
          `const net = require('node:net');
          for (const path of ${JSON.stringify(paths)})
            net.connect(path).on('connect', () => console.log('REACHED', path)).on('error', ({ code }) => console.log(code));`,
          { network },
        );
        for (const server of servers) server.close();
        assert.doesNotMatch(said, /REACHED/);
        assert.equal(said.match(/^E\w+$/gm)?.length, paths.length, said);
        assert.equal(connections, 0);
      });

    const leaving = `const child = "require('node:fs').writeFileSync('left', String(process.pid)); setInterval(() => {}, 1000);"
      require('node:child_process').spawnSync('/bin/sh', ['-c', 'setsid "$0" -e "$1" MARK >/dev/null 2>&1 &', process.execPath, child]);
      setInterval(() => fs.existsSync('left') && END, 10);`;
    const isLeft = (mark: string): boolean =>
      readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && textOf(`/proc/${pid}/cmdline`).includes(mark));

    it('ends what a program leaves behind in a session of its own', async () => {
      using yard = new Yard(wrapper);
      const mark = `left-${yard.folder.outside.slice(-6)}`;
      await yard.run(leaving.replace('MARK', mark).replace('END', 'process.exit(0)'));
      assert.ok(existsSync(join(yard.folder.root, 'left')));
      while (isLeft(mark)) await new Promise((resolve) => setImmediate(resolve)); // the kernel ends it, a moment later
    });

    it('ends it when the user stops the run', async () => {
      using yard = new Yard(wrapper);
      const { folder } = yard;
      const mark = `left-${folder.outside.slice(-6)}`;
      const stopped = assert.rejects(yard.run(leaving.replace('MARK', mark).replace('END', '0')), CancelledError);
      while (!existsSync(join(folder.root, 'left'))) await new Promise((resolve) => setImmediate(resolve));
      folder.stop.abort();
      await stopped;
      while (isLeft(mark)) await new Promise((resolve) => setImmediate(resolve));
    });

    it('stops a program that fills the disk', async () => {
      let left = 10e9;
      using yard = new Yard(wrapper, { free: () => (left /= 2) });
      const { folder } = yard;
      folder.write('tool.js', 'setInterval(() => {}, 1000);\n');
      const { ok, summary } = await folder.perform('run', { argv: ['node', 'tool.js'] });
      assert.deepEqual([ok, summary], [false, 'node tool.js was stopped, since it nearly filled the disk.']);
    });

    it('bounds what a program keeps in its own temporary folder', async () => {
      using yard = new Yard(wrapper);
      assert.match(
        await yard.run("const { blocks, bsize } = fs.statfsSync('/tmp'); console.log('MB', blocks * bsize / 2 ** 20);"),
        /^MB 1024$/m,
      );
    });

    it('works for a folder in the temporary folder, whose neighbors are not seen', async () => {
      using yard = new Yard(wrapper, { parent: '/tmp' });
      writeFileSync(join(yard.folder.outside, 'neighbor'), '');
      yard.folder.write('with space/a b.txt', 'text');
      const said = await yard.run(
        `fs.writeFileSync('with space/new', ''); console.log(fs.readdirSync($).join(), fs.readFileSync($ + '/project/with space/a b.txt', 'utf8'));`,
      );
      assert.match(said, /text$/m);
      assert.doesNotMatch(said, /neighbor/);
      assert.ok(existsSync(join(yard.folder.root, 'with space/new')));
    });

    it('lets a program run though a socket that was to be hidden has gone', async () => {
      let socket = '';
      let attempts = 0;
      const late: Wrapper = {
        ...wrapper,
        args: (...given) => {
          if (attempts++ === 1) rmSync(socket); // the first is the probe
          return wrapper.args(...given);
        },
      };
      using yard = new Yard(late);
      socket = join(yard.home, 'agent.sock');
      const server = createServer().listen(socket);
      await once(server, 'listening');
      assert.match(await yard.run("console.log('RAN');"), /^RAN$/m);
      server.close();
    });

    it('leaves a program what the packages of a project in a temporary folder bring', async () => {
      using yard = new Yard(wrapper);
      using project = testFolder(tmpdir());
      const packages = join(project.path, 'node_modules');
      mkdirSync(join(packages, 'hello'), { recursive: true });
      mkdirSync(join(packages, '.bin'));
      writeFileSync(join(packages, 'hello/hello.sh'), '#!/bin/sh\necho HELLO\n', { mode: 0o755 });
      symlinkSync('../hello/hello.sh', join(packages, '.bin/hello'));
      yard.env['PATH'] = [join(packages, '.bin'), yard.env['PATH']].join(delimiter);
      const said = await yard.run("console.log(String(require('node:child_process').spawnSync('hello').stdout));");
      assert.match(said, /^HELLO$/m);
    });

    it('leaves a program the user that runs it, and a temporary folder', async () => {
      using yard = new Yard(wrapper);
      const said = await yard.run(
        "const path = fs.mkdtempSync(require('node:os').tmpdir() + '/x-'); console.log(path.slice(0, 7), process.getuid(), process.getgid());",
      );
      assert.ok(said.includes(`/tmp/x- ${process.getuid?.()} ${process.getgid?.()}`), said);
    });

    const found = (program: string): boolean =>
      (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
    const works: readonly [string, string[], Record<string, string>][] = [
      [
        'npm',
        ['npm', 'test'],
        { 'package.json': '{"scripts":{"test":"node --test"}}', 'a.test.js': "require('node:test')('a', () => {});" },
      ],
      ['node', ['node', '--test'], { 'a.test.js': "require('node:test')('a', () => {});" }],
      ['make', ['make'], { Makefile: 'all:\n\techo made > made\n' }],
      ['git', ['git', 'status', '--short'], { a: '' }],
      ['git', ['git', 'add', '.'], { a: '' }],
      ['git', ['git', '-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '--allow-empty', '-m', 'x'], {}],
      ['git', ['git', 'config', 'user.name', 'a'], {}],
      [
        'python3',
        ['python3', '-m', 'unittest'],
        {
          'test_a.py':
            'import unittest, multiprocessing\nclass A(unittest.TestCase):\n  def test(self): multiprocessing.Lock()\n',
        },
      ],
    ];
    for (const [program, argv, files] of works)
      it(`lets ${argv.join(' ')} work`, async function () {
        if (!found(program)) this.skip(); // it isn't installed
        using yard = new Yard(wrapper);
        const { folder } = yard;
        for (const [name, text] of Object.entries(files)) folder.write(name, text);
        spawnSync('git', ['init', '-q', folder.root]);
        const { ok, said } = await folder.perform('run', { argv });
        assert.ok(ok, said);
        assert.doesNotMatch(said, /read-only/i);
      });

    it('lets git work in a worktree, and nobody change what git runs there', async () => {
      using yard = new Yard(wrapper);
      const { folder } = yard;
      const main = join(folder.outside, 'main');
      const git = (...args: string[]) =>
        spawnSync('git', ['-C', main, '-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args]);
      mkdirSync(main);
      rmSync(folder.root, { recursive: true });
      git('init', '-q');
      git('commit', '-q', '--allow-empty', '-m', 'x');
      git('worktree', 'add', '-q', folder.root);
      folder.write('a', '');
      const { ok, said } = await folder.perform('run', { argv: ['git', 'add', '.'] });
      assert.ok(ok, said);
      await yard.run(
        `${tried("fs.writeFileSync($ + '/main/.git/hooks/pre-commit', 'x')")}; ${tried("fs.writeFileSync($ + '/main/a', 'x')")}`,
      );
      assert.ok(!existsSync(join(main, '.git/hooks/pre-commit')) && !existsSync(join(main, 'a')));
    });
  });

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}
