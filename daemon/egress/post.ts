// One POST whose answer is read as it comes. It does what fetch does without the platform's streams, which take more
// time than all other work for a streamed answer. It throws the same errors as fetch, and follows no redirect.
import { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import type { HttpAnswer, PostRequest } from '../base/egress.ts';

/** Resolves with the headers. Call and body throw the signal's reason, or a TypeError with the failure as its cause. */
export function post(dispatcher: Dispatcher, { url, headers, body, signal }: PostRequest): Promise<HttpAnswer> {
  const { origin, pathname, search } = new URL(url);
  const answer = new ResponseReader(signal);
  dispatcher.dispatch({ origin, path: pathname + search, method: 'POST', headers, body }, answer);
  return answer.begun;
}

const restMs = 500; // the end of an answer follows its last words at once, or not at all
const unread = new Error('the answer is no longer read');
const maxWaitingBytes = 256 * 1024; // beyond it the connection is paused until the answer is read

/** Lives as long as one request. Ends with its answer, with the signal, or when the loop over the body is left. */
class ResponseReader implements Dispatcher.DispatchHandler, AsyncIterableIterator<Uint8Array> {
  readonly begun: Promise<HttpAnswer>;
  readonly #begin: PromiseWithResolvers<HttpAnswer>;
  readonly #signal: AbortSignal;
  #controller: Dispatcher.DispatchController | undefined;
  #chunks: Buffer[] = [];
  #waitingBytes = 0;
  #reading: PromiseWithResolvers<IteratorResult<Uint8Array>> | undefined;
  #end: { failure?: Error } | undefined;
  #hasBegun = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.#begin = Promise.withResolvers<HttpAnswer>();
    this.begun = this.#begin.promise;
    if (signal.aborted) this.#stop();
    else signal.addEventListener('abort', this.#stop, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#end) controller.abort(this.#reason());
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#hasBegun = true;
    const plain = new Map(
      Object.entries(headers).map(([name, value]) => [
        name.toLowerCase(),
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    );
    this.#begin.resolve({
      status,
      headers: plain,
      body: decoded(this, plain.get('content-encoding')),
      release: this.#release,
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#end) return; // the rest is not read
    if (this.#reading) return this.#hand({ done: false, value: chunk });
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > maxWaitingBytes) controller.pause();
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer);
    this.#finish({});
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    clearTimeout(this.#timer);
    this.#finish({
      failure: this.#signal.aborted
        ? this.#reason()
        : new TypeError(this.#hasBegun ? 'terminated' : 'fetch failed', { cause }),
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const [first] = this.#chunks;
    if (first) {
      const value = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
      this.#chunks = [];
      this.#waitingBytes = 0;
      if (this.#controller?.paused) this.#controller.resume();
      return { done: false, value };
    }
    if (this.#end?.failure) throw this.#end.failure;
    if (this.#end) return { done: true, value: undefined };
    this.#reading = Promise.withResolvers<IteratorResult<Uint8Array>>();
    return this.#reading.promise;
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    if (!this.#end) this.#giveUp();
    return { done: true, value: undefined };
  }

  readonly #release = (): void => {
    if (this.#end) return;
    this.#finish({});
    this.#controller?.resume();
    this.#timer = setTimeout(() => this.#controller?.abort(unread), restMs).unref();
  };

  #giveUp(): void {
    this.#finish({});
    this.#controller?.abort(unread);
  }

  readonly #stop = (): void => {
    if (this.#end) return;
    this.#finish({ failure: this.#reason() });
    this.#controller?.abort(this.#reason());
  };

  #reason(): Error {
    const { reason } = this.#signal as { reason: unknown };
    return reason instanceof Error ? reason : new Error('stopped');
  }

  #finish(end: { failure?: Error }): void {
    if (this.#end) return;
    this.#end = end;
    this.#signal.removeEventListener('abort', this.#stop);
    if (end.failure && !this.#hasBegun) this.#begin.reject(end.failure);
    if (!this.#reading) return;
    if (!end.failure) return this.#hand({ done: true, value: undefined });
    this.#reading.reject(end.failure);
    this.#reading = undefined;
  }

  #hand(result: IteratorResult<Uint8Array>): void {
    this.#reading?.resolve(result);
    this.#reading = undefined;
  }
}

/** The request accepts plain text only, but some servers compress anyway. */
function decoded(body: AsyncIterable<Uint8Array>, encoding = 'identity'): AsyncIterable<Uint8Array> {
  const decoder = { gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate, br: createBrotliDecompress }[
    encoding.trim().toLowerCase()
  ];
  if (!decoder) return body;
  const source = Readable.from(body, { objectMode: false });
  const plain = decoder();
  source.once('error', (error) => plain.destroy(error));
  plain.once('close', () => source.destroy());
  return source.pipe(plain);
}
