// Says on stderr what a command waits for, while nothing arrives.

import { type StatusStream, writeStatus } from './terminal.ts';

const firstMs = { terminal: 1000, pipe: 6000 };
const stepMs = 1000;

/** Lives as long as something is waited for. A terminal gets a line that goes away, with the seconds; a log gets one line. */
export class Waiting implements Disposable {
  readonly #stream: StatusStream;
  #what: string;
  #timer: NodeJS.Timeout | undefined;
  #since = 0;
  #isShown = false;

  constructor(what: string, stream: StatusStream = process.stderr) {
    this.#stream = stream;
    this.#what = what;
    this.restart();
  }

  /** Something has arrived, so the line goes and the wait begins again: for something else where `what` says so. */
  restart(what = this.#what): void {
    this.#what = what;
    this.#clear();
    this.#since = Date.now();
    this.#timer = setTimeout(() => this.#show(), this.#stream.isTTY ? firstMs.terminal : firstMs.pipe).unref();
  }

  [Symbol.dispose](): void {
    this.#clear();
  }

  #show(): void {
    if (!this.#stream.isTTY) {
      this.#stream.write(`Waiting for ${this.#what}…\n`);
      return;
    }
    this.#isShown = true;
    const seconds = Math.round((Date.now() - this.#since) / 1000);
    writeStatus(this.#stream, `Waiting for ${this.#what}…`, ` ${seconds} s`);
    this.#timer = setTimeout(() => this.#show(), stepMs).unref();
  }

  #clear(): void {
    clearTimeout(this.#timer);
    if (this.#isShown) writeStatus(this.#stream, '');
    this.#isShown = false;
  }
}

/** What the next part comes from. */
export interface AwaitedPart {
  model?: string;
  what?: string | undefined;
}

/** What was printed stands for itself, and so does a question: a line about waiting would stand in the middle of it. */
export function waitForNext(waiting: Waiting, part: unknown, awaited: AwaitedPart): void {
  const { kind, decision } = part as { kind?: string; decision?: { model: string } };
  if (decision) awaited.model = decision.model;
  if (kind === 'call') awaited.what = 'this step to finish';
  else if (decision || kind === 'result') awaited.what = awaited.model;
  if (kind === 'text' || kind === 'finding' || kind === 'approval') waiting[Symbol.dispose]();
  else waiting.restart(awaited.what);
}
