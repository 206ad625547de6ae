// The only way out: every call to a server is made with this fetch. So it is decided in one place, for every request
// and redirect, which hosts may be contacted, through which proxy, and which certificates are trusted.
import { type Fetch, isLoopback, type NetworkConfig, type NetworkSettings, type Post } from '../base/egress.ts';
import { UserError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { examineHost, type HostCheck } from './check.ts';
import { type ProxySettings, portOf, proxyFor, withoutPassword } from './proxy.ts';
import { type AddressRule, checkLiteral, notPublic, publicOnly } from './public-addresses.ts';
import type { Route, RouteTo, Transport } from './transport.ts';
import { Trust } from './trust.ts';

/** Settings of one provider beyond the common ones. */
interface OwnRoute {
  /** PEM file of certificates to trust for this provider only. */
  caFile?: string | undefined;
  /** Only what everybody on the internet reaches: for addresses that others have written. This machine is refused as well. */
  publicOnly?: boolean;
}

interface HostCount {
  host: string;
  requests: number;
  refused: number;
}

/** Lives as long as the daemon. */
export interface Egress {
  readonly fetch: Fetch;
  /** The same fetch for a provider with certificates of its own. */
  fetchFor(own: OwnRoute): Fetch;
  /** What a request would be refused with, as far as its address tells; names aren't looked up. Contacts nobody, and counts nothing. */
  refusalFor(url: URL, own?: OwnRoute): UserError | undefined;
  /** Loads what requests need, so that the first one does not wait for it. Contacts nobody. */
  prepare(): Promise<void>;
  /** Every host requested since the start, with how often it was requested and refused. */
  hosts(): HostCount[];
  /** Opens a connection to a URL's host and closes it without a request, for `doctor`. */
  check(url: URL, options: { own?: OwnRoute; signal: AbortSignal }): Promise<HostCheck>;
  /**
   * Call this when settings may have changed. Ends connections that they no longer allow, and reads certificate files
   * again.
   */
  refresh(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface EgressOptions {
  localOnly: () => boolean;
  log: Log;
  /** Read at every request. */
  network?: () => NetworkSettings;
  env?: NodeJS.ProcessEnv;
  /** What counts as public, and how names are looked up for it. */
  publicAddresses?: AddressRule;
}

export function createEgress(options: EgressOptions): Egress {
  const { log, env = process.env, publicAddresses = publicOnly } = options;
  const trust = new Trust({ extraFile: env['NODE_EXTRA_CA_CERTS'], log });
  const counts = new Map<string, { requests: number; refused: number }>();
  const network = options.network ?? ((): NetworkSettings => ({}));
  let loading: Promise<Transport> | undefined;
  const transport = (): Promise<Transport> =>
    (loading ??= import('./transport.ts').then((loaded) => new loaded.Transport()));

  const refusalFor: Egress['refusalFor'] = (origin, own = {}) =>
    refusalOf(origin, { localOnly: options.localOnly(), network: network() }) ??
    (own.publicOnly ? privacyRefusal(origin, publicAddresses) : undefined);
  const routeTo =
    (own: OwnRoute): RouteTo =>
    (origin) => {
      const count = counts.get(origin.host) ?? { requests: 0, refused: 0 };
      if (!counts.has(origin.host)) log.info({ host: origin.host }, 'a host asked for the first time');
      counts.set(origin.host, count);
      count.requests++;
      const refusal = refusalFor(origin, own);
      if (refusal) {
        count.refused++;
        log.warn({ host: origin.host, code: refusal.code }, 'refused');
        throw refusal;
      }
      return {
        ...routeOf(origin, { own, network: network(), env, trust }),
        addresses: own.publicOnly ? publicAddresses : undefined,
      };
    };
  const withTransport = async <T>(send: (loaded: Transport) => Promise<T>): Promise<T> => {
    const loaded = await transport();
    try {
      return await send(loaded);
    } catch (error) {
      throw userErrorIn(error) ?? error;
    }
  };
  const fetchFor = (own: OwnRoute): Fetch =>
    Object.assign<typeof fetch, { post: Post }>(
      (input, init) => withTransport((loaded) => loaded.fetch(input, init, routeTo(own))),
      { post: (request) => withTransport((loaded) => loaded.post(request, routeTo(own))) },
    );
  return {
    fetch: fetchFor({}),
    fetchFor,
    refusalFor,
    prepare: async () => void (await transport()),
    hosts: () => [...counts].map(([host, count]) => ({ host, ...count })),
    check: (url, { own = {}, signal }) =>
      examineHost(url, async () => {
        const route = routeTo(own)(url);
        return {
          socket: await (await transport()).connect(url, route, signal),
          ...(route.proxy && { proxy: withoutPassword(route.proxy) }),
        };
      }),
    refresh() {
      trust.forget();
      void loading?.then((loaded) => {
        if (options.localOnly()) loaded.cutOff(localOnlyError('the connections to other machines were ended'));
        loaded.renew();
      });
    },
    async [Symbol.asyncDispose]() {
      await (await loading)?.destroy();
    },
  };
}

/** The error for an origin that may not be contacted; undefined when it may. */
function refusalOf(
  origin: URL,
  { localOnly, network }: { localOnly: boolean; network: NetworkConfig },
): UserError | undefined {
  if (isLoopback(origin.hostname)) return undefined;
  if (localOnly) return localOnlyError(`${origin.host} wasn't contacted`);
  const { allowHosts } = network;
  if (!allowHosts || allowHosts.some((pattern) => allows(pattern, origin))) return undefined;
  return new UserError(
    'host-not-allowed',
    `${origin.host} isn't in "network.allowHosts" in config.json, so it wasn't contacted. Add it there, or choose another model.`,
  );
}

/** Of what is written as an address, and of names that can only be this machine; names are looked up when they are connected to. */
function privacyRefusal(origin: URL, addresses: AddressRule): UserError | undefined {
  if (/(^|\.)localhost\.?$/.test(origin.hostname)) return notPublic(origin.host);
  try {
    checkLiteral(origin, addresses);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

function localOnlyError(consequence: string): UserError {
  return new UserError(
    'local-only',
    `"Local only" is on, so ${consequence}. Choose a model on this machine, or turn off "localOnly".`,
  );
}

/** `host`, `*.domain` (names below it), either with `:port`. */
function allows(pattern: string, origin: URL): boolean {
  const [name = '', port] = pattern.toLowerCase().split(':');
  if (port !== undefined && port !== portOf(origin)) return false;
  return name.startsWith('*.') ? origin.hostname.endsWith(name.slice(1)) : origin.hostname === name;
}

interface RouteOptions {
  own: OwnRoute;
  network: ProxySettings & Pick<NetworkSettings, 'caFile' | 'systemCertificates'>;
  env: NodeJS.ProcessEnv;
  trust: Trust;
}

function routeOf(origin: URL, { own, network, env, trust }: RouteOptions): Route {
  const proxy = proxyFor(origin, network, env);
  const files = [network.caFile, own.caFile].filter((file) => file !== undefined);
  const local = isLoopback(origin.hostname);
  const system = network.systemCertificates ?? true;
  return {
    key: [local, system, own.publicOnly, proxy?.href, ...files].join('\n'),
    isLoopback: local,
    proxy,
    context: () => trust.context(files, { system }),
  };
}

const maxCauseDepth = 8;

/** Finds a UserError among the causes, since fetch wraps what is thrown below it. */
function userErrorIn(error: unknown): UserError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < maxCauseDepth; at = at.cause, depth++)
    if (at instanceof UserError) return at;
  return undefined;
}
