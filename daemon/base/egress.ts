// What the parts know of the network: the fetch they are given, the settings it follows, and what counts as this machine.
// The one that opens connections is daemon/egress.
import * as z from 'zod';

/** The platform's fetch, and where it is ours, a leaner way to one answer that is read as it comes. */
export type Fetch = typeof fetch & { readonly post?: Post };

/** Fails in fetch's words: a TypeError with what went wrong as its cause. Follows no redirect. */
export type Post = (request: PostRequest) => Promise<HttpAnswer>;

export interface PostRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  /** By their names in lower case. */
  headers: { get(name: string): string | null | undefined };
  /** Leaving the loop over it ends the request. */
  body: AsyncIterable<Uint8Array>;
  /** Says that all of it that matters has been read: where the rest comes at once, the connection is kept for the next request. */
  release?(): void;
}

const hostPattern = z
  .string()
  .regex(
    /^(\*\.)?[A-Za-z0-9.-]+(:\d+)?$/,
    'expected a host such as "api.example.com", "*.example.com", or "host:8443"',
  );

/** The `network` section of config.json. */
export const NetworkConfig = z.object({
  proxy: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .optional()
    .describe(
      "Proxy for everything except this machine, as http://host:port. Default: the editor's proxy, then HTTPS_PROXY. Leave empty for none.",
    ),
  noProxy: z
    .array(z.string().min(1))
    .optional()
    .describe(
      'Hosts to reach without the proxy, in addition to NO_PROXY: "host", ".domain", "host:port", or an address range such as "10.0.0.0/8".',
    ),
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe("PEM file of certificates to trust in addition to the system's, such as a company's root certificate."),
  allowHosts: z
    .array(hostPattern)
    .optional()
    .describe('If set, Switchyard contacts only these hosts and this machine.'),
  secrets: z
    .enum(['redact', 'refuse'])
    .optional()
    .describe(
      "What happens to secrets in a prompt for another machine: each is replaced by its kind (default), or the prompt isn't sent.",
    ),
});
export type NetworkConfig = z.infer<typeof NetworkConfig>;

/** What holds for one request: the configuration, and what the editor's window says that it is made for. */
export interface NetworkSettings extends NetworkConfig {
  /** False where a window does not want the system's certificates; Node's own are trusted in any case. */
  systemCertificates?: boolean;
}

/** Whether a URL's host name can only be this machine. Names are not resolved: only `localhost` and literal addresses count. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare);
}
