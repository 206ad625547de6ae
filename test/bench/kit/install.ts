// Programs to measure beside ours, installed on demand into a cache outside the clone. They are never dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Installable {
  name: string;
  version: string;
  /** Its folder in the cache, without the version; the lower-case name when left out. */
  folder?: string;
  /** Installs into the folder, which is empty. Whether it succeeded. */
  install(folder: string): boolean;
}

/** The folder that it is installed in, or why it is not. */
export function installedIn(wanted: Installable): { folder: string } | { missing: string } {
  const { name, version } = wanted;
  const folder = join(cacheFolder(), `${wanted.folder ?? name.toLowerCase()}-${version}`);
  if (isInstalled(wanted, folder)) return { folder };
  return { missing: `${name} ${version} could not be installed into ${folder}; it is not measured.` };
}

/** The folder that it was installed in before; nothing is installed. */
export function installedBefore({ name, version, folder }: Omit<Installable, 'install'>): string | undefined {
  const place = join(cacheFolder(), `${folder ?? name.toLowerCase()}-${version}`);
  return isMarked(place, version) ? place : undefined;
}

function isMarked(folder: string, version: string): boolean {
  const marker = join(folder, markerFile);
  return existsSync(marker) && readFileSync(marker, 'utf8') === version;
}

const markerFile = 'complete';

/** Installs once; a marker written at the end tells a whole installation from one that was killed. */
function isInstalled({ name, version, install }: Installable, folder: string): boolean {
  if (isMarked(folder, version)) return true;
  process.stderr.write(`${name} ${version}: installing into ${folder}\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (!install(folder)) return false;
  writeFileSync(join(folder, markerFile), version);
  return true;
}

const installLimitMs = 15 * 60_000;
const nodeModules = resolve(dirname(fileURLToPath(import.meta.url)), '../../../node_modules');

/** Runs a step of an installation with our Node first on the PATH; whether it succeeded. */
export function step(command: string, parameters: readonly string[], cwd: string, limitMs = installLimitMs): boolean {
  const env = { ...process.env, PATH: `${join(nodeModules, '.bin')}${delimiter}${process.env['PATH'] ?? ''}` };
  const { status, error } = spawnSync(command, parameters, {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: limitMs,
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.stderr.write(`${command} ${parameters.join(' ')} failed (${error?.message ?? status})\n`);
  return status === 0;
}

function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'switchyard-test');
}
