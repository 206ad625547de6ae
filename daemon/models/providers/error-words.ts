// What a server says of its own failure, wherever it stands in the body: in an error's message, in what a gateway quotes of the
// server behind it, in lists of details, in objects and JSON within texts.
import { type Fields, fieldsOf, lookUp, stringOf } from './answers/shapes.ts';

export interface ErrorWords {
  /** For the user; empty where the server gave no reason. */
  detail: string;
  type?: string;
  code?: string;
  /** The HTTP status that it names itself. */
  status?: number;
  retryAfterMs?: number;
}

/** Reads a body, an event of a stream, or plain words. */
export function errorWordsOf(body: unknown): ErrorWords {
  const objects = objectsOf(body);
  const field = (...names: string[]): unknown =>
    objects
      .flatMap((object) => names.map((name) => object[name]))
      .find((value) => value !== undefined && value !== null);
  const type = field('type', '__type', 'error_type');
  const code = field('code', 'error_code', 'status');
  const status = statusOf(objects);
  const waitMs = objects.map(({ details }) => retryInfoMs(details)).find((ms) => ms !== undefined);
  return {
    detail: detailOf(body),
    ...(typeof type === 'string' && { type }),
    ...((typeof code === 'string' || typeof code === 'number') && { code: String(code) }),
    ...(status !== undefined && { status }),
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  };
}

const maxDepth = 6; // a gateway before a gateway quotes twice
const maxDetails = 3; // a sentence, not a list

/** The objects that speak of one failure, the innermost first: a gateway's own is about the gateway. */
function objectsOf(value: unknown, depth = 0): Fields[] {
  if (depth > maxDepth) return [];
  if (typeof value === 'string') return objectsOf(parsed(value), depth + 1);
  if (Array.isArray(value)) return value.slice(0, 1).flatMap((each) => objectsOf(each, depth + 1));
  if (typeof value !== 'object' || value === null) return [];
  const object = value as Fields;
  const inner = [object['error'], fieldsOf(object['metadata'])['raw'], object['message'], object['response']];
  return [...inner.flatMap((each) => objectsOf(each, depth + 1)), object];
}

/** A name, or what a gateway says when the reason is the quoted server's. */
const saysNothing =
  /^(\w+|provider returned error|upstream error|internal server error|bad request|unknown error)[.!]?$/i;

function detailOf(value: unknown, depth = 0): string {
  if (depth > maxDepth || value === null || value === undefined) return '';
  if (typeof value === 'string') {
    const inner = parsed(value);
    if (inner !== undefined) return detailOf(inner, depth + 1);
    return /^\s*</.test(value) ? '' : value.trim();
  }
  if (Array.isArray(value)) return joined(value.map((each) => detailOf(each, depth + 1)));
  if (typeof value !== 'object') return '';
  const object = value as Fields;
  const own = ownWords(object, depth);
  const quoted = detailOf(fieldsOf(object['metadata'])['raw'], depth + 1);
  if (quoted === '') return own;
  return own === '' || saysNothing.test(own) ? quoted : joined([own, quoted]);
}

/** What to quote of a body that says nothing in a known form: all of it, as it came; of a web page its title. */
export function rawWordsOf(body: unknown): string {
  if (typeof body === 'string') return /<title[^>]*>([^<]*)/i.exec(body)?.[1]?.trim() ?? '';
  if (typeof body !== 'object' || body === null || Object.keys(body).length === 0) return '';
  return JSON.stringify(body);
}

const wordFields = [
  'error',
  'message',
  'msg',
  'detail',
  'error_description',
  'error_msg',
  'status_msg',
  'base_resp',
  'Message',
  'errorMessage',
  'errors',
  'title',
  'reason',
  'description',
];

/** The first field that says something. FastAPI names the field of the request that it is about in `loc`. */
function ownWords(object: Fields, depth: number): string {
  const all = wordFields.map((name) => detailOf(object[name], depth + 1)).filter((text) => text !== '');
  const words = all.find((text) => !saysNothing.test(text)) ?? all[0] ?? '';
  const place = Array.isArray(object['loc']) ? object['loc'].filter((part) => part !== 'body').join('.') : '';
  return place && words ? `${place}: ${words}` : words;
}

function joined(texts: readonly string[]): string {
  return [...new Set(texts.filter((text) => text !== ''))].slice(0, maxDetails).join('; ');
}

function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A status that the body names, as a number or as text. A vendor's own number, such as 1113, is none. */
function statusOf(objects: readonly Fields[]): number | undefined {
  for (const { code, status, status_code, statusCode, http_code } of objects)
    for (const value of [status_code, statusCode, http_code, code, status]) {
      const number = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
      if (typeof number === 'number' && number >= 400 && number < 600) return number;
    }
  for (const { type, code, status } of objects)
    for (const name of [code, type, status]) {
      const known = lookUp(statusOfType, stringOf(name)?.toLowerCase());
      if (known !== undefined) return known;
    }
  return undefined;
}

/** Names of errors inside streams and bodies, as the HTTP status that stands for the same. */
const statusOfType: Record<string, number> = {
  authentication_error: 401,
  invalid_api_key: 401,
  unauthenticated: 401,
  billing_error: 402,
  insufficient_quota: 402,
  permission_error: 403,
  permission_denied: 403,
  not_found_error: 404,
  not_found: 404,
  model_not_found: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  resource_exhausted: 429,
  throttlingexception: 429,
  invalid_request_error: 400,
  invalid_argument: 400,
  badrequesterror: 400,
  validationexception: 400,
  api_error: 500,
  server_error: 500,
  internalservererror: 500,
  unavailable: 503,
  timeout_error: 504,
  overloaded_error: 529,
};

/** Google's way of saying when to ask again: `{"@type": "…RetryInfo", "retryDelay": "34.07s"}` among the details. */
function retryInfoMs(details: unknown): number | undefined {
  const delays = Array.isArray(details) ? details.map((detail) => fieldsOf(detail)['retryDelay']) : [];
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(String(delays.find((delay) => delay !== undefined)))?.[1];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000);
}
