// One call to a model server: the fetch that the SDK is given, the end of the call, and its failures as ProviderErrors.
// SDKs see good answers only: a refusal, a silent server or an endless body is turned into a sentence here, once for all of them.
import type { ProviderConfig } from '../../base/config/config.ts';
import type { Fetch, HttpAnswer } from '../../base/egress.ts';
import { CancelledError, throwIfCancelled, UserError } from '../../base/errors.ts';
import { AnswerDecoder, type AnswerParser } from './answers/decoder.ts';
import { withTurns } from './answers/turns.ts';
import { failureInStream, failureOfNetwork, failureOfResponse, isGood, type Party, quotable } from './failures.ts';
import { type ModelRequest, ProviderError, type StreamPart } from './provider.ts';

/** What every adapter is made from. */
export interface AdapterOptions {
  /** The name it has in the configuration. */
  name: string;
  config: ProviderConfig;
  /** Asked at each request; the answer is kept for that request only. */
  apiKey: () => Promise<string | undefined>;
  fetch: Fetch;
  local: boolean;
  /** How long the server may send nothing at all. */
  silenceMs?: number;
  /** How long the token counts are waited for once the model has finished. */
  lateMs?: number;
}

export interface CallOptions extends AdapterOptions {
  baseUrl: string;
  model?: string;
  keyIsRequired?: boolean;
}

/** An answer that has begun. */
export interface ModelAnswer {
  /** What the user is told before it. */
  warnings: readonly string[];
  body: AsyncIterable<Uint8Array>;
  parser: AnswerParser;
}

export interface AnswerRequest {
  call: CallOptions;
  request: ModelRequest;
  signal: AbortSignal;
}

/** Streams one answer of a chat, as `answerOver` does. */
export function streamOver(
  { call, request, signal }: AnswerRequest,
  ask: (connection: Connection, request: ModelRequest) => Promise<ModelAnswer>,
): AsyncGenerator<StreamPart> {
  return answerOver({ ...call, model: request.model }, signal, (connection) => ask(connection, withTurns(request)));
}

/**
 * Streams one answer: `ask` resolves when it begins. Leaving the loop, an error or an abort closes the connection. An answer without
 * its `finish` is a ProviderError, whatever text has come. After the finish, the end of the connection is not waited for.
 */
export async function* answerOver(
  options: CallOptions,
  signal: AbortSignal,
  ask: (connection: Connection) => Promise<ModelAnswer>,
): AsyncGenerator<StreamPart> {
  using call = await connect(options, signal);
  try {
    const { warnings, body, parser } = await ask(call);
    for (const message of warnings) yield { kind: 'warning', message };
    const decoder = new AnswerDecoder(parser, (said) => call.failureInStream(said));
    await using packets = new Packets(body, options.lateMs ?? defaultLateMs);
    while (!decoder.isOver) {
      const packet = await packets.next(decoder.isFinished);
      if (!packet) break;
      for (const part of decoder.push(packet)) {
        throwIfCancelled(signal);
        packets.expectMore();
        yield part;
      }
    }
    if (decoder.isOver) call.release();
    for (const part of decoder.end()) {
      throwIfCancelled(signal);
      yield part;
      if (part.kind === 'finish') return;
    }
  } catch (error) {
    throw call.failure(error);
  }
  throw call.failure(undefined);
}

const defaultLateMs = 2_000; // the counts follow the finish at once; some servers never close the connection

/** The packets of one answer. Disposing of it closes the body, unless a packet is still waited for: that ends with the connection. */
class Packets implements AsyncDisposable {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #lateMs: number;
  #isWaiting = false;
  #lateAt: number | undefined;

  constructor(body: AsyncIterable<Uint8Array>, lateMs: number) {
    this.#iterator = body[Symbol.asyncIterator]();
    this.#lateMs = lateMs;
  }

  /** Something was said: what follows may take its time again. Signs of life are nothing. */
  expectMore(): void {
    this.#lateAt = undefined;
  }

