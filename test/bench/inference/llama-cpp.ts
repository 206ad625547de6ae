// llama.cpp's own programs, built from the very sources that node-llama-cpp was built from, into a cache outside the clone.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { root } from '../../architecture/sources.ts';
import { installedBefore, installedIn, step } from '../kit/install.ts';

const sources = join(root, 'node_modules', 'node-llama-cpp', 'llama');
const buildLimitMs = 90 * 60_000;
/** As the packages of node-llama-cpp are built, but for this processor alone. */
const options = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DGGML_OPENMP=OFF',
  '-DBUILD_SHARED_LIBS=OFF',
  '-DLLAMA_BUILD_TESTS=OFF',
  '-DLLAMA_BUILD_EXAMPLES=OFF',
  '-DLLAMA_BUILD_UI=OFF',
  '-DLLAMA_USE_PREBUILT_UI=OFF',
  '-DLLAMA_OPENSSL=OFF',
];

export class LlamaCpp {
  readonly #programs: string;

  constructor(folder: string) {
    this.#programs = join(folder, 'build', 'bin');
  }

  /** Tokens a second: of generating so many, or of reading so many at once. */
  async speed(model: string, threads: number, of: { generated: number } | { read: number }): Promise<number> {
    const [generated, read] = 'read' in of ? [0, of.read] : [of.generated, 0];
    const counts = ['-n', `${generated}`, '-p', `${read}`, '-t', `${threads}`, '-r', '1'];
    const { stdout } = await promisify(execFile)(join(this.#programs, 'llama-bench'), [
      '-m',
      model,
      ...counts,
      '-o',
      'json',
    ]);
    const [result] = JSON.parse(stdout) as [{ avg_ts: number }];
    return result.avg_ts;
  }

  /** A server with this model, which listens when this resolves. */
  async serve(model: string, parameters: readonly string[]): Promise<LlamaServer> {
    const port = await freePort();
    const address = ['--host', '127.0.0.1', '--port', `${port}`];
    const child = spawn(join(this.#programs, 'llama-server'), ['-m', model, ...address, ...parameters], {
      stdio: 'ignore',
    });
    const server = new LlamaServer(child, `http://127.0.0.1:${port}`);
    while (!(await server.isReady())) {
      if (child.exitCode !== null) throw new Error(`llama-server ended with code ${child.exitCode}`);
      await delay(100);
    }
    return server;
  }
}

/** Lives until it is disposed of. */
class LlamaServer {
  readonly #child: ChildProcess;
  readonly #url: string;

  constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.#url = url;
  }

  async isReady(): Promise<boolean> {
    return await fetch(`${this.#url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  async post<Answer>(path: string, body: unknown): Promise<Answer> {
    const response = await fetch(`${this.#url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok)
      throw new Error(`llama-server answered ${path} with ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

/** The programs, or why they can't be had. */
export function findLlamaCpp(): LlamaCpp | { missing: string } {
  if (process.platform === 'win32') return { missing: "llama.cpp's own programs are built on Linux and macOS only." };
  const found = installedIn({ ...program(), install: build });
  return 'folder' in found ? new LlamaCpp(found.folder) : found;
}

/** The path of llama-server, where a measurement has built it before. */
export function builtLlamaServer(): string | undefined {
  const folder = installedBefore(program());
  return folder === undefined ? undefined : join(folder, 'build', 'bin', 'llama-server');
}

function program(): { name: string; version: string } {
  const { release } = JSON.parse(readFileSync(join(sources, 'binariesGithubRelease.json'), 'utf8')) as {
    release: string;
  };
  return { name: 'llama.cpp', version: release };
}

function build(folder: string): boolean {
  const cmake = cmakeIn(folder);
  const nice = (...command: string[]): boolean => step('nice', ['-n', '10', ...command], folder, buildLimitMs);
  return (
    cmake !== undefined &&
    step(
      'git',
      ['clone', '--quiet', '--depth', '1', `file://${join(sources, 'gitRelease.bundle')}`, 'source'],
      folder,
    ) &&
    nice(cmake, '-S', 'source', '-B', 'build', ...options) &&
    nice(cmake, '--build', 'build', '-j', '2', '--target', 'llama-bench', 'llama-server')
  );
}

/** The machine's own, or pip's. */
function cmakeIn(folder: string): string | undefined {
  if (step('cmake', ['--version'], folder)) return 'cmake';
  const isInstalled =
    step('python3', ['-m', 'venv', 'venv'], folder) &&
    step(join(folder, 'venv/bin/python'), ['-m', 'pip', 'install', '--quiet', 'cmake'], folder);
  return isInstalled ? join(folder, 'venv/bin/cmake') : undefined;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
