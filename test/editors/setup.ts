// Installs what the editors' tests need and finds nowhere: Debian packages (as root), and code-server in a cache outside the clone.
// Everything that cannot be had is returned by name, so that its tests count as failed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unpackSid } from './harness/debian-sid.ts';

export interface Editors {
  /** code-server's package folder. */
  codeServer: string;
  /** Where programs of Debian's unstable suite are unpacked. */
  sid: string;
  /** A sentence for each thing that the tests need and that is not here. */
  missing: string[];
}

interface Requirement {
  /** Debian's package. */
  name: string;
  isThere(): boolean;
}

const debianPackages: readonly Requirement[] = [
  { name: 'chromium', isThere: () => isOnPath('chromium') },
  {
    name: 'libkrb5-dev',
    isThere: () => existsSync('/usr/include/gssapi.h') || existsSync('/usr/include/gssapi/gssapi.h'),
  },
  { name: 'neovim', isThere: () => isOnPath('nvim') },
  { name: 'tmux', isThere: () => isOnPath('tmux') },
  { name: 'emacs-nox', isThere: () => isOnPath('emacs') },
  { name: 'elpa-eglot', isThere: () => spawnSync('emacs', ['--batch', '--eval', "(require 'eglot)"]).status === 0 },
];

const codeServerVersion = '4.139.1';
const nodeModules = resolve(dirname(fileURLToPath(import.meta.url)), '../../node_modules');

export function setUpEditors(): Editors {
  installDebianPackages();
  const missing = debianPackages
    .filter((wanted) => !wanted.isThere())
    .map(({ name }) => `${name} is not installed (Debian: apt-get install ${name}, as root)`);
  const codeServer = join(cacheFolder(), `code-server-${codeServerVersion}`);
  const sid = join(cacheFolder(), 'debian-sid');
  const failures = [installCodeServer(codeServer), unpackSid(sid)].filter((failure) => failure !== undefined);
  return { codeServer: join(codeServer, 'node_modules', 'code-server'), sid, missing: [...missing, ...failures] };
}

function installDebianPackages(): void {
  const wanted = debianPackages.filter((candidate) => !candidate.isThere()).map(({ name }) => name);
  const canInstall = isOnPath('apt-get') && process.getuid?.() === 0;
  if (wanted.length === 0) say('Debian packages: all there');
  else if (canInstall) say(`Debian packages: installing ${wanted.join(', ')}`);
  else say(`Debian packages: ${wanted.join(', ')} missing, and only root on Debian can install them`);
  if (wanted.length === 0 || !canInstall) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  step('apt-get', ['update', '-qq'], env);
  step('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wanted], env);
}

/** Installs once; a marker written at the end tells a whole installation from one that was killed. Returns what went wrong. */
function installCodeServer(folder: string): string | undefined {
  const marker = join(folder, 'complete');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === codeServerVersion) {
    say(`code-server ${codeServerVersion}: there (${folder})`);
    return undefined;
  }
  say(`code-server ${codeServerVersion}: installing into ${folder}, which takes some minutes`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const env = {
    ...process.env,
    PATH: `${join(nodeModules, '.bin')}${delimiter}${process.env['PATH'] ?? ''}`, // npm itself runs on this Node, and so do the install scripts
    npm_config_nodedir: join(
      nodeModules,
      `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`,
    ), // headers without a download
  };
  const installed = step(
    'npm',
    ['install', '--no-audit', '--no-fund', `code-server@${codeServerVersion}`],
    env,
    folder,
  );
  const works =
    installed &&
    step(
      process.execPath,
      [
        join(folder, 'node_modules/code-server/out/node/entry.js'),
        '--config',
        join(folder, 'config.yaml'),
        '--version',
      ],
      env,
      folder,
    );
  if (!works) return `code-server ${codeServerVersion} could not be installed into ${folder}`;
  writeFileSync(marker, codeServerVersion);
  return undefined;
}

function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'switchyard-test');
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/** Runs a step with its output shown; whether it succeeded. */
function step(command: string, parameters: string[], env: NodeJS.ProcessEnv, cwd = process.cwd()): boolean {
  const { status, error } = spawnSync(command, parameters, {
    env,
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) say(`${command} ${parameters.join(' ')} failed (${error?.message ?? status})`);
  return status === 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (import.meta.main) {
  const { missing } = setUpEditors();
  for (const sentence of missing) say(`MISSING: ${sentence}`);
  process.exitCode = missing.length === 0 ? 0 : 1;
}