  /** Undefined at the end; of an answer that is finished also where the connection breaks, or nothing comes for a while. */
  async next(isFinished: boolean): Promise<Uint8Array | undefined> {
    if (!isFinished) return valueIn(await this.#iterator.next());
    const now = performance.now();
    this.#lateAt ??= now + this.#lateMs;
    if (now >= this.#lateAt) return undefined;
    const next = this.#iterator.next().catch(() => undefined);
    const { promise: late, resolve } = Promise.withResolvers<'late'>();
    const timer = setTimeout(resolve, this.#lateAt - now, 'late');
    const first = await Promise.race([next, late]);
    clearTimeout(timer);
    this.#isWaiting = first === 'late';
    return first === 'late' || first === undefined ? undefined : valueIn(first);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isWaiting) await this.#iterator.return?.();
  }
}

function valueIn({ done, value }: IteratorResult<Uint8Array>): Uint8Array | undefined {
  return done ? undefined : value;
}

/** Makes one call that has no stream. */
export async function callOver<T>(
  options: CallOptions,
  signal: AbortSignal,
  ask: (call: Connection) => Promise<T>,
): Promise<T> {
  using call = await connect(options, signal);
  try {
    return await ask(call);
  } catch (error) {
    throw call.failure(error);
  }
}

async function connect(options: CallOptions, signal: AbortSignal): Promise<Connection> {
  throwIfCancelled(signal);
  const key = (await options.apiKey())?.trim() || undefined;
  throwIfCancelled(signal);
  const fix = `with \`switchyard keys set ${options.name}\``;
  if (!key && options.keyIsRequired)
    throw new ProviderError('auth', `No API key for "${options.name}" is saved. Add one ${fix}.`);
  // Checked here, since the platform's own complaint about such a header would quote it.
  if (key && !/^[\x21-\x7e]+$/.test(key)) {
    throw new ProviderError(
      'auth',
      `The API key for "${options.name}" contains characters that no key has, such as a space or a line break. Set it again ${fix}.`,
    );
  }
  return new Connection(options, key, signal);
}

const silenceMs = { local: 300_000, cloud: 120_000 }; // a processor may read a long prompt for minutes before its first word
const maxAnswerBytes = 64 * 1024 * 1024; // decompressed; no answer of a model comes near
/** Of one line of a stream, which SDKs put together anew with each packet: without end, it would hold the daemon up. */
const maxLineBytes = 4 * 1024 * 1024;

const brokenBody = /^TypeError: terminated$/; // fetch's words for a connection that was lost while the body came

/** The reason of every call's end. It is made once, because taking a stack trace costs more than the rest of the end. */
const ended = new CancelledError();

/** Lives as long as one call; disposing of it ends whatever is still open upstream. */
export class Connection implements Disposable {
  readonly key: string | undefined;
  readonly #options: CallOptions;
  readonly #signal: AbortSignal;
  readonly #party: Party;
  readonly #abort = new AbortController();
  readonly #watchdog: NodeJS.Timeout;
  #bytes = 0;
  #lineBytes = 0;
  #release: (() => void) | undefined;

  constructor(options: CallOptions, key: string | undefined, signal: AbortSignal) {
    this.key = key;
    this.#options = options;
    this.#signal = signal;
    this.#party = { provider: options.name, model: options.model, host: new URL(options.baseUrl).host, key };
    signal.addEventListener('abort', this.#cancel, { once: true });
    const limitMs = options.silenceMs ?? silenceMs[options.local ? 'local' : 'cloud'];
    this.#watchdog = setTimeout(() => {
      this.#abort.abort(
        new ProviderError(
          'unavailable',
          `"${options.name}" has sent nothing for ${Math.ceil(limitMs / 1000)} s. Try again, or choose another model.`,
        ),
      );
    }, limitMs);
    this.#watchdog.unref();
  }

