// Opens one connection: to the server itself or through a proxy, with TLS for https addresses. Whether the server may
// be contacted is decided before.
import { X509Certificate } from 'node:crypto';
import { request } from 'node:http';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { type SecureContext, connect as startTls, type TLSSocket } from 'node:tls';
import { LRUCache } from 'lru-cache';
import { isLoopback } from '../base/egress.ts';
import { UserError } from '../base/errors.ts';
import { failureOfProxy, failureOfTls, refusalOfProxy } from './failures.ts';
import { portOf, withoutPassword } from './proxy.ts';
import { type AddressRule, checkedLookup, checkLiteral } from './public-addresses.ts';

export interface ConnectOptions {
  proxy: URL | undefined;
  /** Which addresses the server may have; any where left out. */
  addresses?: AddressRule | undefined;
  /** Called only for TLS. */
  context(): Promise<SecureContext>;
  /** TLS sessions of earlier connections by host, for resumption. */
  sessions: LRUCache<string, Buffer>;
}

const maxSessions = 100;

/** TLS sessions by host; the one that was issued the longest ago goes first. */
export function createTlsSessions(): LRUCache<string, Buffer> {
  return new LRUCache({ max: maxSessions });
}

const connectTimeoutMs = 10_000;

/**
 * An open socket to a URL's server, after the handshake. Throws ConnectionFailure for proxies and certificates, else
 * the system's error.
 */
export async function connect(url: URL, options: ConnectOptions, signal?: AbortSignal): Promise<Socket | TLSSocket> {
  const limit = AbortSignal.any([AbortSignal.timeout(connectTimeoutMs), ...(signal ? [signal] : [])]);
  if (options.addresses) checkLiteral(url, options.addresses);
  const socket = options.proxy
    ? await tunnel(url, options.proxy, { options, signal: limit })
    : await reach(url, limit, options.addresses);
  socket.setNoDelay(true).setKeepAlive(true, 60_000);
  return url.protocol === 'https:' ? secure(socket, url, { options, signal: limit }) : socket;
}

async function reach(url: URL, signal: AbortSignal, addresses?: AddressRule): Promise<Socket> {
  const host = bare(url);
  const lookup = lookupFor(host, addresses);
  const socket = connectTcp({ host, port: Number(portOf(url)), autoSelectFamily: true, ...(lookup && { lookup }) });
  await opened(socket, 'connect', signal);
  return socket;
}

function lookupFor(host: string, addresses: AddressRule | undefined): LookupFunction | undefined {
  if (addresses) return checkedLookup(addresses);
  return isLoopback(host) ? lookUpLoopback : undefined;
}

/** `localhost` is always this machine; no name server is asked. */
const lookUpLoopback: LookupFunction = (_name, { all }, done) => {
  if (all)
    done(null, [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]);
  else done(null, '127.0.0.1', 4);
};

interface Handshake {
  options: ConnectOptions;
  signal: AbortSignal;
}

/** Sets `rejectUnauthorized` explicitly, since an environment variable can switch Node's default off. */
async function secure(socket: Socket, url: URL, { options, signal }: Handshake): Promise<TLSSocket> {
  const host = bare(url);
  const { sessions } = options;
  const secureContext = await options.context().catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  const session = sessions.peek(url.host);
  const tls = startTls({
    socket,
    host,
    servername: isIP(host) ? '' : host,
    secureContext,
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
    ...(session && { session }),
  });
  let chain: X509Certificate[] = [];
  // Runs before Node checks the certificate, since a socket whose certificate was refused no longer has it.
  tls.prependOnceListener('secure', () => {
    chain = chainOf(tls);
  });
  tls.on('session', (issued: Buffer) => {
    sessions.set(url.host, issued);
  });
  try {
    await opened(tls, 'secureConnect', signal);
    return tls;
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? error : failureOfTls(error, url.host, chain);
  }
}

const maxChainLength = 10;

function chainOf(tls: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  const seen = new Set<string>();
  for (
    let at = tls.getPeerCertificate(true);
    at?.raw && !seen.has(at.fingerprint256) && chain.length < maxChainLength;
    at = at.issuerCertificate
  ) {
    seen.add(at.fingerprint256);
    chain.push(new X509Certificate(at.raw));
  }
  return chain;
}

/** A connection through a proxy to the server, made with CONNECT for http and https alike. */
async function tunnel(url: URL, proxy: URL, handshake: Handshake): Promise<Socket> {
  const name = withoutPassword(proxy);
  const { addresses } = handshake.options;
  if (addresses) await checkName(bare(url), addresses);
  const toProxy = await openProxy(proxy, handshake).catch((error: unknown) => {
    throw failureOfProxy(error, name);
  });
  const target = `${url.hostname}:${portOf(url)}`;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const headers = { host: target, ...(proxy.username && { 'proxy-authorization': credentials(proxy) }) };
  const tunnelRequest = request({
    method: 'CONNECT',
    path: target,
    headers,
    createConnection: () => toProxy,
    signal: handshake.signal,
  });
  tunnelRequest.once('connect', (response, socket: Socket, head: Buffer) => {
    if (head.length > 0) socket.unshift(head);
    if (response.statusCode === 200) return resolve(socket);
    socket.destroy();
    reject(refusalOfProxy(response.statusCode ?? 0, name, url.host));
  });
  tunnelRequest.once('error', (error) => reject(failureOfProxy(error, name)));
  tunnelRequest.end();
  return promise;
}

/** A proxy looks names up by itself. One that this machine knows too may have no other addresses here; one that it doesn't is left to the proxy. */
function checkName(host: string, addresses: AddressRule): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  checkedLookup(addresses)(host, { all: true }, (error) => {
    if (error instanceof UserError) reject(error);
    else resolve();
  });
  return promise;
}

async function openProxy(proxy: URL, { options, signal }: Handshake): Promise<Socket> {
  const socket = await reach(proxy, signal);
  return proxy.protocol === 'https:' ? secure(socket, proxy, { options, signal }) : socket;
}

function credentials({ username, password }: URL): string {
  return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
}

function bare(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** Resolves when the socket is open. A socket that fails or opens too late is destroyed. */
function opened(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const leave = (): void => void socket.destroy(toError(signal.reason));
  const closed = (): void => reject(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }));
  socket.once(event, resolve).once('error', reject).once('close', closed);
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  return promise.finally(() => {
    signal.removeEventListener('abort', leave);
    socket.off(event, resolve).off('close', closed).off('error', reject);
    if (socket.destroyed) socket.on('error', () => {});
  });
}

/** A timeout gets the system's code ETIMEDOUT, so that it is handled like any other failure to connect. */
function toError(reason: unknown): Error {
  const isTimeout = reason instanceof DOMException && reason.name === 'TimeoutError';
  if (isTimeout) return Object.assign(new Error('connecting took too long'), { code: 'ETIMEDOUT' });
  return reason instanceof Error ? reason : new Error(String(reason));
}
