// Runs one program for the agent: no shell, bounded time, output, processes and disk, and nothing of it left when it has ended. Where the
// system allows it, the program is fenced off: it has no network, writes to its workspace alone, and doesn't see the user's keys,
// Switchyard's own folders, or the sockets of services, since what it could say there would be said in the user's name.
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CancelledError, throwIfCancelled } from '../../../base/errors.ts';
import { LinkedAbort } from '../../../base/listeners.ts';
import { findMachineTool } from '../../pipeline/analysers/find-tool.ts';
import { runTool, type ToolOutput } from '../../pipeline/analysers/run-tool.ts';
import { DiskGuard, type DiskGuardDeps } from './disk-guard.ts';
import { fencedEnvironment, reducedEnvironment, shownFolder } from './environment.ts';
import { layersFor } from './program-view.ts';
import { type Wrapper, wrappers } from './wrappers.ts';

/** What is run: a program by its whole path. */
export interface SandboxedProgram {
  file: string;
  args: readonly string[];
  folder: string;
  /** The folder that the agent works in. */
  root: string;
  /** `on` where the user has said so, or nothing can keep it away. */
  network: 'off' | 'on';
}

export interface ProgramOutput extends Omit<ToolOutput, 'ended'> {
  ended?: ToolOutput['ended'] | 'disk-filled';
}

export interface SandboxDeps extends Pick<DiskGuardDeps, 'freeBytes'> {
  /** Folders of Switchyard's own: configuration, keys, data, the socket. */
  ownFolders: readonly string[];
  /** Has a folder for each workspace, in which its programs keep their caches. */
  cacheFolder: string;
  env?: NodeJS.ProcessEnv;
  /** How long a program may run. */
  timeoutMs?: number;
  /** How programs are fenced off, the best first. */
  wrappers?: readonly Wrapper[];
}

interface FencedCommand {
  command: readonly [string, ...string[]];
  environment: Record<string, string | undefined>;
}

const defaultTimeoutMs = 5 * 60_000;
const probeMs = 10_000;
const maxUnusedMs = 30 * 24 * 60 * 60_000;

/** Lives as long as the daemon. */
export class Sandbox {
  readonly #deps: SandboxDeps;
  #wrapper: Promise<Wrapper | undefined> | undefined;

  constructor(deps: SandboxDeps) {
    this.#deps = deps;
  }

  /** Whether this system can fence a program off. It is tried once. */
  async canIsolate(root: string): Promise<boolean> {
    this.#wrapper ??= this.#probe(root);
    return (await this.#wrapper) !== undefined;
  }

  /** Throws CancelledError once nothing of the program runs any more, and the system's own error where it can't start. */
  async run(program: SandboxedProgram, signal: AbortSignal): Promise<ProgramOutput> {
    const { timeoutMs = defaultTimeoutMs, env = process.env, freeBytes } = this.#deps;
    const { file, args, folder, root, network } = program;
    const wrapper = (await this.canIsolate(root)) ? await this.#wrapper : undefined;
    if (network === 'off' && !wrapper) throw new Error('the network of a program cannot be turned off');
    const cacheFolder = wrapper && (await this.#cacheOf(root));
    const fenced = wrapper && this.#fenced(wrapper, program, cacheFolder);
    const [first, ...before] = fenced?.command ?? [file];
    const environment = { ...reducedEnvironment(env, root), ...fenced?.environment };
    using stop = new LinkedAbort([signal]);
    let isFull = false;
    using _guard = new DiskGuard({
      folders: [root, ...(cacheFolder === undefined ? [] : [cacheFolder])],
      ...(freeBytes && { freeBytes }),
      onFull() {
        isFull = true;
        stop.abort(new CancelledError());
      },
    });
    try {
      return await runTool(
        { file: first, arguments: [...before, ...args], folder, timeoutMs, environment },
        stop.signal,
      );
    } catch (error) {
      throwIfCancelled(signal);
      if (!isFull || !(error instanceof CancelledError)) throw error;
      return { stdout: '', stderr: '', exitCode: null, ended: 'disk-filled' };
    }
  }

  #fenced(wrapper: Wrapper, { file, folder, root, network }: SandboxedProgram, cacheFolder?: string): FencedCommand {
    const { ownFolders, env = process.env } = this.#deps;
    const itself = this.#find(wrapper.program, root);
    if (itself === undefined) throw new Error(`${wrapper.program} is gone`);
    const layers = layersFor({ root, cacheFolder, ownFolders, file, network, env });
    const shown = join(shownFolder(dirname(file), layers), basename(file));
    const path = reducedEnvironment(env, root)['PATH'] ?? '';
    return {
      command: [itself, ...wrapper.args({ layers, network, folder }, itself), shown],
      environment: fencedEnvironment(path, { layers, network, cacheFolder }),
    };
  }

  async #probe(root: string): Promise<Wrapper | undefined> {
    if (process.platform !== 'linux') return undefined;
    const { signal } = new AbortController();
    const file = this.#find('true', root);
    if (file === undefined) return undefined;
    for (const wrapper of this.#deps.wrappers ?? wrappers) {
      if (this.#find(wrapper.program, root) === undefined) continue;
      const { command, environment } = this.#fenced(wrapper, { file, args: [], folder: root, root, network: 'off' });
      const [first, ...rest] = command;
      const run = { file: first, arguments: rest, folder: root, timeoutMs: probeMs, environment };
      const { exitCode } = await runTool(run, signal).catch(() => ({ exitCode: null }));
      if (exitCode === 0) return wrapper;
    }
    return undefined;
  }

  #find(program: string, root: string): string | undefined {
    const { env = process.env } = this.#deps;
    return findMachineTool({ kind: 'path', programs: [program] }, { root }, env)?.file;
  }

  /** What a program leaves there, only programs of the same workspace read. Those of workspaces that no program ran in for long are deleted. */
  async #cacheOf(root: string): Promise<string> {
    const { cacheFolder } = this.#deps;
    const own = join(cacheFolder, createHash('sha256').update(root).digest('hex').slice(0, 16));
    if ((await mkdir(own, { recursive: true, mode: 0o700 })) !== undefined)
      for (const name of await readdir(cacheFolder)) {
        const stats = await stat(join(cacheFolder, name)).catch(() => undefined);
        if (stats && Date.now() - stats.mtimeMs > maxUnusedMs)
          await rm(join(cacheFolder, name), { recursive: true, force: true }).catch(() => {});
      }
    await utimes(own, new Date(), new Date());
    return own;
  }
}
