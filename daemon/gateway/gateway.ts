// The views in a browser, on loopback and only on request. Nothing listens before `open` is called, nor after the last view closes.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type { WebSocket, WebSocketServer } from 'ws';
import type { PageWords } from '../../shared/words/page-words.ts';
import { Listeners } from '../base/listeners.ts';
import { type DescriptorReserve, noDescriptors } from '../base/process/descriptors.ts';
import type { SessionView } from '../sessions/session-view.ts';
import { redirectPage, removeRedirect, removeRedirects, writeRedirect } from './redirect-file.ts';
import { type ViewName, viewPage, viewPolicy, wordsFor } from './view-page.ts';

/** What a page sees and works on: what the session did that asked for the page. The page may switch its profile. */
export type ViewScope = Pick<SessionView, 'profile' | 'roots' | 'isIndexed'>;

interface GatewayDeps {
  /** Folder of the built views. */
  assets: string;
  /** Folder of the texts in other languages. */
  l10n: string;
  /** Folder that only the user may enter, for files that lead to an address. */
  folder: string;
  reserve: DescriptorReserve;
}

/** An address that lets one browser in, once, and the path of a file that leads there. */
interface GatewayAddress {
  url: string;
  file: string;
}

export interface Gateway extends Disposable {
  /** Listens if it does not yet. */
  open(opener: ViewScope, view?: ViewName): Promise<GatewayAddress>;
  /** Calls back with each page that connects; returns how to stop. */
  onView(listener: (socket: WebSocket, scope: ViewScope) => void): () => void;
}

const ticketLifeMs = 120_000; // long enough to switch to a browser, short enough to be useless in a history
const unusedMs = 120_000; // with no view for so long, the listener closes
const maxTickets = 32; // addresses that wait to be used; a further one ends the oldest
const maxBrowsers = 128; // a further one ends the session of the oldest
const maxViews = 64;
const maxConnections = 256; // HTTP and sockets together, so that descriptors are left for everything else
const maxFrameBytes = 64 * 1024 * 1024; // a question with pictures: as long as a message of any client may be
const cookieName = 'switchyard'; // and the browser's id
const pages: Readonly<Record<string, ViewName>> = { '/': 'chat', '/history': 'history', '/jobs': 'jobs' };
const files: Readonly<Record<string, { file: string; type: string }>> = {
  '/chat.js': { file: 'chat.js', type: 'text/javascript; charset=utf-8' },
  '/jobs.js': { file: 'jobs.js', type: 'text/javascript; charset=utf-8' },
  '/history.js': { file: 'history.js', type: 'text/javascript; charset=utf-8' },
  '/history-answers.js': { file: 'history-answers.js', type: 'text/javascript; charset=utf-8' },
  '/math.js': { file: 'math.js', type: 'text/javascript; charset=utf-8' },
  '/icon.svg': { file: 'icons/switchyard.svg', type: 'image/svg+xml' },
};

/** Lives as long as the daemon; its listener only as long as it is used. */
export function createGateway(deps: GatewayDeps): Gateway {
  const views = new Listeners<[socket: WebSocket, scope: ViewScope]>();
  let listening: { door: Door; server: Server; views: WebSocketServer } | undefined;
  const close = (): void => {
    listening?.door[Symbol.dispose]();
    listening?.views.close();
    for (const view of listening?.views.clients ?? []) view.terminate();
    listening?.server.close();
    listening?.server.closeAllConnections();
    listening = undefined;
  };
  return {
    async open(opener, view = 'chat') {
      listening ??= await start({ ...deps, onView: (socket, scope) => void views.notify(socket, scope) }, close);
      const { profile, roots, isIndexed } = opener;
      const scope = { profile, roots: roots.filter((root) => !isAboveProjects(root)), isIndexed };
      return listening.door.issueTicket(scope, view);
    },
    onView: (listener) => views.add(listener),
    [Symbol.dispose]: close,
  };
}

/** The home folder and those above it are where a terminal happens to be: too much to look through for a question. */
function isAboveProjects(root: string): boolean {
  return `${pathToFileURL(homedir()).href}/`.startsWith(`${root.replace(/\/$/, '')}/`);
}

