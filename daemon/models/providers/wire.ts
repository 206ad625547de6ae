// What the APIs write in the same way: headers, addresses, pictures, schemas, and requests that are answered by one JSON document.
import { thisBuild } from '../../base/build.ts';
import type { ProviderConfig } from '../../base/config/config.ts';
import type { Connection } from './connection.ts';
import type { Image } from './provider.ts';

export function dataUrl({ mediaType, data }: Image): string {
  return `data:${mediaType};base64,${data}`;
}

/** Whether OpenAI would take a schema as `strict`: each object closed, and each of its properties required. */
export function isStrict(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return true;
  const { type, properties, required, additionalProperties } = schema as Record<string, unknown>;
  if (type === 'object') {
    const names = Object.keys((properties as object | undefined) ?? {});
    const closed =
      additionalProperties === false && Array.isArray(required) && names.every((name) => required.includes(name));
    if (!closed) return false;
  }
  return Object.values(schema).every(isStrict);
}

/** The address of a path below the one where an API begins. */
export function urlOf(baseUrl: string, path: string): string {
  return `${baseUrl.replace(/\/+$/, '')}/${path}`;
}

/** Names are compared without regard to case. The configuration's headers win, but without a key there is no `authorization`. */
export function headersOf(
  { key }: { key: string | undefined },
  configured: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const headers: Record<string, string> = {
    accept: 'text/event-stream',
    'content-type': 'application/json',
    'user-agent': `Switchyard/${thisBuild.version}`,
  };
  if (key) headers['authorization'] = `Bearer ${key}`;
  for (const [name, value] of Object.entries(configured)) headers[name.toLowerCase()] = value;
  if (!key) delete headers['authorization'];
  return headers;
}

/** What a server is asked for beside answers, such as its models and embeddings. Lives as long as its connection. */
export class ServerApi {
  readonly baseUrl: string;
  readonly #connection: Connection;
  readonly #headers: Record<string, string>;

  constructor(
    connection: Connection,
    { baseUrl, config }: { baseUrl: string; config: Pick<ProviderConfig, 'headers'> },
  ) {
    this.baseUrl = baseUrl;
    this.#connection = connection;
    this.#headers = headersOf(connection, { accept: 'application/json', ...config.headers });
  }

  async get(path: string, baseUrl = this.baseUrl): Promise<unknown> {
    return await documentIn(await this.#connection.fetch(urlOf(baseUrl, path), { headers: this.#headers }));
  }

  async post(path: string, content: object): Promise<unknown> {
    const request = { method: 'POST', headers: this.#headers, body: JSON.stringify(content) };
    return await documentIn(await this.#connection.fetch(urlOf(this.baseUrl, path), request));
  }
}

/** The text itself where it isn't JSON and does not say that it is. Throws SyntaxError for JSON that cannot be read. */
async function documentIn(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    if (text !== '' && response.headers.get('content-type')?.includes('json')) throw error;
    return text;
  }
}
