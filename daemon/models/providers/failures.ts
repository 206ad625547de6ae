// What goes wrong with a model server, as a code and a sentence: HTTP answers, errors inside a stream, broken connections.
// Pure, except that it reads the body of a refusal. No sentence has a key in it: a server's words are redacted before they are quoted.
import type { HttpAnswer } from '../../base/egress.ts';
import { errnoCode } from '../../base/errors.ts';
import { ProviderError, type ProviderErrorCode } from './provider.ts';

/** The server that the sentences speak of. */
export interface Party {
  /** The provider's name in the configuration. */
  provider: string;
  model?: string | undefined;
  /** Host and port of the server. */
  host: string;
  key: string | undefined;
}

/** A refusal (any status but 2xx), or a page where an answer should be. */
export async function failureOfResponse(response: HttpAnswer, party: Party): Promise<ProviderError> {
  const body = await readStart(response);
  if (isGood(response)) {
    return new ProviderError(
      'unavailable',
      `${party.host} answered with a web page instead of a model's answer. Check the baseUrl of "${party.provider}".`,
    );
  }
  const said = wordsOf(body);
  return failureOf(
    {
      ...said,
      status: response.status,
      turnedAway: true,
      retryAfterMs: retryAfterMs(response.headers, Date.now()) ?? said.retryAfterMs,
    },
    party,
  );
}