async function start(
  options: GatewayDeps & { onView(socket: WebSocket, scope: ViewScope): void },
  close: () => void,
): Promise<{ door: Door; server: Server; views: WebSocketServer }> {
  // Loaded now: a daemon that never serves a browser starts sooner and smaller without them.
  const [{ createServer }, { WebSocketServer }] = await Promise.all([import('node:http'), import('ws')]);
  const views = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes });
  const { assets, l10n, reserve } = options;
  const server = createServer((request, response) => {
    if (!reserve.hasSpare()) return end(response, 503, noDescriptors);
    void respond(request, response, { door, assets, l10n });
  });
  server.maxConnections = maxConnections;
  server.on('connection', () => reserve.hasSpare()); // so that the next one can be accepted too
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  removeRedirects(options.folder);
  const door = new Door({
    port: (server.address() as AddressInfo).port,
    folder: options.folder,
    isUsed: () => views.clients.size > 0,
    onUnused: close,
  });
  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', () => socket.destroy());
    const isView = placeOf(request.url ?? '').path === '/ws';
    const refusal = isView ? door.refusal(request, { needsOrigin: true }) : 'Not found';
    const browser = door.browserOf(request);
    if (refusal || !browser)
      return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    if (views.clients.size >= maxViews || !reserve.hasSpare())
      return void socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    views.handleUpgrade(request, socket, head, (view) => {
      view.on('error', () => view.terminate());
      view.on('close', () => door.restartTimer());
      options.onView(view, browser.scope);
    });
  });
  return { door, server, views };
}

/** A browser that was let in. */
interface AdmittedBrowser {
  /** Begins the paths of its pages, and ends the name of its cookie, so that no tab is given another's cookie. */
  id: string;
  /** The hash of its cookie. */
  cookie: Buffer;
  scope: ViewScope;
}

interface IssuedTicket {
  expires: number;
  scope: ViewScope;
  file: string;
  /** Ends it, so that its file does not outlive it. */
  timer: NodeJS.Timeout;
}

interface DoorOptions {
  port: number;
  /** Where redirect files lie. */
  folder: string;
  isUsed(): boolean;
  onUnused(): void;
}

