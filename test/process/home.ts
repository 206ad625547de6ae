// A user of our own for one test: SWITCHYARD_HOME in a fresh folder, the built program run in it, and a clean end that is checked.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isAlive, readRecord } from '../../daemon/base/lock.ts';
import { type Paths, resolvePaths } from '../../daemon/base/paths.ts';
import { wireVersion } from '../../shared/protocol/version.ts';

export const program = fileURLToPath(new URL('../../dist/daemon/switchyard.js', import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Lives as long as a test. Leaving it ends the daemon and fails when a process of this user is left. */
export class Home implements AsyncDisposable {
  /** Short, since a socket's path holds about 100 bytes. */
  readonly folder = mkdtempSync(join(realpathSync(tmpdir()), 'sy-'));
  readonly paths: Paths;
  readonly #children = new Set<ChildProcess>();
  #projects: string | undefined;

  constructor(config: object = {}) {
    assert.ok(existsSync(program), `${program} is missing: build it first, with \`npm run build\`.`);
    this.paths = resolvePaths(wireVersion, { SWITCHYARD_HOME: this.folder });
    this.configure(config);
  }

  /** Variables that programs of this user get beside those of the test. */
  variables: NodeJS.ProcessEnv = {};

  get env(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.variables, SWITCHYARD_HOME: this.folder, NO_COLOR: '1' };
  }

  configure(config: object): void {
    writeFileSync(this.paths.configFile, JSON.stringify(config));
  }

  /** A file of a project of this user, outside of the home: what lies in there is Switchyard's own, and no model sees it. */
  project(...names: string[]): string {
    this.#projects ??= mkdtempSync(join(realpathSync(tmpdir()), 'sy-project-'));
    const path = join(this.#projects, ...names);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  /** A file in this home, with the folders above it. */
  file(...names: string[]): string {
    const path = join(this.folder, ...names);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  /** Starts a program of this user, ended with the test. */
  spawn(args: readonly string[], command = process.execPath, cwd = this.folder): ChildProcess {
    const child = spawn(command, args, { cwd, env: this.env, stdio: 'pipe', windowsHide: true });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    child.stdin?.on('error', () => {}); // it may end before it has read everything
    return child;
  }

  /** Runs `switchyard` to its end. */
  async switchyard(args: readonly string[], input = '', cwd?: string): Promise<Ended> {
    return await ended(this.spawn([program, ...args], process.execPath, cwd), input);
  }

  /** The daemon that holds this user's lock. */
  daemonPid(): number | undefined {
    const record = readRecord(this.paths.lockFile);
    return record && isAlive(record) ? record.pid : undefined;
  }

  /** Ends the daemon without asking, as a machine does that runs out of memory. Fails where none is running. */
  killDaemon(): void {
    const pid = this.daemonPid();
    assert.ok(pid, 'a daemon is running');
    process.kill(pid, 'SIGKILL');
  }

  /** Every process of this user, as `pid command`. Elsewhere than on Linux only the daemon is seen. */
  processes(): string[] {
    const daemon = this.daemonPid();
    if (process.platform !== 'linux') return daemon === undefined ? [] : [`${daemon} daemon`];
    const variable = `SWITCHYARD_HOME=${this.folder}`;
    const pids = allPids().filter((pid) => readProc(pid, 'environ').split('\0').includes(variable));
    return pids.map((pid) => `${pid} ${readProc(pid, 'cmdline').replaceAll('\0', ' ').trim()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    const told = new Set<number>();
    try {
      await until('the end of every process of this user', () => {
        const daemon = this.daemonPid(); // perhaps only now: a child was starting it
        if (daemon !== undefined && !told.has(daemon)) signal(daemon, 'SIGTERM');
        if (daemon !== undefined) told.add(daemon);
        return this.processes().length === 0;
      });
    } catch {
      const left = this.processes();
      for (const line of left) signal(Number.parseInt(line, 10), 'SIGKILL');
      assert.fail(`left running:\n${left.join('\n')}`);
    } finally {
      for (const folder of [this.folder, this.#projects ?? this.folder])
        await rm(folder, { recursive: true, force: true, maxRetries: 20 }); // Windows: while a part of the daemon is ending
    }
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

/** What a program said, when it has ended. Its input ends here unless it is to stay open. */
export async function ended(child: ChildProcess, input = '', { keepsOpen = false } = {}): Promise<Ended> {
  const exit = once(child, 'exit');
  if (!keepsOpen) child.stdin?.end(input);
  const [stdout, stderr] = await Promise.all(
    [child.stdout, child.stderr].map((stream) => (stream ? text(stream) : '')),
  );
  await exit;
  return { code: child.exitCode, stdout: stdout ?? '', stderr: stderr ?? '' };
}

const pollMs = 20;

/** Waits for what no event tells: the state of processes that are not our children. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 60_000,
): Promise<T> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline; await delay(pollMs)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new assert.AssertionError({ message: `waited ${limitMs / 1000} seconds for ${what}` });
}

export function allPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

/** A file of the system about a process; empty when the process is gone. A zombie's are empty too. */
export function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || readProc(pid, 'cmdline') !== ''; // a zombie has no command line
}
