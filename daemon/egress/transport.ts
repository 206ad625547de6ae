// HTTP over the connections of connect.ts: undici's fetch with one pool of kept connections for each route. This module
// is loaded with the first request, since loading takes tens of milliseconds.
import type { Socket } from 'node:net';
import { Agent, Dispatcher, fetch } from 'undici';
import type { Fetch, HttpAnswer, PostRequest } from '../base/egress.ts';
import { type ConnectOptions, connect, createTlsSessions } from './connect.ts';
import { post } from './post.ts';

/** How a request leaves this machine. Requests with the same key share connections. */
export interface Route extends Omit<ConnectOptions, 'sessions'> {
  key: string;
  isLoopback: boolean;
}

/** The route to an origin. Throws when the origin may not be contacted. Called for every request and every redirect. */
export type RouteTo = (origin: URL) => Route;

const keepAliveMs = 60_000; // users pause longer between questions than undici's default of 4 s; a server's shorter limit applies
const maxSilenceMs = 600_000; // the last resort: callers have shorter limits of their own

/** Lives as long as the egress module. */
export class Transport {
  readonly #pools = new Map<string, { isLoopback: boolean; agent: Agent }>();

  fetch(input: Parameters<Fetch>[0], init: Parameters<Fetch>[1], routeTo: RouteTo): Promise<Response> {
    const dispatcher = new RoutingDispatcher((origin) => this.#agentFor(routeTo(origin)));
    const [target, own] = input instanceof Request ? takeApart(input) : [String(input), {}];
    // The same standard declared twice: undici's types and Node's own are different classes.
    const options = { ...own, ...init, dispatcher } as unknown as Parameters<typeof fetch>[1];
    return fetch(target, options) as unknown as Promise<Response>;
  }

  /** Async, so that an error of `routeTo` rejects like any other failure. */
  async post(request: PostRequest, routeTo: RouteTo): Promise<HttpAnswer> {
    return await post(this.#agentFor(routeTo(new URL(request.url))), request);
  }

  /** Opens a connection and leaves it to the caller to close. */
  connect(url: URL, route: Route, signal: AbortSignal): Promise<Socket> {
    return connect(url, { ...route, sessions: createTlsSessions() }, signal);
  }

  /** Ends all connections to other machines. Requests in progress on them fail with the reason. */
  cutOff(reason: Error): void {
    for (const [key, { isLoopback, agent }] of this.#pools) {
      if (isLoopback) continue;
      this.#pools.delete(key);
      void agent.destroy(reason);
    }
  }

  /** Later requests make new connections. Requests in progress are finished. */
  renew(): void {
    for (const { agent } of this.#pools.values()) void agent.close();
    this.#pools.clear();
  }

  async destroy(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(({ agent }) => agent.destroy()));
    this.#pools.clear();
  }

  #agentFor(route: Route): Agent {
    const known = this.#pools.get(route.key);
    if (known) return known.agent;
    const agent = new Agent({
      connect: connectorFor(route),
      allowH2: false,
      keepAliveTimeout: keepAliveMs,
      headersTimeout: maxSilenceMs,
      bodyTimeout: maxSilenceMs,
    });
    this.#pools.set(route.key, { isLoopback: route.isLoopback, agent });
    return agent;
  }
}

type Connector = Extract<NonNullable<Agent.Options['connect']>, (...args: never[]) => unknown>;

function connectorFor(route: Route): Connector {
  const options = { ...route, sessions: createTlsSessions() };
  return ({ protocol, hostname, port }, done) => {
    const host = hostname.includes(':') ? `[${hostname.replace(/^\[|\]$/g, '')}]` : hostname;
    connect(new URL(`${protocol}//${host}${port && `:${port}`}`), options).then(
      (socket) => done(null, socket),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

/** Sends each request, redirects included, to the pool of its route. Lives as long as one call of fetch. */
class RoutingDispatcher extends Dispatcher {
  readonly #agentFor: (origin: URL) => Agent;
  constructor(agentFor: (origin: URL) => Agent) {
    super();
    this.#agentFor = agentFor;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.#agentFor(new URL(String(options.origin))).dispatch(options, handler);
  }
}

/** Undici's fetch does not accept the platform's Request, so its parts are passed. */
function takeApart(request: Request): [string, Record<string, unknown>] {
  const { method, headers, body, redirect, signal } = request;
  return [request.url, { method, headers: [...headers], redirect, signal, ...(body && { body, duplex: 'half' }) }];
}
