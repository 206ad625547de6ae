// The forwarder: an editor's stdio on one side, the daemon's socket on the other. It passes frames on as bytes, and remembers the
// handshake, the open documents and the requests under way, to go on with a new daemon when the old one dies.
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../base/errors.ts';
import { ClientMirror, type Message } from './client-mirror.ts';
import { type Frame, FrameReader, frame } from './frames.ts';
import type { DaemonConnection } from './join.ts';

interface ForwardOptions {
  input: Readable;
  output: Writable;
  /** Joins the daemon, starting it if absent. */
  join(): Promise<DaemonConnection>;
}

const requestFailed = -32803; // LSP 3.17 ErrorCodes.RequestFailed
const maxRestarts = 5; // within the window: a sixth start would not help either
const restartWindowMs = 60_000;
const restartDelayMs = 100;

/** Runs until the editor ends its side, and resolves with the exit code. Without a daemon it does not throw: the editor's requests are answered with the reason. */
export function forward(options: ForwardOptions): Promise<number> {
  return new Forwarder(options).run();
}

/** Lives as long as the editor's end of the pipe. */
class Forwarder {
  readonly #options: ForwardOptions;
  readonly #mirror = new ClientMirror();
  readonly #fromEditor = new FrameReader();
  /** Frames of the editor that wait for a daemon. */
  #waiting: Buffer[] = [];
  #socket: Socket | undefined;
  #hadDaemon = false;
  #restarts: number[] = [];
  #finish: (code: number) => void = () => {};
  #ended = false;
  /** Why there is no daemon, once that is final. */
  #lost: UserError | undefined;

  constructor(options: ForwardOptions) {
    this.#options = options;
  }

