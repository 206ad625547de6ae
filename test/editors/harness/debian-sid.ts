// Programs newer than this machine's Debian has them, from its unstable suite: unpacked into a cache with all that they need, and run by a
// loader of their own. Nothing of the system changes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const packages = ['neovim', 'elpa-lsp-mode', 'hx'];
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
const libraries = 'usr/lib/x86_64-linux-gnu';

/** Unpacks once; a marker written at the end, with the packages, tells a whole one from one that was killed or lacks some. Returns what went wrong. */
export function unpackSid(folder: string): string | undefined {
  const marker = join(folder, 'complete');
  const wanted = packages.join(' ');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return undefined;
  const failure = `${packages.join(', ')} of Debian's unstable suite could not be unpacked into ${folder}`;
  if (process.platform !== 'linux' || process.arch !== 'x64' || !existsSync(keyring)) return failure;
  rmSync(folder, { recursive: true, force: true });
  for (const part of ['lists/partial', 'cache/archives/partial', 'root/usr/lib', 'root/usr/lib64', 'root/usr/bin'])
    mkdirSync(join(folder, part), { recursive: true });
  for (const part of ['lib', 'lib64', 'bin']) symlinkSync(`usr/${part}`, join(folder, 'root', part));
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(join(folder, 'sources.list'), `deb [signed-by=${keyring}] ${mirror()} sid main\n`);
  const options = [
    `Dir::State::lists=${join(folder, 'lists')}`,
    `Dir::State::status=${join(folder, 'status')}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    `Dir::Etc::sourcelist=${join(folder, 'sources.list')}`,
    'Dir::Etc::sourceparts=/nonexistent',
    'APT::Sandbox::User=root',
    'Debug::NoLocking=1',
  ].flatMap((option) => ['-o', option]);
  const fetched =
    runs('apt-get', [...options, 'update', '-qq']) &&
    runs('apt-get', [...options, 'install', '-y', '-qq', '--no-install-recommends', '--download-only', ...packages]);
  if (!fetched) return failure;
  const archives = join(folder, 'cache/archives');
  for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb')))
    if (!runs('dpkg-deb', ['-x', join(archives, file), join(folder, 'root')])) return failure;
  rmSync(archives, { recursive: true, force: true });
  rmSync(join(folder, 'lists'), { recursive: true, force: true });
  writeFileSync(marker, wanted);
  return undefined;
}

/** How a program of the unpacked suite is started. */
export function sidProgram(folder: string, name: string): [command: string, ...parameters: string[]] {
  const root = join(folder, 'root');
  return [
    join(root, 'lib64/ld-linux-x86-64.so.2'),
    '--library-path',
    join(root, libraries),
    join(root, 'usr/bin', name),
  ];
}

/** What Helix comes with: themes, queries and grammars. */
export function sidRuntime(folder: string): string {
  return join(folder, 'root/usr/lib/hx/runtime');
}

/** Folders of Emacs Lisp, to be put on the load path. */
export function sidLisp(folder: string): string[] {
  const sources = join(folder, 'root/usr/share/emacs/site-lisp/elpa-src');
  return readdirSync(sources).map((name) => join(sources, name));
}

function mirror(): string {
  const listed = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'].filter((file) => existsSync(file));
  const address = listed.map((file) => /^(?:URIs:|deb)\s+(https?:\S+)/m.exec(readFileSync(file, 'utf8'))?.[1]);
  return address.find((found) => found !== undefined) ?? 'http://deb.debian.org/debian';
}

function runs(command: string, parameters: string[]): boolean {
  return spawnSync(command, parameters, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}
