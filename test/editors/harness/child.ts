// A program under test with everything that it starts: a process group of its own, its output kept, ended as a whole.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './until.ts';

export interface ChildOptions {
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** Whether it reads what `write` sends. */
  hasInput?: boolean;
}

export interface Ended {
  code: number | null;
  stdout: string;
  /** Standard output and error together. */
  output: string;
}

/** Lives from the start of a program until `end`, which leaves nothing of its group. */
export class Child {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  #stdout = '';
  #output = '';

  constructor(command: string, parameters: readonly string[], options: ChildOptions) {
    this.#process = spawn(command, parameters, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      detached: process.platform !== 'win32', // leads a process group
      stdio: [options.hasInput ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.#exited = once(this.#process, 'close');
    this.#exited.catch((error: unknown) => {
      this.#output += String(error);
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Standard output and error together, so far. */
  get output(): string {
    return this.#output;
  }

  write(text: string): void {
    this.#process.stdin?.write(text);
  }

  /** Waits for a line in the output and returns its match. */
  async says(pattern: RegExp, limitMs = 120_000): Promise<RegExpExecArray> {
    const look = () => {
      const match = pattern.exec(this.#output);
      if (!match && this.hasEnded) throw new Error(`It ended before saying ${pattern}:\n${this.#output}`);
      return match ?? undefined;
    };
    return await until(`${pattern} in the output`, look, limitMs).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.#output}`);
    });
  }

  /** Waits for the program to end by itself. */
  async ended(limitMs = 120_000): Promise<Ended> {
    const timer = setTimeout(() => {
      this.#output += `\nended by the test after ${limitMs} ms\n`;
      this.#signal('SIGKILL');
    }, limitMs);
    await this.#exited;
    clearTimeout(timer);
    return { code: this.#process.exitCode, stdout: this.#stdout, output: this.#output };
  }

  async end(): Promise<void> {
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), 5000);
    await this.#exited.catch(() => undefined);
    clearTimeout(timer);
    this.#signal('SIGKILL'); // whatever the program left in its group
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      if (process.platform === 'win32') this.#process.kill(signal);
      else process.kill(-this.pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  }
}

/** Runs a program to its end. */
export async function run(
  command: string,
  parameters: readonly string[],
  options: ChildOptions & { limitMs?: number },
): Promise<Ended> {
  await using child = new Child(command, parameters, options);
  return await child.ended(options.limitMs);
}