  run(): Promise<number> {
    const { input, output } = this.#options;
    return new Promise((resolve) => {
      this.#finish = (code) => {
        this.#ended = true;
        this.#socket?.destroy();
        resolve(code);
      };
      input.on('data', (chunk: Buffer) => this.#onEditorData(chunk));
      input.once('end', () => this.#finish(this.#lost ? 3 : this.#mirror.exitCode));
      input.once('error', () => this.#finish(0));
      output.once('error', () => this.#finish(0)); // the editor is gone
      void this.#connect(false);
    });
  }

  #onEditorData(chunk: Buffer): void {
    let frames: Frame[];
    try {
      frames = this.#fromEditor.push(chunk).filter(({ refusal }) => !refusal || this.#refuse(refusal));
    } catch (error) {
      process.stderr.write(`switchyard: the editor sent something that isn't LSP: ${(error as Error).message}\n`);
      return this.#finish(3);
    }
    if (this.#socket && !this.#mirror.mayDropFromEditor)
      return this.#pass(frames, { send: (raw) => this.#send(raw), note: (body) => this.#mirror.fromEditor(body) });
    const passing: Buffer[] = [];
    for (const { raw, body } of frames) {
      const verdict = this.#mirror.fromEditor(body);
      if (verdict === 'drop') continue;
      if (this.#socket) passing.push(raw);
      else if (!this.#hadDaemon || verdict !== 'mirrored') this.#waiting.push(raw);
    }
    if (passing.length > 0) this.#send(concat(passing));
    if (this.#lost) this.#giveUp(this.#lost);
    else if (this.#mirror.isExiting && !this.#socket) this.#finish(this.#mirror.exitCode);
  }

  /** Answers what was too long to pass on. */
  #refuse(refusal: unknown): false {
    this.#reply(refusal as Message);
    return false;
  }

  /** Sends frames before it notes them, so that the other end works meanwhile. Only for frames of which none is dropped. */
  #pass(frames: readonly Frame[], { send, note }: { send(raw: Buffer): void; note(body: Buffer): void }): void {
    if (frames.length > 0) send(concat(frames.map(({ raw }) => raw)));
    for (const { body } of frames) note(body);
  }

  #send(raw: Buffer): void {
    const { input } = this.#options;
    if (this.#socket?.write(raw) === false) {
      input.pause();
      this.#socket.once('drain', () => input.resume());
    }
  }

  async #connect(again: boolean): Promise<void> {
    try {
      const connection = await this.#options.join();
      if (this.#ended) return void connection.socket.destroy();
      this.#attach(connection, again);
    } catch (error) {
      this.#giveUp(error instanceof UserError ? error : new UserError('daemon-failed', String(error)));
    }
  }

  #attach({ socket, rest, pid }: DaemonConnection, again: boolean): void {
    const reader = new FrameReader();
    const { output } = this.#options;
    const send = (raw: Buffer): void => {
      if (output.write(raw)) return;
      socket.pause();
      output.once('drain', () => socket.resume());
    };
    const onData = (chunk: Buffer): void => {
      const frames = reader.push(chunk);
      if (!this.#mirror.mayDropFromDaemon)
        return this.#pass(frames, { send, note: (body) => this.#mirror.fromDaemon(body) });
      const passing = frames.filter(({ body }) => this.#mirror.fromDaemon(body) !== 'drop');
      if (passing.length > 0) send(concat(passing.map(({ raw }) => raw)));
    };
    socket.removeAllListeners('error').removeAllListeners('close');
    socket.on('data', onData);
    socket.on('error', () => {});
    socket.once('close', () => void this.#onDaemonGone(pid));
    this.#socket = socket;
    this.#hadDaemon = true;
    if (again) {
      for (const message of this.#mirror.replay()) this.#send(message);
      this.#tell({ state: 'connected', pid }, `Connected to a new Switchyard daemon (process ${pid}).`);
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const raw of waiting) this.#send(raw);
    if (rest.length > 0) onData(rest);
    this.#options.input.resume(); // a write to the old daemon may have left it paused
    socket.resume();
  }

  async #onDaemonGone(pid: number): Promise<void> {
    this.#socket = undefined;
    if (this.#ended) return;
    if (this.#mirror.isExiting) return this.#finish(this.#mirror.exitCode);
    this.#tell(
      { state: 'reconnecting', pid },
      `The Switchyard daemon (process ${pid}) stopped. Connecting to a new one.`,
    );
    this.#failPending({
      code: 'daemon-lost',
      message: 'The Switchyard daemon stopped before it had answered. Try again once the new daemon is running.',
      retryable: true,
    });
    const now = Date.now();
    this.#restarts = [...this.#restarts.filter((at) => now - at < restartWindowMs), now];
    if (this.#restarts.length > maxRestarts) {
      return this.#giveUp(
        new UserError(
          'daemon-keeps-ending',
          `The Switchyard daemon stopped ${this.#restarts.length} times within a minute. Check its log (\`switchyard doctor\` shows where it is), then restart the editor's client.`,
        ),
      );
    }
    await delay(restartDelayMs * (this.#restarts.length - 1));
    await this.#connect(true);
  }

  #failPending(data: { code: string; message: string; retryable: boolean }): void {
    const { message, ...rest } = data;
    for (const id of this.#mirror.takePending())
      this.#reply({ jsonrpc: '2.0', id, error: { code: requestFailed, message, data: rest } });
  }

  /** Answers all requests with the reason why there is no daemon. Before the editor's handshake it only keeps the reason, and answers once the editor has spoken. */
  #giveUp(error: UserError): void {
    if (!this.#lost) process.stderr.write(`switchyard: ${error.message}\n`);
    this.#lost = error;
    if (!this.#mirror.hasBegun) return;
    this.#failPending({ code: error.code, message: error.message, retryable: error.retryable });
    const initializing = this.#mirror.takeInitializing();
    if (initializing !== undefined)
      this.#reply({
        jsonrpc: '2.0',
        id: initializing,
        error: { code: requestFailed, message: error.message, data: { code: error.code, retryable: error.retryable } },
      });
    this.#tell({ state: 'lost', pid: 0 }, error.message);
    // What has been written must reach the editor before this process ends.
    this.#options.output.write('', () => this.#finish(3));
  }

  /** Tells every client by a line in its log, and one that knows Switchyard by a `$/` notification as well. */
  #tell(params: { state: string; pid: number }, message: string): void {
    if (!this.#mirror.isInitialized) return;
    this.#reply({ jsonrpc: '2.0', method: 'window/logMessage', params: { type: 2, message } });
    if (this.#mirror.knowsSwitchyard) this.#reply({ jsonrpc: '2.0', method: '$/switchyard/connection', params });
  }

  #reply(message: Message): void {
    this.#options.output.write(frame(message));
  }
}

/** Frames that came in one packet leave in one, since each write costs a system call and wakes the other end. */
function concat(frames: readonly Buffer[]): Buffer {
  const [only] = frames;
  return frames.length === 1 && only ? only : Buffer.concat(frames);
}
