// The secrets in a configuration, for the redactor: headers that grant access, and passwords in addresses.
import type { Redactor } from '../log.ts';
import type { Config, ConfigFile } from './config.ts';

const shortest = 6; // a shorter value would mask ordinary words

/** Keeps the secrets of config.json out of logs and failures: called before its first use, and again at each change. */
export function hideSecrets(config: ConfigFile, redactor: Pick<Redactor, 'add'>): void {
  const hide = (): void => {
    for (const secret of secretsIn(config.config)) redactor.add(secret);
  };
  hide();
  config.onChange(hide);
}

/** Every secret in it, as it stands there and in the parts and encodings by which it travels. */
export function secretsIn({
  providers,
  network,
  mcpServers,
}: Pick<Config, 'providers' | 'network' | 'mcpServers'>): string[] {
  const servers = Object.values(mcpServers);
  const headers = [
    ...Object.values(providers).flatMap((provider) => Object.entries(provider.headers ?? {})),
    ...servers.flatMap(({ env, headers: own }) => Object.entries({ ...env, ...own })),
  ];
  const addresses = [
    network.proxy,
    ...Object.values(providers).map(({ baseUrl }) => baseUrl),
    ...servers.map(({ url }) => url),
  ];
  const found = [
    ...headers.filter(isSecret).flatMap(([, value]) => [value, ...value.split(/[\s=;,]+/)]),
    ...addresses.flatMap(secretsInAddress),
  ];
  return [...new Set(found)].filter((secret) => secret.length >= shortest);
}

/** Whether a provider's headers in config.json carry its key. */
export function hasKeyHeader(headers: Readonly<Record<string, string>> | undefined): boolean {
  return Object.keys(headers ?? {}).some((name) => /^authorization$|(^|-)(api-?)?key$|token/i.test(name));
}

/** The passwords, and the credentials that are made of them, of an address such as `http://name:password@host`. */
export function secretsInAddress(address: string | undefined): string[] {
  const url = address === undefined ? null : URL.parse(address);
  if (!url) return [];
  const [name, password] = [decoded(url.username), decoded(url.password)];
  const parameters = [...url.searchParams].filter(isSecret).map(([, value]) => value);
  if (password === '') return parameters;
  return [url.password, password, Buffer.from(`${name}:${password}`).toString('base64'), ...parameters];
}

/** By its name, or since it looks like nothing else: long, in one word, with digits. */
function isSecret([name, value]: [string, string]): boolean {
  return (
    /auth|key|token|secret|cookie|pass|credential|session/i.test(name) || /^(?=.*\d)(?=.*[A-Za-z])\S{16,}$/.test(value)
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