  /** For the SDK. Its own signal is not passed on: the call ends with this connection. */
  readonly fetch: Fetch = async (input, init) => {
    this.#watchdog.refresh();
    // Redirects are not followed: headers with the key would go along.
    const response = await this.#sent(
      this.#options.fetch(input, { ...init, redirect: 'manual', signal: this.#abort.signal }),
    );
    const isStream = await this.#accepted(answerOf(response), urlIn(input));
    const meter = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        this.#count(chunk, isStream);
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body?.pipeThrough(meter) ?? null, {
      status: response.status,
      headers: response.headers,
    });
  };

  /** Without an SDK: sends JSON, and resolves with the bytes of a good answer as they come. */
  async post(url: string, headers: Record<string, string>, content: unknown): Promise<AsyncIterable<Uint8Array>> {
    this.#watchdog.refresh();
    const { fetch } = this.#options;
    const request = { url, headers, body: JSON.stringify(content), signal: this.#abort.signal };
    const answer = await this.#sent(
      fetch.post ? fetch.post(request) : fetch(url, { ...request, method: 'POST', redirect: 'manual' }).then(answerOf),
    );
    this.#release = answer.release;
    await this.#accepted(answer, url);
    return this.#counted(answer.body);
  }

  /** To be called when the answer is whole: its connection may then serve the next request. */
  release(): void {
    this.#release?.();
  }

  /** What is to be thrown for an error of `fetch`, of the SDK, or (undefined) for an answer that just ended. */
  failure(error: unknown): Error {
    if (this.#signal.aborted) return new CancelledError();
    const known = causes(error).find((cause) => cause instanceof UserError);
    if (known) return known;
    if (this.#abort.signal.reason instanceof ProviderError) return this.#abort.signal.reason;
    const event = (error as { error?: unknown } | undefined)?.error; // where the SDKs of OpenAI and Anthropic keep an error event
    if (event) return failureInStream(event, this.#party);
    const name = `"${this.#options.name}"`;
    if (error === undefined || brokenBody.test(String(error)))
      return new ProviderError(
        'unavailable',
        `${name} disconnected in the middle of its answer. Try again, or choose another model.`,
      );
    const detail = quotable(error instanceof Error ? error.message : String(error), this.key);
    return new ProviderError(
      'unavailable',
      `${name} sent something that isn't an answer (${detail}). Check that its baseUrl points to a server of this type.`,
    );
  }

  /** For errors that a server put into its stream: an error event, or plain words. */
  failureInStream(said: unknown): ProviderError {
    return failureInStream(said, this.#party);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#watchdog);
    this.#signal.removeEventListener('abort', this.#cancel);
    this.#abort.abort(ended);
  }

  readonly #cancel = (): void => this.#abort.abort(new CancelledError());

  async #sent<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof UserError) throw error;
      this.#abort.signal.throwIfAborted();
      throw failureOfNetwork(error, this.#party);
    }
  }

  #endless(what: string, limitBytes: number): ProviderError {
    return new ProviderError(
      'unavailable',
      `"${this.#options.name}" kept sending ${what}, so it was stopped after ${limitBytes >> 20} MB. Choose another model.`,
    );
  }

  /** Whether a good answer is a stream of events; any other is thrown as what it means. */
  async #accepted(answer: HttpAnswer, url: string): Promise<boolean> {
    const type = answer.headers.get('content-type') ?? '';
    if (!isGood(answer) || type.includes('text/html')) throw await failureOfResponse(answer, { ...this.#party, url });
    return type.includes('text/event-stream');
  }

  async *#counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      this.#count(chunk, true);
      yield chunk;
    }
  }

  /** Each byte that passes keeps the watchdog quiet; too many end the call. */
  #count(chunk: Uint8Array, isStream: boolean): void {
    this.#watchdog.refresh();
    this.#bytes += chunk.byteLength;
    if (this.#bytes > maxAnswerBytes) throw this.#endless('an answer', maxAnswerBytes);
    const lineEnd = isStream ? chunk.lastIndexOf(newLine) : -1;
    this.#lineBytes = lineEnd < 0 ? this.#lineBytes + chunk.byteLength : chunk.byteLength - lineEnd - 1;
    if (isStream && this.#lineBytes > maxLineBytes) throw this.#endless('a line', maxLineBytes);
  }
}

function urlIn(input: Parameters<Fetch>[0]): string {
  return input instanceof Request ? input.url : String(input);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function answerOf({ status, headers, body }: Response): HttpAnswer {
  return { status, headers, body: body ?? nothing() };
}

const newLine = 0x0a;

/** An error and the errors that caused it, outermost first. */
function causes(error: unknown): Error[] {
  const found: Error[] = [];
  for (let at = error; at instanceof Error && found.length < 8; at = at.cause) found.push(at);
  return found;
}
