// llama.cpp's llama-server on this machine: where it is, and what it can.
import { execFile } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../../base/child-environment.ts';
import { expandHome } from '../../base/paths.ts';

export interface ServerProgram {
  path: string;
  version: string;
  /** Whether it knows an option, such as `--mmproj`. */
  has(option: string): boolean;
}

/** Why there is none, as a sentence that says what to do. */
export interface MissingProgram {
  missing: string;
}

const program = process.platform === 'win32' ? 'llama-server.exe' : 'llama-server';
/** Where packages put it: a program that the desktop starts may not have these on its PATH. */
const usualFolders = ['/opt/homebrew/bin', '/usr/local/bin', '/home/linuxbrew/.linuxbrew/bin'];
const probeTimeoutMs = 20_000; // the first load of a GPU's driver takes seconds
const maxHelpBytes = 4 * 1024 * 1024;
const install =
  'Install llama.cpp (`brew install llama.cpp` or `winget install llama.cpp`), or set "llamaServer" in config.json to the path of its llama-server.';

/** Lives as long as the daemon. What it found out about a file holds until the file changes. */
export class ServerPrograms {
  readonly #named: () => string | undefined;
  readonly #path: () => string;
  #known: { key: string; probe: Promise<ServerProgram | MissingProgram> } | undefined;

  constructor(named: () => string | undefined, path = () => process.env['PATH'] ?? '') {
    this.#named = named;
    this.#path = path;
  }

  /** The program that the user named, or else the first one on the PATH. */
  async find(): Promise<ServerProgram | MissingProgram> {
    const named = this.#named();
    const candidates = named === undefined ? this.#onPath() : [expandHome(named)];
    for (const path of candidates) {
      const key = await identityOf(path);
      if (key === undefined) continue;
      if (this.#known?.key !== key) this.#known = { key, probe: probe(path) };
      return await this.#known.probe;
    }
    return {
      missing:
        named === undefined
          ? `llama.cpp's llama-server wasn't found. ${install}`
          : `"llamaServer" in config.json names ${named}, which isn't a program. Correct the path there.`,
    };
  }

  #onPath(): string[] {
    const folders = this.#path().split(delimiter).filter(isAbsolute); // never the folder that somebody happens to work in
    return [...folders, ...usualFolders].map((folder) => join(folder, program));
  }
}

/** Undefined where there is no such program. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const [{ size, mtimeMs }] = [await stat(path), await access(path, constants.X_OK)];
    return `${path} ${size} ${mtimeMs}`;
  } catch {
    return undefined;
  }
}

async function probe(path: string): Promise<ServerProgram | MissingProgram> {
  try {
    const [version, help] = [await wordsOf(path, '--version'), await wordsOf(path, '--help')];
    const has = (option: string): boolean => new RegExp(`(^|[\\s,])${option}(?![\\w-])`, 'm').test(help);
    if (!has('--mmproj')) return { missing: `${path} is too old to look at pictures. ${install}` };
    const [, words = 'of an unknown version'] = /version: *(.+)/.exec(version) ?? [];
    return { path, version: words.trim(), has };
  } catch (error) {
    const reason = String((error as { stderr?: unknown }).stderr ?? '').trim() || (error as Error).message;
    return { missing: `${path} doesn't start (${reason.split('\n')[0]?.slice(0, 200)}). ${install}` };
  }
}

async function wordsOf(path: string, option: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(path, [option], {
    env: childEnvironment(process.env),
    timeout: probeTimeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: maxHelpBytes,
    windowsHide: true,
  });
  return `${stdout}\n${stderr}`;
}