export function isGood({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}

/** An error that the server sent in the middle of its answer, after it had begun well. */
export function failureInStream(event: unknown, party: Party): ProviderError {
  const said = wordsOf(event);
  const status =
    typeof said.code === 'number' ? said.code : (statusOfType[said.type ?? ''] ?? statusOfType[said.code ?? ''] ?? 500);
  return failureOf({ ...said, status }, party);
}

/** A connection that could not be made, or broke. Call it with what `fetch` threw. */
export function failureOfNetwork(error: unknown, party: Party): ProviderError {
  const code = networkCode(error) ?? '';
  const advice = `check the network and the baseUrl of "${party.provider}"`;
  if (code === 'ECONNREFUSED') {
    return new ProviderError(
      'network',
      `Nothing answers at ${party.host} (connection refused). Start the server of "${party.provider}", or correct its baseUrl.`,
      { turnedAway: true },
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new ProviderError('network', `The name ${party.host} could not be resolved: ${advice}.`, {
      turnedAway: true,
    });
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_|TLS|SSL/.test(code)) {
    return new ProviderError(
      'network',
      `No secure connection to ${party.host} (${code}). Behind a company proxy, point NODE_EXTRA_CA_CERTS to its certificate.`,
    );
  }
  if (/TIMEOUT|ETIMEDOUT/.test(code))
    return new ProviderError('network', `${party.host} did not answer in time: ${advice}.`);
  return new ProviderError('network', `The connection to ${party.host} failed${code && ` (${code})`}: ${advice}.`);
}

/** Fit to be quoted in a sentence: the key masked, control characters removed, not too long. */
export function quotable(text: string, key: string | undefined): string {
  const clean = key ? text.replaceAll(key, '[key]') : text;
  const line = clean.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return (line.length > maxQuoteLength ? `${line.slice(0, maxQuoteLength)}…` : line).replace(/[.\s]+$/, '');
}

const maxQuoteLength = 300;

interface Refusal {
  status: number;
  detail: string;
  type?: string | undefined;
  code?: string | number | undefined;
  retryAfterMs?: number | undefined;
  /** Whether it came instead of an answer, not within one. */
  turnedAway?: boolean;
}

function failureOf(refusal: Refusal, party: Party): ProviderError {
  const { provider, model, key } = party;
  const detail = quotable(refusal.detail, key);
  const said = detail ? `: ${detail}` : '';
  const fail = (code: ProviderErrorCode, message: string) =>
    new ProviderError(code, message, { retryAfterMs: refusal.retryAfterMs, turnedAway: refusal.turnedAway });
  const { status } = refusal;
  if (isFiltered(refusal)) {
    return fail(
      'refused',
      `"${provider}" refused the request for what it says${said}. Reword it, or choose another model.`,
    );
  }
  if (isContextOverrun(refusal)) {
    return fail(
      'context-too-long',
      `The request is longer than ${model ?? 'the model'} can read${said}. Shorten it, attach less, or choose a model with a larger context.`,
    );
  }
  if (refusal.code === 'insufficient_quota' || status === 402) {
    return fail(
      'refused',
      `"${provider}" refused for want of credit${said}. Check the account's billing, or choose another model.`,
    );
  }
  if (status === 401 || status === 403 || (status === 400 && keyWords.test(refusal.detail))) {
    return fail(
      'auth',
      `"${provider}" ${key ? 'refused the key' : 'wants a key'} (${status})${said}. Set a valid one with "switchyard keys set ${provider}".`,
    );
  }
  if (status === 404) {
    return fail(
      'model-not-found',
      `"${provider}" does not know ${model ? `the model "${model}"` : 'this address'} (404)${said}. Choose another model, or check its baseUrl.`,
    );
  }
  if (status === 429) {
    const wait =
      refusal.retryAfterMs === undefined ? 'in a while' : `in ${Math.max(1, Math.ceil(refusal.retryAfterMs / 1000))} s`;
    return fail(
      'rate-limited',
      `"${provider}" takes no more requests for now (429)${said}. Try again ${wait}, or choose another model.`,
    );
  }
  if (status >= 300 && status < 400) {
    return fail(
      'unavailable',
      `${party.host} points to another address (${status}), which is not followed, since it would be handed the key. Correct the baseUrl of "${provider}".`,
    );
  }
  if (status >= 500 || status === 408 || status === 409 || status === 425) {
    return fail(
      'unavailable',
      `"${provider}" ${status === 529 ? 'is overloaded' : 'failed'} (${status})${said}. Try again, or choose another model.`,
    );
  }
  return fail('bad-request', `"${provider}" did not accept the request (${status})${said}.`);
}

/** Names of errors inside streams and bodies, as the HTTP status that stands for the same. */
const statusOfType: Record<string, number> = {
  authentication_error: 401,
  invalid_api_key: 401,
  billing_error: 402,
  insufficient_quota: 402,
  permission_error: 403,
  not_found_error: 404,
  model_not_found: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  invalid_request_error: 400,
  api_error: 500,
  server_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

// Google and xAI answer a wrong key with 400.
const keyWords = /api key (is )?(not valid|invalid|expired)|(incorrect|invalid) api key/i;

/** Names of errors that are about what a request says: OpenAI's and Azure's, then what OpenRouter tells of its moderation. */
const filterCodes = new Set<unknown>([
  'content_filter',
  'content_policy_violation',
  'invalid_prompt',
  'moderation_blocked',
]);

function isFiltered({ status, code, type, detail }: Refusal): boolean {
  return (
    filterCodes.has(code) ||
    filterCodes.has(type) ||
    (status === 403 && /requires moderation|was flagged/i.test(detail))
  );
}

// OpenAI, vLLM and llama-server give a code or type; Anthropic, Google and Ollama a sentence.
const contextWords =
  /context[ _-]?(length|window|size)|prompt is too long|input length|too many (input )?tokens|exceeds? the (available|maximum) (context|number of tokens)|maximum prompt length/i;

function isContextOverrun({ status, type, code, detail }: Refusal): boolean {
  if (status === 413 || code === 'context_length_exceeded' || type === 'exceed_context_size_error') return true;
  return (status === 400 || status === 422 || status === 500) && contextWords.test(detail);
}

/** What a body says about its error: `{error: {message, type, code, details}}`, `{error: "…"}`, `{message}`, `{detail}`, or plain text. */
function wordsOf(body: unknown): Omit<Refusal, 'status'> {
  const outer = record(Array.isArray(body) ? body[0] : body); // Google wraps the errors of its streams in a list
  const inner = record(outer?.['error']) ?? outer;
  if (!inner) return { detail: typeof body === 'string' && !/^\s*</.test(body) ? body : '' };
  const detail = [outer?.['error'], inner['message'], inner['detail']].find((value) => typeof value === 'string') ?? '';
  const { type, code, details } = inner;
  const waitMs = retryInfoMs(details);
  return {
    detail: String(detail),
    ...(typeof type === 'string' && { type }),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  };
}

/** Google's way of saying when to ask again: `{"@type": "…RetryInfo", "retryDelay": "34.07s"}` among the details. */
function retryInfoMs(details: unknown): number | undefined {
  const delays = Array.isArray(details) ? details.map((detail) => record(detail)?.['retryDelay']) : [];
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(String(delays.find((delay) => delay !== undefined)))?.[1];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000);
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

const maxRefusalBytes = 64 * 1024; // more than any error message; a page of megabytes is not read to its end

async function readStart(response: HttpAnswer): Promise<unknown> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  try {
    for await (const chunk of response.body) {
      text += decoder.decode(chunk, { stream: true });
      bytes += chunk.byteLength;
      if (bytes >= maxRefusalBytes) break;
    }
    return JSON.parse(text);
  } catch {
    return text; // not JSON, or broken off: the status says enough
  }
}

/** `Retry-After` in seconds or as a date, or OpenAI's `retry-after-ms`; undefined where there is none or it makes no sense. */
export function retryAfterMs(headers: HttpAnswer['headers'], now: number): number | undefined {
  const milliseconds = number(headers.get('retry-after-ms'));
  if (milliseconds !== undefined) return milliseconds;
  const text = headers.get('retry-after') ?? null;
  const seconds = number(text);
  if (seconds !== undefined) return seconds * 1000;
  const date = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(date) || /^-?[\d.]+$/.test(text ?? '') ? undefined : Math.max(0, date - now);
}

function number(text: string | null | undefined): number | undefined {
  return typeof text === 'string' && /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}

/** fetch hides the system's code in the cause, or in the causes of an AggregateError. */
function networkCode(error: unknown): string | undefined {
  for (let depth = 0, at: unknown = error; at instanceof Error && depth < 5; depth++, at = at.cause) {
    const code = errnoCode(at) ?? (at instanceof AggregateError ? errnoCode(at.errors[0]) : undefined);
    if (code) return code;
  }
  return undefined;
}
