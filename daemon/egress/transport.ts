// HTTP over the connections of connect.ts: undici's fetch with one pool of kept connections for each way out. It is loaded with
// the first request, since it takes tens of milliseconds to load.
import type { Socket } from 'node:net';
import { Agent, Dispatcher, fetch } from 'undici';
import type { Answer, Fetch, Posted } from '../base/egress.ts';
import { connect, createTlsSessions, type Way } from './connect.ts';
import { post } from './post.ts';

/** Which way a request goes out. Requests of the same key share connections. */
export interface Route extends Omit<Way, 'sessions'> {
  key: string;
  isLoopback: boolean;
}

/** Names the way to an origin, or throws when it may not be contacted. Asked for every request and every redirect. */
export type RouteTo = (origin: URL) => Route;

const keepAliveMs = 60_000; // a user thinks longer between questions than undici's 4 s; a server's own shorter wish is kept
const maxSilenceMs = 600_000; // the last resort: callers have shorter limits of their own

/** Lives as long as the egress module. */
export class Transport {
  readonly #pools = new Map<string, { isLoopback: boolean; agent: Agent }>();

  fetch(input: Parameters<Fetch>[0], init: Parameters<Fetch>[1], routeTo: RouteTo): Promise<Response> {
    const dispatcher = new Gate((origin) => this.#agentFor(routeTo(origin)));
    const [target, own] = input instanceof Request ? takeApart(input) : [String(input), {}];
    // The same standard, declared twice: undici's types and Node's own name different classes.
    const options = { ...own, ...init, dispatcher } as unknown as Parameters<typeof fetch>[1];
    return fetch(target, options) as unknown as Promise<Response>;
  }

  /** Async, so that a refusal of `routeTo` rejects like any other failure. */
  async post(request: Posted, routeTo: RouteTo): Promise<Answer> {
    return await post(this.#agentFor(routeTo(new URL(request.url))), request);
  }

  /** Opens a connection and leaves it to the caller to close. */
  connect(url: URL, route: Route, signal: AbortSignal): Promise<Socket> {
    return connect(url, { ...route, sessions: createTlsSessions() }, signal);
  }

  /** Ends all connections off this machine, and what is under way on them fails with the reason. */
  cutOff(reason: Error): void {
    for (const [key, { isLoopback, agent }] of this.#pools) {
      if (isLoopback) continue;
      this.#pools.delete(key);
      void agent.destroy(reason);
    }
  }

  /** Later requests make new connections; what is under way ends in its own time. */
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
  const way = { ...route, sessions: createTlsSessions() };
  return ({ protocol, hostname, port }, done) => {
    const host = hostname.includes(':') ? `[${hostname.replace(/^\[|\]$/g, '')}]` : hostname;
    connect(new URL(`${protocol}//${host}${port && `:${port}`}`), way).then(
      (socket) => done(null, socket),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

/** Sends each request, redirects included, to the pool of its way out. Lives as long as one call of fetch. */
class Gate extends Dispatcher {
  readonly #agentFor: (origin: URL) => Agent;
  constructor(agentFor: (origin: URL) => Agent) {
    super();
    this.#agentFor = agentFor;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.#agentFor(new URL(String(options.origin))).dispatch(options, handler);
  }
}

/** A Request of the platform is not one of undici's; what it holds is. */
function takeApart(request: Request): [string, Record<string, unknown>] {
  const { method, headers, body, redirect, signal } = request;
  return [request.url, { method, headers: [...headers], redirect, signal, ...(body && { body, duplex: 'half' }) }];
}
