// Runs one program for the agent: no shell, bounded time, output, processes and disk, and nothing of it left when it has ended. Where the
// system allows it, the program is fenced off: it has no network, writes to its workspace alone, and doesn't see the user's keys,
// Switchyard's own folders, or the sockets of services, since what it could say there would be said in the user's name.
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { CancelledError, throwIfCancelled } from '../../../base/errors.ts';
import { LinkedAbort } from '../../../base/listeners.ts';
import { findMachineTool } from '../../pipeline/analysers/find-tool.ts';
import { runTool, type ToolOutput } from '../../pipeline/analysers/run-tool.ts';
import { DiskGuard, type DiskGuardDeps } from './disk-guard.ts';
import { fencedEnvironment, reducedEnvironment, shownFolder } from './environment.ts';
import {
  hiddenSignIns,
  isGit,
  type Layer,
  layersFor,
  settingsForGit,
  shownFiles,
  type ViewRequest,
} from './program-view.ts';
import { folderName, type SetAside, SettingsGuard } from './settings-guard.ts';
import { hasFoundGone, type ToolEnd, type Wrapper, wrappers } from './wrappers.ts';

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
  /** Settings of editors, git, shells and agents that it made, and that didn't stay. */
  setAside?: SetAside;
  /** Folders of the workspace that it could only read, since they hold too many settings for each to be protected by itself. */
  wholeFolders?: string[];
  /** Files of the home folder by which package managers would sign in. */
  hidden?: string[];
}

/** For `doctor`. */
export interface SandboxState {
  ok: boolean;
  detail: string;
  fix?: string;
}

export interface SandboxDeps extends Pick<DiskGuardDeps, 'freeBytes'> {
  /** Folders of Switchyard's own: configuration, keys, data, the socket. */
  ownFolders: readonly string[];
  /** Has a folder for each workspace, in which its programs keep their caches. */
  cacheFolder: string;
  env?: NodeJS.ProcessEnv;
  /** The files that the user shows to programs which have the network. */
  shownFiles?(): readonly string[];
  /** How long a program may run. */
  timeoutMs?: number;
  /** Told of settings that a program made and that didn't stay, where no result says so: it was stopped, or the daemon was. */
  onUntold?(setAside: SetAside): void;
  /** How programs are fenced off, the best first. */
  wrappers?: readonly Wrapper[];
}

interface FencedProgram {
  wrapper: Wrapper;
  program: SandboxedProgram;
  view: Pick<ViewRequest, 'cacheFolder' | 'settings'>;
}

interface FencedCommand {
  command: readonly [string, ...string[]];
  environment: Record<string, string | undefined>;
}

interface BoundedRun extends FencedCommand {
  program: SandboxedProgram;
  /** Whose disks it may not fill. */
  folders: readonly string[];
}

const defaultTimeoutMs = 5 * 60_000;
const probeMs = 10_000;
const maxAttempts = 3;
const howToInstall = 'Install bubblewrap, such as with `sudo apt install bubblewrap` or `sudo dnf install bubblewrap`.';
const howToAllow =
  'bubblewrap is installed, but this system lets nobody make namespaces. On Ubuntu, add an AppArmor profile for bwrap that allows userns. In a container, allow user namespaces.';
const maxUnusedMs = 30 * 24 * 60 * 60_000;

/** Lives as long as the daemon. */
export class Sandbox {
  readonly #deps: SandboxDeps;
  readonly #settings: SettingsGuard;
  #wrapper: Promise<Wrapper | undefined> | undefined;

  constructor(deps: SandboxDeps) {
    this.#deps = deps;
    const { cacheFolder, timeoutMs = defaultTimeoutMs, onUntold } = deps;
    this.#settings = new SettingsGuard({ folder: cacheFolder, maxRunMs: timeoutMs, ...(onUntold && { onUntold }) });
  }

  /** Ends what programs left when the daemon didn't stop by itself. */
  recover(): Promise<void> {
    return this.#settings.recover();
  }