/** Decides which requests come in: Host and Origin must be ours, and the browser must hold the cookie that one ticket bought. */
class Door {
  readonly origin: string;
  readonly #host: string;
  readonly #folder: string;
  readonly #tickets = new Map<string, IssuedTicket>();
  readonly #browsers: AdmittedBrowser[] = [];
  readonly #isUsed: () => boolean;
  readonly #onUnused: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor({ port, folder, isUsed, onUnused }: DoorOptions) {
    this.#folder = folder;
    this.#host = `127.0.0.1:${port}`;
    this.origin = `http://${this.#host}`;
    this.#isUsed = isUsed;
    this.#onUnused = onUnused;
    this.restartTimer();
  }

  issueTicket(scope: ViewScope, view: ViewName): GatewayAddress {
    for (const oldest of [...this.#tickets.keys()].slice(0, -(maxTickets - 1))) this.#withdraw(oldest);
    const ticket = randomBytes(32).toString('base64url');
    const url = `${this.origin}/open?ticket=${ticket}${view === 'chat' ? '' : `&view=${view}`}`;
    const file = writeRedirect(this.#folder, url);
    const timer = setTimeout(() => this.#withdraw(ticket), ticketLifeMs).unref();
    this.#tickets.set(ticket, { expires: Date.now() + ticketLifeMs, scope, file, timer });
    this.restartTimer();
    return { url, file };
  }

  /** A ticket buys a cookie, once. */
  admit(ticket: string): { id: string; cookie: string } | undefined {
    const issued = this.#withdraw(ticket);
    if (issued === undefined || issued.expires < Date.now()) return undefined;
    const id = randomBytes(16).toString('hex');
    const cookie = randomBytes(32).toString('base64url');
    if (this.#browsers.length >= maxBrowsers) this.#browsers.shift();
    this.#browsers.push({ id, cookie: hash(cookie), scope: issued.scope });
    return { id, cookie };
  }

  #withdraw(ticket: string): IssuedTicket | undefined {
    const issued = this.#tickets.get(ticket);
    if (issued === undefined) return undefined;
    this.#tickets.delete(ticket);
    clearTimeout(issued.timer);
    removeRedirect(issued.file);
    return issued;
  }

  /** Why a request is refused; undefined when it is not. */
  refusal(
    request: IncomingMessage,
    { needsOrigin, needsCookie = true }: { needsOrigin: boolean; needsCookie?: boolean },
  ): string | undefined {
    if (request.headers.host !== this.#host) return 'Wrong Host.';
    const { origin } = request.headers;
    if ((needsOrigin || origin !== undefined) && origin !== this.origin) return 'Wrong Origin.';
    if (needsCookie && !this.browserOf(request))
      return 'To open this page, run `switchyard open`. Its address works once.';
    return undefined;
  }

  /** The browser whose cookie the request has; where its path begins with an id, only the browser of that id. */
  browserOf(request: IncomingMessage): AdmittedBrowser | undefined {
    const { id: named } = placeOf(request.url ?? '');
    return this.#browsers.find(
      ({ id, cookie }) =>
        (named === undefined || named === id) &&
        cookiesOf(request, `${cookieName}-${id}`).some((given) => timingSafeEqual(cookie, hash(given))),
    );
  }

  restartTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#isUsed() ? this.restartTimer() : this.#onUnused()), unusedMs);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const ticket of this.#tickets.keys()) this.#withdraw(ticket);
  }
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** All of a name: another server of this host may have set one too. */
function cookiesOf(request: IncomingMessage, name: string): string[] {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
}

/** A path without the browser's id that it may begin with, and that id. */
function placeOf(path: string): { id?: string; path: string } {
  const [, id, rest] = /^\/([0-9a-f]{32})(\/.*)$/s.exec(path) ?? [];
  return id === undefined || rest === undefined ? { path } : { id, path: rest };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { door, assets, l10n }: { door: Door } & Pick<GatewayDeps, 'assets' | 'l10n'>,
): Promise<void> {
  const address = request.url ?? '/';
  if (!URL.canParse(address, door.origin)) return end(response, 404, 'Not found.');
  const url = new URL(address, door.origin);
  const isOpening = url.pathname === '/open';
  const refusal =
    request.method !== 'GET'
      ? 'Only GET requests are supported.'
      : door.refusal(request, { needsOrigin: false, needsCookie: !isOpening });
  if (refusal) return end(response, 403, refusal);
  if (isOpening) {
    const browser = door.admit(url.searchParams.get('ticket') ?? '');
    if (!browser)
      return end(response, 403, 'This address was already used or has expired. For a new one, run `switchyard open`.');
    const { id, cookie } = browser;
    response.setHeader('Set-Cookie', `${cookieName}-${id}=${cookie}; HttpOnly; SameSite=Strict; Path=/${id}/`);
    // No redirect by status: where a file on the disk led here, browsers would send no SameSite=Strict cookie along it.
    const asked = url.searchParams.get('view');
    const view = asked === 'history' || asked === 'jobs' ? asked : '';
    return end(response, 200, redirectPage(`${door.origin}/${id}/${view}`), 'text/html; charset=utf-8');
  }
  const { path } = placeOf(url.pathname);
  const view = pages[path];
  if (view) {
    const words = await wordsFor(request.headers['accept-language'] ?? '', l10n);
    return sendPage(response, { origin: door.origin, view, words });
  }
  const asset = files[path];
  const content = asset && (await readFile(join(assets, asset.file)).catch(() => undefined));
  if (!asset || !content) return end(response, 404, 'Not found.');
  end(response, 200, content, asset.type);
}

function sendPage(
  response: ServerResponse,
  { origin, view, words }: { origin: string; view: ViewName; words: PageWords | undefined },
): void {
  const nonce = randomBytes(18).toString('base64');
  response.setHeader('Content-Security-Policy', viewPolicy(nonce, origin));
  end(response, 200, viewPage(nonce, view, words), 'text/html; charset=utf-8');
}

function end(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  type = 'text/plain; charset=utf-8',
): void {
  const headers = {
    'Content-Type': type,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
  response.writeHead(status, headers).end(body);
}
