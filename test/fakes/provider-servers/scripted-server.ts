// What the scripted model servers have in common: a real HTTP server on loopback that says what a test wrote down, byte for
// byte in the provider's format, and remembers what it was asked. The formats are in the files beside this one.
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer. Without any field it is an empty one that ends well. */
export interface Reply {
  /** Text in pieces, each sent as one event; a string is sent word by word. */
  text?: string | readonly string[];
  /** Comes before the text. */
  reasoning?: string | readonly string[];
  toolCalls?: readonly { name: string; arguments: Record<string, unknown> }[];
  /** Disjoint counts, translated into the provider's own way of counting. */
  usage?: { input?: number; cacheRead?: number; cacheWrite?: number; output?: number; reasoning?: number };
  finish?: 'stop' | 'length' | 'tool-calls' | 'content-filter';
  /** Waits: before the headers, or after so many pieces of reasoning and text. */
  hold?: { after: 'request' | number; until: Promise<unknown> };
  /** An error inside the stream, where its end would be. */
  errorEvent?: { type: string; message: string };
  /** Closes the stream properly, but leaves out the end marker. */
  endsEarly?: boolean;
  /** Breaks the connection after so many bytes of the body. */
  cutAfterBytes?: number;
  /** Sends the body in packets of so many bytes, whatever they split. */
  splitBytes?: number;
  /** A refusal: any of these makes the reply a plain answer of `body`. */
  status?: number;
  headers?: Record<string, string>;
  body?: string | object;
}

export type Script = string | Reply | ((request: RecordedRequest) => string | Reply);

export interface RecordedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** Parsed JSON, or undefined. */
  body: unknown;
}

/** A provider's format. */
export interface Dialect {
  contentType: string;
  /** Added to the server's address to make its base URL. */
  basePath: string;
  /** Where answers are asked for. */
  chatPath: string | RegExp;
  /** The whole stream: what opens it, the pieces, what closes it. */
  stream(reply: Reply, request: RecordedRequest): { open: string; pieces: string[]; close: string };
  errorEvent(error: { type: string; message: string }): string;
  /** Answers to all other paths, as JSON. */
  other(request: RecordedRequest): object | undefined;
}

/** Lives until `close()`. */
export class ScriptedServer {
  /** All requests so far, of every path. */
  readonly requests: RecordedRequest[] = [];
  /** What it says from now on; a test may change it at any time. */
  reply: Script;
  readonly #dialect: Dialect;
  readonly #http: Server;
  readonly #closedEarly = Promise.withResolvers<void>();
  readonly #arrivals = new Set<() => void>();

  constructor(dialect: Dialect, reply: Script) {
    this.#dialect = dialect;
    this.reply = reply;
    this.#http = createServer((request, response) => void this.#handle(request, response));
  }

  async start(): Promise<this> {
    await once(this.#http.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  /** The base URL for a provider's configuration. */
  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}${this.#dialect.basePath}`;
  }

  /** Requests for an answer, without those for lists and the like. */
  get chats(): RecordedRequest[] {
    return this.requests.filter(({ path }) => this.#isChat(path));
  }

  /** Resolves when so many requests for an answer have come. */
  async asked(times = 1): Promise<void> {
    while (this.chats.length < times) {
      await new Promise<void>((resolve) => this.#arrivals.add(resolve));
    }
  }

  /** Resolves when a client has gone away before its answer was complete. */
  closedEarly(): Promise<void> {
    return this.#closedEarly.promise;
  }

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #isChat(path: string): boolean {
    const { chatPath } = this.#dialect;
    return typeof chatPath === 'string' ? path === chatPath : chatPath.test(path);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const recorded = await record(request);
    this.requests.push(recorded);
    for (const arrived of this.#arrivals) arrived();
    this.#arrivals.clear();
    if (!this.#isChat(recorded.path)) return answerPlainly(response, this.#dialect.other(recorded));
    const said = typeof this.reply === 'function' ? this.reply(recorded) : this.reply;
    const reply = typeof said === 'string' ? { text: said } : said;
    const cut = new AbortController(); // aborted when it is we who break the connection
    response.once('close', () => {
      if (!response.writableFinished && !cut.signal.aborted) this.#closedEarly.resolve();
    });
    await this.#answer(response, { reply, request: recorded, cut });
  }

  async #answer(
    response: ServerResponse,
    { reply, request, cut }: { reply: Reply; request: RecordedRequest; cut: AbortController },
  ): Promise<void> {
    if (reply.hold?.after === 'request') await reply.hold.until;
    if (reply.status !== undefined || reply.body !== undefined) {
      const body = typeof reply.body === 'object' ? JSON.stringify(reply.body) : (reply.body ?? '');
      response.writeHead(reply.status ?? 200, {
        'content-type': typeof reply.body === 'object' ? 'application/json' : 'text/plain',
        ...reply.headers,
      });
      response.end(body);
      return;
    }
    response.writeHead(200, { 'content-type': this.#dialect.contentType, ...reply.headers });
    response.flushHeaders();
    const { open, pieces, close } = this.#dialect.stream(reply, request);
    const end = reply.errorEvent ? this.#dialect.errorEvent(reply.errorEvent) : reply.endsEarly ? '' : close;
    const packets = new Packets(response, reply, cut);
    await packets.write(open);
    for (const [sent, piece] of [...pieces, end].entries()) {
      if (reply.hold?.after === sent) await reply.hold.until;
      await packets.write(piece);
    }
    response.end();
  }
}

/** Writes a body as the reply wants it split and cut. Lives as long as one answer. */
class Packets {
  readonly #response: ServerResponse;
  readonly #splitBytes: number;
  readonly #cut: AbortController;
  #leftBytes: number;

  constructor(response: ServerResponse, reply: Reply, cut: AbortController) {
    this.#response = response;
    this.#splitBytes = reply.splitBytes ?? Number.POSITIVE_INFINITY;
    this.#leftBytes = reply.cutAfterBytes ?? Number.POSITIVE_INFINITY;
    this.#cut = cut;
  }

  async write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length && !this.#response.destroyed; ) {
      const packet = bytes.subarray(at, at + Math.min(this.#splitBytes, this.#leftBytes));
      at += packet.length;
      this.#leftBytes -= packet.length;
      if (packet.length > 0) await new Promise<void>((resolve) => this.#response.write(packet, () => resolve()));
      if (this.#leftBytes <= 0) {
        this.#cut.abort();
        this.#response.destroy();
      }
    }
  }
}

/** A string word by word, each with the space before it. */
export function pieces(text: string | readonly string[] | undefined): readonly string[] {
  return typeof text === 'string' ? (text.match(/\s*\S+|\s+$/g) ?? []) : (text ?? []);
}

async function record(request: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    method: request.method ?? '',
    path: new URL(request.url ?? '/', 'http://server').pathname,
    headers: request.headers,
    body: text ? (JSON.parse(text) as unknown) : undefined,
  };
}

function answerPlainly(response: ServerResponse, body: object | undefined): void {
  response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body ?? { error: 'no such path' }));
}
