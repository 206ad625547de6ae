// A hub of models on this machine, in the words of the public one's API: search, trees in pages, files behind a redirect, refusals.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubRepository {
  downloads?: number;
  license?: string;
  gated?: false | 'auto' | 'manual';
  files: Record<string, Buffer>;
}

const commit = 'c0ffee0000000000000000000000000000000000';
const filesAPage = 2;

/** Lives as long as a test. */
export class FakeHub implements AsyncDisposable {
  readonly repositories: Record<string, HubRepository> = {};
  /** Paths that were asked for, with ranges. */
  readonly requests: string[] = [];
  /** Answers a request in another way; false where it does not. */
  instead: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  readonly #server: Server = createServer((request, response) => this.#answer(request, response));

  async listen(): Promise<this> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
    return this;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.address);
    this.requests.push(`${url.pathname}${request.headers.range ? ` ${request.headers.range}` : ''}`);
    if (this.instead(request, response)) return;
    const path = decodeURIComponent(url.pathname);
    if (path === '/api/models') return this.#search(url, response);
    const [, id = '', revision] = /^\/api\/models\/([^/]+\/[^/]+)\/revision\/(.+)$/.exec(path) ?? [];
    if (id) return this.#repository(id, response, (found) => json(response, this.#info(id, found, revision)));
    const [, treeId = ''] = /^\/api\/models\/([^/]+\/[^/]+)\/tree\//.exec(path) ?? [];
    if (treeId) return this.#repository(treeId, response, (found) => this.#tree(url, found, response));
    const [, fileId = '', file = ''] = /^\/([^/]+\/[^/]+)\/resolve\/[^/]+\/(.+)$/.exec(path) ?? [];
    if (fileId)
      return this.#repository(fileId, response, (found) => this.#resolve({ id: fileId, file }, found, response));
    const [, storedId = '', stored = ''] = /^\/storage\/([^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
    const bytes = this.repositories[storedId]?.files[stored];
    if (bytes) sendRange(bytes, request, response);
    else refuse(response, 404, 'EntryNotFound');
  }

  #search(url: URL, response: ServerResponse): void {
    const wanted = url.searchParams.get('search')?.toLowerCase() ?? '';
    const found = Object.entries(this.repositories)
      .filter(([id]) => id.toLowerCase().includes(wanted))
      .toSorted(([, a], [, b]) => (b.downloads ?? 0) - (a.downloads ?? 0))
      .slice(0, Number(url.searchParams.get('limit')));
    json(
      response,
      found.map(([id, repository]) => this.#info(id, repository)),
    );
  }

  #info(id: string, { downloads, license, gated = false }: HubRepository, _revision?: string): object {
    const tags = ['gguf', 'region:us', ...(license ? [`license:${license}`] : [])];
    return { _id: 'x', id, modelId: id, sha: commit, private: false, gated, downloads, tags };
  }

  #repository(id: string, response: ServerResponse, answer: (found: HubRepository) => void): void {
    const found = this.repositories[id];
    if (found) answer(found);
    else refuse(response, 401, 'RepoNotFound'); // what the hub says to those without an account
  }

  #tree(url: URL, { files }: HubRepository, response: ServerResponse): void {
    const start = Number(url.searchParams.get('cursor') ?? 0);
    const entries = Object.entries(files).map(([path, bytes]) => ({
      type: 'file',
      oid: 'f'.repeat(40),
      size: bytes.length,
      path,
      lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 134 },
    }));
    const readme = { type: 'file', oid: 'f'.repeat(40), size: 9, path: 'README.md' };
    const all = [{ type: 'directory', oid: 'f'.repeat(40), size: 0, path: 'sub' }, readme, ...entries];
    const next = start + filesAPage;
    url.searchParams.set('cursor', String(next));
    if (next < all.length) response.setHeader('link', `<${url.href}>; rel="next"`);
    json(response, all.slice(start, next));
  }

  #resolve(
    { id, file }: { id: string; file: string },
    { files, gated }: HubRepository,
    response: ServerResponse,
  ): void {
    const bytes = files[file];
    if (gated) refuse(response, 401, 'GatedRepo');
    else if (!bytes) refuse(response, 404, 'EntryNotFound');
    else
      response
        .writeHead(302, {
          location: `/storage/${id}/${file}`,
          'x-linked-size': bytes.length,
          'x-linked-etag': `"${sha256(bytes)}"`,
        })
        .end();
  }
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** As object stores do it: with ranges, and with `If-Range`. */
function sendRange(bytes: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const etag = `"${sha256(bytes).slice(0, 32)}"`;
  const isSame = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const from = isSame ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
  if (from >= bytes.length) return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
  const headers = {
    etag,
    'content-length': bytes.length - from,
    ...(from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
  };
  response.writeHead(from > 0 ? 206 : 200, headers).end(bytes.subarray(from));
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'x-error-code': code, 'x-error-message': 'no' }).end('{"error":"no"}');
}
