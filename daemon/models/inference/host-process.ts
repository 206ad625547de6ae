// One life of the inference host's process: starting it, asking it, and telling everyone who waits when it ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { childEnvironment } from '../../base/child-environment.ts';
import { CancelledError } from '../../base/errors.ts';
import type { FromHost, HostFailure, HostRequest, HostResults, LoadedModelInfo, ToHost } from './host-messages.ts';
import { InferenceError, type InferencePart } from './inference.ts';

export interface HostProcessOptions {
  /** The host's script: bundled, or its source. */
  path: string;
  idleUnloadMs: number;
  onLoaded: (models: LoadedModelInfo[]) => void;
  onExit: () => void;
}

interface Waiting {
  resolve(value: HostResults[keyof HostResults]): void;
  reject(error: Error): void;
  onPart(part: InferencePart): void;
}

const keptErrorCharacters = 4000;

/** Lives from the start of a process to its end; a new process is a new object. */
export class HostProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #options: HostProcessOptions;
  readonly exited: Promise<void>;
  #lastId = 0;
  #lastErrors = '';

  constructor(options: HostProcessOptions) {
    this.#options = options;
    this.#child = spawn(process.execPath, [options.path], {
      env: childEnvironment(process.env),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      windowsHide: true,
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.exited = promise;
    this.#child.on('message', (message) => this.#receive(message as FromHost));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastErrors = (this.#lastErrors + text).slice(-keptErrorCharacters);
    });
    this.#child.on('error', (error) => this.#end(`it could not be started: ${error.message}`, resolve));
    this.#child.on('exit', (code, signal) => this.#end(signal ?? `code ${code}`, resolve));
    this.#send({ kind: 'configure', idleUnloadMs: options.idleUnloadMs });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Throws InferenceError, or CancelledError at once when aborted; the host is told and stops by itself. */
  async request<Kind extends HostRequest['kind']>(
    request: HostRequest & { kind: Kind },
    options: { signal?: AbortSignal; onPart?: (part: InferencePart) => void } = {},
  ): Promise<HostResults[Kind]> {
    const { signal, onPart = () => {} } = options;
    if (signal?.aborted) throw new CancelledError();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<HostResults[keyof HostResults]>();
    this.#waiting.set(id, { resolve, reject, onPart });
    const cancel = () => {
      this.#send({ kind: 'cancel', id });
      reject(new CancelledError());
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      this.#send({ kind: 'request', id, request });
      return (await promise) as HostResults[Kind];
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#waiting.delete(id);
    }
  }

  /** Ends the process without waiting for what it does; nothing in it needs saving. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #send(message: ToHost): void {
    if (this.#child.connected) this.#child.send(message, () => {}); // what fails to be sent is reported by `exit`
  }

  #receive(message: FromHost): void {
    if (message.kind === 'loaded') {
      this.#options.onLoaded(message.models);
      return;
    }
    const waiting = this.#waiting.get(message.id); // none once it was cancelled
    switch (message.kind) {
      case 'part':
        waiting?.onPart(message.part);
        break;
      case 'result':
        waiting?.resolve(message.value);
        break;
      case 'failure':
        waiting?.reject(toError(message.failure));
        break;
    }
  }

  #end(how: string, resolve: () => void): void {
    const error = new InferenceError(
      'inference-crashed',
      `The process that runs local models ended unexpectedly (${how}). Ask again: it is started anew.`,
      this.#lastErrors === '' ? undefined : new Error(this.#lastErrors),
    );
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#options.onExit();
    resolve();
  }
}

function toError(failure: HostFailure): Error {
  switch (failure.kind) {
    case 'cancelled':
      return new CancelledError();
    case 'error':
      return new InferenceError(failure.code, failure.message);
    case 'bug':
      return new Error(`in the inference host: ${failure.stack}`);
  }
}
