// A server that is a program: MCP over its stdin and stdout, in a process group of its own. The SDK's transport has none, and starts the
// program twice to find out which generation of the protocol it speaks.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { JSONRPCMessage, ReadBuffer, Transport } from '@modelcontextprotocol/client';
import { errnoCode, UserError } from '../../../base/errors.ts';
import { endGroup, guardGroup, ownGroup } from '../../../base/process/process-group.ts';
import { commandLine } from './command-line.ts';

export interface ProgramDeps {
  command: string;
  args: readonly string[];
  /** The whole of its environment. */
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** The SDK's; loaded when the first server is. */
  buffer: ReadBuffer;
  onWords(stderr: string): void;
}

const politeMs = 1000; // for a program to end once its stdin has
const maxWaiting = 8 * 1024 * 1024; // bytes that the program doesn't read

/** Lives from the start of one process to its end. */
export class ProgramTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: <T extends JSONRPCMessage>(message: T) => void;
  /** With `pid`, it tells the SDK that this is a pipe, where silence means an older generation of the protocol. */
  readonly stderr = null;
  readonly #deps: ProgramDeps;
  readonly #exited = Promise.withResolvers<void>();
  #child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  #isClosed = false;
  /** How the process ended, once it has. */
  end: string | undefined;

  constructor(deps: ProgramDeps) {
    this.#deps = deps;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Throws UserError `mcp-not-started`. */
  async start(): Promise<void> {
    const { command, env, cwd, onWords } = this.#deps;
    const line = commandLine(this.#deps);
    const child = spawn(line.file, line.args, {
      ...ownGroup,
      cwd,
      env: line.isOwnNode ? { ...env, ELECTRON_RUN_AS_NODE: '1' } : env,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsVerbatimArguments: line.isVerbatim,
    });
    this.#child = child;
    const unguard = child.pid === undefined ? () => {} : guardGroup(child.pid);
    child.once('exit', (code, signal) => {
      endGroup(child); // what it started would hold the pipes open
      unguard();
      this.#ended(signal ?? `exit code ${code}`);
    });
    child.stdin.on('error', () => {}); // its end is told by `exit`
    child.stderr.setEncoding('utf8').on('data', onWords);
    child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => {
        this.#ended(error.message);
        reject(notStarted(command, cwd, error));
      });
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin;
    if (!stdin?.writable || stdin.writableLength > maxWaiting) throw new Error('the program takes no more input');
    stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Ends the program: by its stdin, then with all that it started. */
  async close(): Promise<void> {
    const child = this.#child;
    if (!child || this.#isClosed) return;
    child.stdin.end();
    const soon = (): Promise<unknown> =>
      Promise.race([this.#exited.promise, delay(politeMs, undefined, { ref: false })]);
    await soon();
    this.kill();
    await soon();
  }

  kill(): void {
    if (this.#child && this.end === undefined) endGroup(this.#child);
  }

  #read(chunk: Buffer): void {
    const { buffer } = this.#deps;
    try {
      buffer.append(chunk);
    } catch {
      this.kill(); // a message without an end
      return;
    }
    for (;;) {
      try {
        const message = buffer.readMessage();
        if (message === null) return;
        this.onmessage?.(message);
      } catch (error) {
        this.onerror?.(error as Error);
      }
    }
  }

  #ended(how: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.end = how;
    this.#exited.resolve();
    this.onclose?.();
  }
}

function notStarted(command: string, cwd: string, error: Error): UserError {
  const missing = existsSync(cwd) ? "there's no such program on the daemon's PATH" : `there's no folder ${cwd}`;
  const why = errnoCode(error) === 'ENOENT' ? missing : error.message;
  return new UserError('mcp-not-started', `Couldn't start ${command}: ${why}. Correct "mcpServers" in config.json.`);
}
