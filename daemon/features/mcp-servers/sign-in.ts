// Signing in to servers with an address, by OAuth as the SDK does it. A profile's tokens are in the key store, and go nowhere but to
// whom they are for; the browser is the client's to open.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { cleanMessage } from '../../base/clean-text.ts';
import type { Fetch } from '../../base/egress.ts';
import { CancelledError, throwIfCancelled, UserError } from '../../base/errors.ts';
import { LinkedAbort } from '../../base/listeners.ts';
import type { Redactor } from '../../base/log.ts';
import { ServerFetch } from './connection/server-fetch.ts';

interface Credentials {
  /** Of the server: under its name another one may be configured later. */
  url: string;
  redirectUrl: string;
  client?: StoredOAuthClientInformation;
  tokens?: StoredOAuthTokens;
}

/** The key store, as far as it is needed. */
export interface CredentialKeys {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<unknown>;
  delete(name: string): Promise<boolean>;
}

export interface SignInDeps {
  keys: CredentialKeys;
  redactor: Pick<Redactor, 'add'>;
  fetch: Fetch;
}

interface SignInRequest {
  server: string;
  url: string;
  profile: string;
  signal: AbortSignal;
  /** Has the user's browser show the address. */
  show(address: string): void;
}

const signInMs = 300_000;

/** Lives as long as the daemon. */
export class SignIns {
  readonly #deps: SignInDeps;

  constructor(deps: SignInDeps) {
    this.#deps = deps;
  }

  /** For a connection; undefined where nobody has signed in to this address. */
  async provider(
    { server, url }: { server: string; url: string },
    profile: string,
  ): Promise<OAuthClientProvider | undefined> {
    const store = new CredentialStore(this.#deps, keyName(server, profile));
    const credentials = await store.load();
    return credentials?.tokens && credentials.url === url ? new Provider(store, credentials, () => {}) : undefined;
  }

  /** Throws UserErrors and CancelledError. */
  async signIn({ server, url, profile, signal, show }: SignInRequest): Promise<void> {
    const sdk = await import('@modelcontextprotocol/client');
    using limit = new LinkedAbort([signal], signInMs);
    await using callback = await CallbackServer.open();
    const store = new CredentialStore(this.#deps, keyName(server, profile));
    const provider = new Provider(store, { url, redirectUrl: callback.url }, show, callback.state);
    const way = new ServerFetch(this.#deps.fetch);
    try {
      const challenge = await way.fetch(url, { headers: { accept: 'text/event-stream' }, signal: limit.signal });
      await challenge.body?.cancel();
      const { resourceMetadataUrl, scope } = sdk.extractWWWAuthenticateParams(challenge);
      const where = {
        serverUrl: url,
        fetchFn: way.fetch,
        ...(resourceMetadataUrl && { resourceMetadataUrl }),
        ...(scope !== undefined && { scope }),
      };
      if ((await sdk.auth(provider, where)) === 'AUTHORIZED') return;
      const { code, iss } = await callback.answer(limit.signal);
      await sdk.auth(provider, { ...where, authorizationCode: code, ...(iss !== undefined && { iss }) });
    } catch (error) {
      throwIfCancelled(signal);
      if (limit.signal.aborted) throw new UserError('mcp-sign-in', `Nobody signed in to ${server} within 5 minutes.`);
      throw way.refusal ?? notSignedIn(server, error);
    }
  }

  /** Returns whether somebody was signed in. */
  async signOut(server: string, profile: string): Promise<boolean> {
    return await this.#deps.keys.delete(keyName(server, profile));
  }
}

/** What the SDK says is about the server's answers. */
function notSignedIn(server: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const said = cleanMessage(error instanceof Error ? error.message : String(error), 300).replace(/\.$/, '');
  return new UserError('mcp-sign-in', `Couldn't sign in to ${server}: ${said}. It may need no sign-in.`, {
    cause: error,
  });
}

/** A profile's own: who signs in to a server in one is nobody in another. */
function keyName(server: string, profile: string): string {
  return `mcp.${server}.${profile}`;
}

class CredentialStore {
  readonly #deps: SignInDeps;
  readonly #name: string;

  constructor(deps: SignInDeps, name: string) {
    this.#deps = deps;
    this.#name = name;
  }

  async load(): Promise<Credentials | undefined> {
    const stored = await this.#deps.keys.get(this.#name);
    if (stored === undefined) return undefined;
    const credentials = JSON.parse(stored) as Credentials;
    this.#hide(credentials);
    return credentials;
  }

  async save(credentials: Credentials): Promise<void> {
    this.#hide(credentials);
    await this.#deps.keys.set(this.#name, JSON.stringify(credentials));
  }

  #hide({ client, tokens }: Credentials): void {
    const secret = client && 'client_secret' in client ? client.client_secret : undefined;
    for (const each of [secret, tokens?.access_token, tokens?.refresh_token, tokens?.id_token])
      if (typeof each === 'string') this.#deps.redactor.add(each);
  }
}

/** Lives as long as a connection or a sign-in. */
class Provider implements OAuthClientProvider {
  readonly #store: CredentialStore;
  readonly #show: (address: string) => void;
  readonly #state: string;
  #credentials: Credentials;
  #verifier = '';
  #discovery: OAuthDiscoveryState | undefined;

  constructor(store: CredentialStore, credentials: Credentials, show: (address: string) => void, state = '') {
    this.#store = store;
    this.#credentials = credentials;
    this.#show = show;
    this.#state = state;
  }

  get redirectUrl(): string {
    return this.#credentials.redirectUrl;
  }

  get clientMetadata(): OAuthClientMetadata {
    return {
      client_name: 'Switchyard',
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    };
  }

  state(): string {
    return this.#state;
  }
  clientInformation(): StoredOAuthClientInformation | undefined {
    return this.#credentials.client;
  }
  async saveClientInformation(client: StoredOAuthClientInformation): Promise<void> {
    this.#credentials = { ...this.#credentials, client }; // stored with the tokens
  }
  tokens(): StoredOAuthTokens | undefined {
    return this.#credentials.tokens;
  }
  async saveTokens(tokens: StoredOAuthTokens): Promise<void> {
    this.#credentials = { ...this.#credentials, tokens };
    await this.#store.save(this.#credentials);
  }
  redirectToAuthorization(address: URL): void {
    this.#show(address.href);
  }
  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }
  codeVerifier(): string {
    return this.#verifier;
  }
  /** By which the SDK sees that the code came from where the browser was sent. */
  saveDiscoveryState(discovery: OAuthDiscoveryState): void {
    this.#discovery = discovery;
  }
  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery;
  }
}

