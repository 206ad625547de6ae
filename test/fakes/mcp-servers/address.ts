// An MCP server with an address, of any generation. With `isGuarded` it takes only who has signed in, and is itself whom
// one signs in to. Lives as long as a test.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json as readJson, text as readText } from 'node:stream/consumers';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { createStatelessServer } from './stateless-server.ts';
import { echo } from './workbench.ts';

interface JsonRpc {
  id?: number;
  method: string;
  params?: { name?: string; arguments?: unknown };
}

export class AddressedServer implements AsyncDisposable {
  isGuarded = false;
  protocol = '2025-11-25';
  /** Each request, as method and path; of a POST to the server, the JSON-RPC method. */
  readonly log: string[] = [];
  /** Headers of the last request to the server itself. */
  headers: IncomingMessage['headers'] = {};
  readonly #server: Server;
  #token = 'access-0001-aaaaaaaa';
  readonly #stateless = createMcpHandler(createStatelessServer);
  readonly #challenges = new Map<string, string>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  static async start(): Promise<AddressedServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new AddressedServer(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  get url(): string {
    return `${this.origin}/mcp`;
  }

  /** From now on only who refreshes is let in. */
  expire(): void {
    this.#token = 'access-0002-bbbbbbbb';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', this.origin);
    const { origin, url } = this;
    const reply = (status: number, value: object, headers: Record<string, string> = {}): void =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    if (pathname === '/mcp') return this.#serve(request, response, reply);
    this.log.push(`${request.method} ${pathname}`);
    if (pathname.startsWith('/.well-known/oauth-protected-resource'))
      return reply(200, { resource: url, authorization_servers: [origin] });
    if (pathname.startsWith('/.well-known/oauth-authorization-server'))
      return reply(200, {
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        registration_endpoint: `${origin}/register`,
        response_types_supported: ['code'],
        grant_types_supported: ['authorization_code', 'refresh_token'],
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: ['none'],
      });
    if (pathname === '/register')
      return reply(201, { ...((await readJson(request)) as object), client_id: 'client-1' });
    if (pathname === '/authorize') {
      this.#challenges.set('code-1', searchParams.get('code_challenge') ?? '');
      const back = new URL(searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('code', 'code-1');
      back.searchParams.set('state', searchParams.get('state') ?? '');
      response.writeHead(302, { location: back.href }).end();
      return;
    }
    if (pathname === '/token') return this.#issue(new URLSearchParams(await readText(request)), reply);
    reply(404, {});
  }

  #issue(form: URLSearchParams, reply: (status: number, value: object) => void): void {
    const verified = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isKnown =
      form.get('grant_type') === 'refresh_token'
        ? form.get('refresh_token') === 'refresh-1-cccccccc'
        : this.#challenges.get(form.get('code') ?? '') === verified;
    if (!isKnown) return reply(400, { error: 'invalid_grant' });
    reply(200, { access_token: this.#token, token_type: 'Bearer', refresh_token: 'refresh-1-cccccccc' });
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    reply: (status: number, value: object, headers?: Record<string, string>) => void,
  ): Promise<void> {
    this.headers = request.headers;
    if (this.isGuarded && request.headers.authorization !== `Bearer ${this.#token}`) {
      this.log.push('401');
      const metadata = `${this.origin}/.well-known/oauth-protected-resource`;
      return reply(401, {}, { 'www-authenticate': `Bearer resource_metadata="${metadata}"` });
    }
    if (request.method !== 'POST') return reply(405, {});
    if (this.protocol === '2026-07-28') {
      const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const asked = new Request(this.url, { method: 'POST', headers, body: await readText(request) });
      const answer = await this.#stateless.fetch(asked);
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
      return;
    }
    const { id, method, params } = (await readJson(request)) as JsonRpc;
    this.log.push(method);
    if (id === undefined) return void response.writeHead(202).end();
    const result = (value: object): void => reply(200, { jsonrpc: '2.0', id, result: value });
    if (method === 'initialize')
      return result({
        protocolVersion: this.protocol,
        capabilities: { tools: {} },
        serverInfo: { name: 'addressed', version: '1' },
      });
    if (method === 'tools/list') return result({ tools: [echo] });
    if (method === 'tools/call' && params?.name === 'echo')
      return result({ content: [{ type: 'text', text: JSON.stringify(params.arguments) }] });
    reply(400, { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } });
  }
}
