// One life of the indexer's process: given a scan, it hands on what it finds, a file at a time.
import { type ChildProcess, spawn } from 'node:child_process';
import { childEnvironment } from '../base/child-environment.ts';
import type { FromIndexer, ScanRequest, ToIndexer } from './messages.ts';

/** What comes of a scan. Each answer is awaited before another file than the few under way is read. */
export interface Findings {
  onMessage(message: Exclude<FromIndexer, { kind: 'done' | 'failed' }>): Promise<void>;
}

const keptErrorCharacters = 2000;

/** Lives from the start of the process to its end. Does one scan at a time. */
export class Indexer {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #current: { findings: Findings; resolve(): void; reject(error: Error): void } | undefined;
  #work: Promise<void> = Promise.resolve();
  #lastErrors = '';
  #hasEnded = false;

  constructor(hostPath: string) {
    this.#child = spawn(process.execPath, [hostPath], {
      env: childEnvironment(process.env),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      windowsHide: true,
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#exited = promise;
    this.#child.on('message', (message) => this.#receive(message as FromIndexer));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastErrors = (this.#lastErrors + text).slice(-keptErrorCharacters);
    });
    const ended = (how: string): void => {
      this.#hasEnded = true;
      this.#fail(new Error(`the indexer ended (${how})${this.#lastErrors && `: ${this.#lastErrors}`}`));
      resolve();
    };
    this.#child.on('error', (error) => ended(error.message));
    this.#child.on('exit', (code, signal) => ended(signal ?? `code ${code}`));
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Resolves when all of the scan was taken. Throws when the process ends before, or when what is found cannot be stored. */
  async scan(scan: ScanRequest, findings: Findings): Promise<void> {
    if (this.#hasEnded) throw new Error('the indexer has ended');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#current = { findings, resolve, reject };
    this.#send({ kind: 'scan', scan });
    await promise;
  }

  pause(): void {
    this.#send({ kind: 'pause' });
  }

  resume(): void {
    this.#send({ kind: 'resume' });
  }

  /** Ends the process whatever it does; what it had not handed on is found again by the next scan. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #send(message: ToIndexer): void {
    if (this.#child.connected) this.#child.send(message, () => {}); // what fails to be sent is told by `exit`
  }

  /** One after another, so that a file is stored before the scan that found it is said to be done. */
  #receive(message: FromIndexer): void {
    this.#work = this.#work
      .then(() => this.#take(message))
      .catch((error: unknown) => {
        this.#fail(error instanceof Error ? error : new Error(String(error)));
      });
  }

  async #take(message: FromIndexer): Promise<void> {
    const current = this.#current;
    if (!current) return; // it failed, and what still comes is of no use
    if (message.kind === 'done') return this.#finish();
    if (message.kind === 'failed') throw new Error(message.sentence);
    await current.findings.onMessage(message);
    if (message.kind === 'file' || message.kind === 'touched') this.#send({ kind: 'taken' });
  }

  #finish(): void {
    this.#current?.resolve();
    this.#current = undefined;
  }

  #fail(error: Error): void {
    this.#current?.reject(error);
    this.#current = undefined;
  }
}