interface CallbackAnswer {
  code: string;
  iss: string | undefined;
}

const page =
  '<!doctype html><meta charset="utf-8"><title>Switchyard</title><p>You can close this page and go back to Switchyard.</p>';

/** Takes the browser's way back, on this machine alone. Lives as long as a sign-in. */
class CallbackServer implements AsyncDisposable {
  readonly url: string;
  /** Known to the browser that was sent away and to nobody else. */
  readonly state = randomBytes(16).toString('base64url');
  readonly #server: Server;
  readonly #answered = Promise.withResolvers<CallbackAnswer>();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
    this.#answered.promise.catch(() => {});
    server.on('request', (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
      const isOurs = request.method === 'GET' && pathname === '/callback' && searchParams.get('state') === this.state;
      response.writeHead(isOurs ? 200 : 404, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'",
        connection: 'close',
      });
      response.end(isOurs ? page : '');
      if (isOurs) this.#settle(searchParams);
    });
  }

  static async open(): Promise<CallbackServer> {
    const { createServer } = await import('node:http'); // a daemon that nobody signs in with needs none
    const server = createServer({ requestTimeout: 10_000 }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CallbackServer(server);
  }

  async answer(signal: AbortSignal): Promise<CallbackAnswer> {
    const abort = (): void => this.#answered.reject(new CancelledError());
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      return await this.#answered.promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #settle(parameters: URLSearchParams): void {
    const code = parameters.get('code');
    if (code !== null) this.#answered.resolve({ code, iss: parameters.get('iss') ?? undefined });
    // What the address says of the reason may be anybody's words.
    else this.#answered.reject(new UserError('mcp-sign-in', 'The server turned the sign-in down. Try again.'));
  }
}
