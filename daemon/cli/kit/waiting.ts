// Says on stderr what a command waits for, while nothing arrives.

const firstMs = { terminal: 1000, pipe: 6000 };
const stepMs = 1000;

interface WaitingStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Lives as long as something is waited for. A terminal gets a line that goes away, with the seconds; a log gets one line. */
export class Waiting implements Disposable {
  readonly #stream: WaitingStream;
  #what: string;
  #timer: NodeJS.Timeout | undefined;
  #since = 0;
  #isShown = false;

  constructor(what: string, stream: WaitingStream = process.stderr) {
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
    this.#stream.write(`\r\u001b[KWaiting for ${this.#what}… ${Math.round((Date.now() - this.#since) / 1000)} s`);
    this.#timer = setTimeout(() => this.#show(), stepMs).unref();
  }

  #clear(): void {
    clearTimeout(this.#timer);
    if (this.#isShown) this.#stream.write('\r\u001b[K');
    this.#isShown = false;
  }
}