  /** Whether this system can fence a program off. It is tried until it can: it may be busy, or get what it lacks. */
  async canIsolate(root: string): Promise<boolean> {
    this.#wrapper ??= this.#probe(root);
    if ((await this.#wrapper) !== undefined) return true;
    this.#wrapper = undefined;
    return false;
  }

  /** Those of the user's list that are there, as real paths. */
  shownFiles(): string[] {
    const { ownFolders, env = process.env, shownFiles: named } = this.#deps;
    return shownFiles(named?.() ?? [], { ownFolders, env });
  }

  /** For `doctor`. */
  async examine(): Promise<SandboxState> {
    const { cacheFolder } = this.#deps;
    await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
    const wrapper = await this.#probe(cacheFolder);
    if (wrapper) {
      const fence = `programs that the agent runs are behind a fence: ${wrapper.about}`;
      return { ok: true, detail: [fence, ...(await this.#setAsideWords())].join('. ') };
    }
    const detail =
      'no fence: programs that the agent runs reach the network, your other files, and services such as Docker. The question before each says so';
    if (process.platform !== 'linux') return { ok: true, detail };
    return { ok: false, detail, fix: this.#find('bwrap', cacheFolder) === undefined ? howToInstall : howToAllow };
  }

  async #setAsideWords(): Promise<string[]> {
    const count = await this.#settings.countSetAside();
    if (count === 0) return [];
    const times = count === 1 ? 'once' : `${count} times`;
    return [`Settings that such programs made were moved away ${times}, to ${this.#deps.cacheFolder}`];
  }

  /** Throws CancelledError once nothing of the program runs any more, and the system's own error where it can't start. */
  async run(program: SandboxedProgram, signal: AbortSignal): Promise<ProgramOutput> {
    const { file, root, network } = program;
    const wrapper = (await this.canIsolate(root)) ? await this.#wrapper : undefined;
    if (!wrapper) {
      if (network === 'off') throw new Error('the network of a program cannot be turned off');
      return this.#runBounded({ program, folders: [root], command: [file], environment: {} }, signal);
    }
    const cacheFolder = await this.#cacheOf(root);
    const hold = isGit(file, root) ? undefined : await this.#settings.hold(root, { installs: network === 'on' });
    const view = { cacheFolder, settings: hold?.paths ?? settingsForGit(root) };
    let output: ProgramOutput | undefined;
    let setAside: SetAside | undefined;
    try {
      output = await this.#runFenced({ wrapper, program, view }, (fenced) =>
        this.#runBounded({ ...fenced, program, folders: [root, cacheFolder] }, signal),
      );
    } finally {
      setAside = await hold?.release();
      if (setAside && !output) this.#deps.onUntold?.(setAside); // it was stopped with its run
    }
    const hidden = network === 'on' ? hiddenSignIns(this.#deps.env ?? process.env, this.shownFiles()) : [];
    const { wholeFolders = [] } = hold ?? {};
    return {
      ...output,
      ...(setAside && { setAside }),
      ...(wholeFolders.length > 0 && { wholeFolders: wholeFolders.map((path) => relative(root, path)) }),
      ...(hidden.length > 0 && { hidden }),
    };
  }

  async #runBounded({ program, folders, ...fenced }: BoundedRun, signal: AbortSignal): Promise<ProgramOutput> {
    const { timeoutMs = defaultTimeoutMs, env = process.env, freeBytes } = this.#deps;
    const { args, folder, root } = program;
    const [first, ...before] = fenced.command;
    const environment = { ...reducedEnvironment(env, root), ...fenced.environment };
    using stop = new LinkedAbort([signal]);
    let isFull = false;
    using _guard = new DiskGuard({
      folders,
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

  /** Again where something to be hidden has gone before the fence was there: then nothing has run. */
  async #runFenced<Output extends ToolEnd>(
    { wrapper, program, view }: FencedProgram,
    run: (fenced: FencedCommand) => Promise<Output>,
  ): Promise<Output> {
    for (let attempt = 1; ; attempt++) {
      const { layers, ...fenced } = this.#fenced({ wrapper, program, view });
      const output = await run(fenced);
      if (attempt === maxAttempts || !hasFoundGone(layers, output)) return output;
    }
  }

  #fenced({ wrapper, program, view }: FencedProgram): FencedCommand & { layers: Layer[] } {
    const { ownFolders, env = process.env } = this.#deps;
    const { file, folder, root, network } = program;
    const itself = this.#find(wrapper.program, root);
    if (itself === undefined) throw new Error(`${wrapper.program} is gone`);
    const layers = layersFor({ ...view, shown: this.shownFiles(), root, ownFolders, file, network, env });
    const shown = join(shownFolder(dirname(file), layers), basename(file));
    const path = reducedEnvironment(env, root)['PATH'] ?? '';
    return {
      command: [itself, ...wrapper.args({ layers, network, folder }, itself), shown],
      environment: fencedEnvironment(path, { layers, network, cacheFolder: view.cacheFolder }),
      layers,
    };
  }

  async #probe(root: string): Promise<Wrapper | undefined> {
    if (process.platform !== 'linux') return undefined;
    const { signal } = new AbortController();
    const file = this.#find('true', root);
    if (file === undefined) return undefined;
    const program: SandboxedProgram = { file, args: [], folder: root, root, network: 'off' };
    for (const wrapper of this.#deps.wrappers ?? wrappers) {
      if (this.#find(wrapper.program, root) === undefined) continue;
      const view = { cacheFolder: undefined, settings: [] };
      const { exitCode } = await this.#runFenced({ wrapper, program, view }, ({ command, environment }) => {
        const [first, ...rest] = command;
        return runTool({ file: first, arguments: rest, folder: root, timeoutMs: probeMs, environment }, signal);
      }).catch(() => ({ exitCode: null }));
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
    const own = join(cacheFolder, folderName(root));
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
