// A host for the chat view as the tests need it: the page under the strict policy, and a scripted daemon behind its WebSocket.
// What passes in either direction is checked against the protocol's own schemas, so that the script cannot drift from it.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AnyRequest } from '../../shared/protocol/define.ts';
import * as protocol from '../../shared/protocol/index.ts';
import type { FromHost, HostAction, HostActionKind, ToHost } from '../../shared/webview.ts';
import { type PageWords, wordsElement } from '../../shared/words/page-words.ts';
import type { ScriptedDaemon } from './scripted-daemon.ts';

const nonce = 'bm9uY2U';
const policy = [
  "default-src 'none'",
  `script-src 'nonce-${nonce}'`,
  `style-src 'nonce-${nonce}'`,
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
].join('; ');
const page = (
  view: string,
  words?: PageWords,
): string => `<!doctype html><html lang="${words?.language ?? 'en'}"><head><meta charset="utf-8"><title>Switchyard</title><link rel="icon" href="data:,">${words ? wordsElement(words) : ''}</head>
<body><script nonce="${nonce}" src="/${view}.js"></script></body></html>`;

export interface ViewServerOptions {
  actions?: HostActionKind[];
  /** `vscode`: the page finds VS Code's API, whose messages go through the same socket. */
  host?: 'vscode' | 'browser';
  view?: 'chat' | 'history';
  /** Without them the page is in English. */
  words?: PageWords;
}

type Served = Required<Omit<ViewServerOptions, 'words'>> & Pick<ViewServerOptions, 'words'>;

/** Lives as long as one test: a page's server, its socket and its daemon. */
export class ViewServer {
  readonly daemon: ScriptedDaemon;
  /** What the page asked its host to do. */
  readonly actions: HostAction[] = [];
  /** What the page asked the daemon. */
  readonly asked: { method: string; params: unknown }[] = [];
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #options: Served;
  readonly #ready = Promise.withResolvers<void>();

  private constructor(daemon: ScriptedDaemon, bundles: Readonly<Record<string, string>>, options: Served) {
    this.daemon = daemon;
    this.#options = options;
    this.#http = createServer((request, response) => {
      const script = bundles[request.url?.slice(1) ?? ''];
      response.writeHead(200, {
        'content-type': script === undefined ? 'text/html' : 'text/javascript; charset=utf-8',
        'content-security-policy': policy,
      });
      response.end(script ?? page(this.#options.view, this.#options.words));
    });
    this.#sockets = new WebSocketServer({ server: this.#http, path: '/ws' });
    this.#sockets.on('connection', (socket) => this.#serve(socket));
  }

  static async start(daemon: ScriptedDaemon, options: ViewServerOptions = {}): Promise<ViewServer> {
    const server = new ViewServer(daemon, await buildView(options.view ?? 'chat'), {
      actions: [],
      host: 'browser',
      view: 'chat',
      ...options,
    });
    server.#http.listen(0, '127.0.0.1');
    await once(server.#http, 'listening');
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Once the page hears what it's told. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Says something to the page, as the host. */
  post(message: FromHost): void {
    for (const socket of this.#sockets.clients) socket.send(JSON.stringify(message));
  }

  /** Breaks the connection; the page may come again. */
  drop(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  async close(): Promise<void> {
    this.drop();
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, 'close');
  }

  #serve(socket: WebSocket): void {
    const running = new Map<number, AbortController>();
    const send = (message: FromHost): void => socket.send(JSON.stringify(message));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ToHost;
      if (message.type === 'ready') {
        send({ type: 'hello', host: this.#options.host, actions: this.#options.actions });
        this.#ready.resolve();
      } else if (message.type === 'cancel') running.get(message.id)?.abort();
      else if (message.type === 'action') this.actions.push(message.action);
      else void this.#answer(message, running, send);
    });
    socket.on('close', () => {
      for (const controller of running.values()) controller.abort();
    });
  }

  async #answer(
    { id, method, params }: ToHost & { type: 'request' },
    running: Map<number, AbortController>,
    send: (message: FromHost) => void,
  ): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    this.asked.push({ method, params });
    try {
      const message = findMessage(method);
      const result = await this.daemon.answer(message, message.params.parse(params), {
        signal: controller.signal,
        emit: (part) => send({ type: 'part', id, part: message.part?.parse(part) }),
      });
      send({ type: 'response', id, result: message.result.parse(result) });
    } catch (error) {
      const { code, retryable } = error as { code?: string; retryable?: boolean };
      const isCancelled = controller.signal.aborted;
      send({
        type: 'error',
        id,
        message: isCancelled ? 'cancelled' : String((error as Error).message),
        code: isCancelled ? 'cancelled' : (code ?? 'internal'),
        retryable: retryable ?? false,
      });
    }
  }
}

function findMessage(method: string): AnyRequest {
  const message = Object.values<unknown>(protocol).find(
    (known): known is AnyRequest => (known as { method?: unknown } | undefined)?.method === method,
  );
  if (!message) throw new Error(`The page asked for ${method}, which is no message of the protocol.`);
  return message;
}

/** The bundles as `esbuild.mjs` makes them, of this view alone, by the names of their files. */
async function buildView(view: 'chat' | 'history'): Promise<Record<string, string>> {
  const names = view === 'chat' ? [view, 'math'] : [view, 'history-answers', 'math'];
  const { outputFiles } = await build({
    entryPoints: names.map((name) => fileURLToPath(new URL(`../../webview/${name}.ts`, import.meta.url))),
    bundle: true,
    minify: true,
    write: false,
    outdir: 'bundles',
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    loader: { '.css': 'text' },
    legalComments: 'none',
  });
  return Object.fromEntries(outputFiles.map(({ path, text }) => [basename(path), text]));
}
