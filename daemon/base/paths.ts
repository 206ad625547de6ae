// Where everything lives: the platform's standard folders, or all of it under SWITCHYARD_HOME.
import { homedir, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';
import envPaths from 'env-paths';

export interface Paths {
  readonly config: string;
  readonly configFile: string;
  readonly data: string;
  readonly cache: string;
  readonly logFile: string;
  /** Folder of socket, token and lock: only the user can enter it. */
  readonly run: string;
  readonly socket: string;
  readonly tokenFile: string;
  readonly lockFile: string;
  readonly database: string;
  readonly models: string;
}

export function resolvePaths(wireVersion: number, env: NodeJS.ProcessEnv = process.env): Paths {
  const home = env['SWITCHYARD_HOME'];
  const standard = envPaths('switchyard', { suffix: '' });
  const root = home ? resolve(expandHome(home)) : undefined;
  const config = root ? join(root, 'config') : standard.config;
  const data = root ? join(root, 'data') : standard.data;
  const cache = root ? join(root, 'cache') : standard.cache;
  const logs = root ? join(root, 'logs') : standard.log;
  const run = root ? join(root, 'run') : join(env['XDG_RUNTIME_DIR'] ?? data, 'switchyard');
  return {
    config,
    data,
    cache,
    run,
    configFile: join(root ?? config, 'config.json'),
    logFile: join(logs, 'daemon.log'),
    socket: socketPath(run, wireVersion),
    tokenFile: join(run, 'token'),
    lockFile: join(run, `daemon-${wireVersion}.lock`),
    database: join(data, 'switchyard.db'),
    models: join(data, 'models'),
  };
}

/** `~/x` as an absolute path. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}

/** A path as one word of a command that the user may copy into a shell. */
export function shellWord(path: string): string {
  if (/^[\w@%+=:,./\\-]+$/.test(path)) return path;
  return process.platform === 'win32' ? windowsWord(path) : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

/** A word as programs for Windows read it, in quotes: a backslash counts for itself but before a quote, where it is doubled. */
export function windowsWord(word: string): string {
  return `"${word.replace(/(\\*)"/g, String.raw`$1$1\"`).replace(/\\+$/, '$&$&')}"`;
}

/** The name as which Windows opens one: `.env::$DATA`, `.env.` and `.env ` are all `.env`. */
export function windowsName(name: string): string {
  return name.replace(/:.*$/s, '').replace(/[. ]+$/, '') || name;
}

/** Whether a path is a folder or leads into it, as far as names say: links are followed by whoever asks. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!isAbsolute(way) && way.split(/[\\/]/, 1)[0] !== '..');
}

const maxSocketPathBytes = 100; // sun_path holds 104 bytes on macOS and 108 on Linux

function socketPath(run: string, wireVersion: number): string {
  if (process.platform === 'win32')
    return `\\\\.\\pipe\\switchyard-${userInfo().username}-${shortHash(run)}-${wireVersion}`;
  const path = join(run, `daemon-${wireVersion}.sock`);
  return Buffer.byteLength(path) <= maxSocketPathBytes
    ? path
    : join(tmpdir(), `switchyard-${process.getuid?.() ?? 0}-${shortHash(run)}`, `${wireVersion}.sock`);
}

/** Loads cryptography only where it is needed: importing it would take a tenth of a forwarder's start. */
function shortHash(text: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 16);
}
