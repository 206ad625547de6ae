// Which proxy a URL is reached through: by the configuration, else by the environment. Pure; opens nothing.
import { BlockList, isIP } from 'node:net';
import { isLoopback, type NetworkConfig } from '../base/egress.ts';
import { UserError } from '../base/errors.ts';

export type ProxySettings = Pick<NetworkConfig, 'proxy' | 'noProxy'>;

/**
 * The proxy for a URL; undefined when it is reached directly, as this machine always is. Throws UserError `bad-proxy`.
 */
export function proxyFor(url: URL, settings: ProxySettings, env: NodeJS.ProcessEnv): URL | undefined {
  if (isLoopback(url.hostname)) return undefined;
  const address = settings.proxy ?? fromEnvironment(url.protocol, env);
  if (!address) return undefined;
  const exceptions = [...(settings.noProxy ?? []), ...(read(env, 'no_proxy') ?? '').split(/[\s,]+/)];
  if (exceptions.some((exception) => covers(exception, url))) return undefined;
  const proxy = URL.parse(address.includes('://') ? address : `http://${address}`);
  if (!proxy || !/^https?:$/.test(proxy.protocol)) {
    throw new UserError(
      'bad-proxy',
      `Switchyard doesn't support this kind of proxy: ${proxy ? withoutPassword(proxy) : 'address'}. Enter an http:// or https:// address in "network.proxy" in config.json or in HTTPS_PROXY.`,
    );
  }
  return proxy;
}

function fromEnvironment(protocol: string, env: NodeJS.ProcessEnv): string | undefined {
  return read(env, protocol === 'https:' ? 'https_proxy' : 'http_proxy') ?? read(env, 'all_proxy');
}

/** Both spellings are in use; the lower one wins, as with curl. */
function read(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined;
}

/**
 * `host`, `.domain`, `*.domain` (each with the names below it), `host:port`, an address, a range `10.0.0.0/8`, or `*`.
 */
function covers(exception: string, url: URL): boolean {
  if (exception === '') return false;
  if (exception === '*') return true;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (exception.includes('/')) return isInRange(host, exception);
  const { name = '', port } =
    /^\[?(?<name>.+?)\]?(?::(?<port>\d+))?$/.exec(isIP(exception) === 6 ? `[${exception}]` : exception)?.groups ?? {};
  if (port !== undefined && port !== portOf(url)) return false;
  const domain = name.toLowerCase().replace(/^\*?\./, '');
  return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`));
}

function isInRange(host: string, range: string): boolean {
  const family = isIP(host);
  const [network = '', bits = ''] = range.split('/');
  if (family === 0 || family !== isIP(network) || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** A URL's port, or the default of its scheme. */
export function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}

/** A proxy's address as it may be shown and logged. */
export function withoutPassword(proxy: URL): string {
  return `${proxy.protocol}//${proxy.host}`;
}
