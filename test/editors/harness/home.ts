// A user of our own for each suite: SWITCHYARD_HOME in a short path, a configuration, a workspace to change, and a clean end.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ended, run } from './child.ts';
import { product } from './product.ts';
import { until } from './until.ts';

const sample = resolve(dirname(fileURLToPath(import.meta.url)), '../../../media/sample');

/** What the suites look at in the daemon's own account of itself. */
export interface DaemonStatus {
  pid: number;
  clients: { name: string }[];
}

/** Lives as long as a suite. */
export class Home {
  /** Short, since a socket's path holds about 100 bytes. */
  readonly root = mkdtempSync(join(realpathSync(tmpdir()), 'sy-'));
  readonly folder = join(this.root, 'home');
  readonly #workspaces: string[] = [];

  constructor(config: Record<string, unknown> = {}) {
    mkdirSync(this.folder, { mode: 0o700 });
    this.configure(config);
  }

  /** Variables for every program of this user. PATH has the Node that runs the tests, and no program of the repository. */
  get env(): NodeJS.ProcessEnv {
    return {
      SWITCHYARD_HOME: this.folder,
      HOME: this.root,
      XDG_CONFIG_HOME: join(this.root, 'config'),
      XDG_CACHE_HOME: join(this.root, 'cache'),
      XDG_DATA_HOME: join(this.root, 'data'),
      PATH: [dirname(process.execPath), ...foreignFolders()].join(delimiter),
    };
  }

  configure(config: Record<string, unknown>): void {
    writeFileSync(join(this.folder, 'config.json'), JSON.stringify(config, null, 2));
  }

  /** A fresh copy of the sample workspace. */
  workspace(): string {
    const folder = join(this.root, `work-${this.#workspaces.length + 1}`);
    cpSync(sample, folder, { recursive: true });
    this.#workspaces.push(folder);
    return folder;
  }

  /** Runs `switchyard` with these parameters. */
  switchyard(...parameters: string[]): Promise<Ended> {
    return this.switchyardIn(this.root, ...parameters);
  }

  async switchyardIn(folder: string, ...parameters: string[]): Promise<Ended> {
    return await run(process.execPath, [product.program, ...parameters], { cwd: folder, env: this.env });
  }

  /** The daemon that serves this user now. Starts none. */
  async status(): Promise<DaemonStatus> {
    const { code, stdout, output } = await this.switchyard('status', '--json');
    const { daemon } = (code === 0 ? JSON.parse(stdout) : {}) as { daemon?: DaemonStatus | null };
    if (!daemon) throw new Error(`No daemon is running, says switchyard status (${code}):\n${output}`);
    return daemon;
  }

  /** Command lines of the running programs of this user. */
  leftovers(): string[] {
    return processesWith(`SWITCHYARD_HOME=${this.folder}`);
  }

  /** Stops the daemon and fails if anything of this user still runs; then removes every file. */
  async end(): Promise<void> {
    const stopped = this.leftovers().length > 0 ? await this.switchyard('stop') : undefined;
    try {
      await until('the end of every program of this user', () => this.leftovers().length === 0);
    } catch {
      const left = this.leftovers();
      endProcessesWith(`SWITCHYARD_HOME=${this.folder}`);
      throw new Error(
        `Left running after the suite:\n${left.join('\n')}\nswitchyard stop said: ${stopped?.output ?? 'nothing'}`,
      );
    } finally {
      rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

function foreignFolders(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
}

function processesWith(variable: string): string[] {
  return pidsWith(variable).map((pid) => `${pid} ${readProc(pid, 'cmdline').replaceAll('\0', ' ')}`);
}

function endProcessesWith(variable: string): void {
  for (const pid of pidsWith(variable)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}

/** Linux alone tells the environment of other programs; elsewhere the check sees nothing. */
function pidsWith(variable: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && readProc(pid, 'environ').split('\0').includes(variable));
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
