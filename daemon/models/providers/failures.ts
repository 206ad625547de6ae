// What goes wrong with a model server, as a code and a sentence: HTTP answers, errors inside a stream, broken connections.
// Pure, except that it reads the body of a refusal. No sentence has a key in it: a server's words are redacted before they are quoted.
import { cleanMessage } from '../../base/clean-text.ts';
import type { HttpAnswer } from '../../base/egress.ts';
import { errnoCode } from '../../base/errors.ts';
import { errorWordsOf, rawWordsOf } from './error-words.ts';
import { kindOf, type Refusal } from './failure-kinds.ts';
import { ProviderError } from './provider.ts';

/** The server that the sentences speak of. */
export interface Party {
  /** The provider's name in the configuration. */
  provider: string;
  model?: string | undefined;
  /** Host and port of the server. */
  host: string;
  key: string | undefined;
  /** Where the request went. */
  url?: string | undefined;
}

/** A refusal (any status but 2xx), or a page where an answer should be. */
export async function failureOfResponse(response: HttpAnswer, party: Party): Promise<ProviderError> {
  const body = await readStart(response);
  if (isGood(response)) {
    return new ProviderError(
      'unavailable',
      `${party.host} returned a web page instead of an answer. Check the baseUrl of "${party.provider}".`,
    );
  }
  const said = errorWordsOf(body);
  return failureOf(
    {
      ...said,
      detail: said.detail || rawWordsOf(body),
      status: response.status,
      turnedAway: true,
      retryAfterMs: retryAfterMs(response.headers, Date.now()) ?? said.retryAfterMs ?? waitInWords(said.detail),
    },
    party,
  );
}

export function isGood({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}

/** An error that the server sent in the middle of its answer, after it had begun well. */
export function failureInStream(event: unknown, party: Party): ProviderError {
  const { status, detail, ...said } = errorWordsOf(event);
  return failureOf({ ...said, status, detail: detail || rawWordsOf(event) }, party);
}

/** A connection that could not be made, or broke. Call it with what `fetch` threw. */
export function failureOfNetwork(error: unknown, party: Party): ProviderError {
  const code = networkCode(error) ?? '';
  const advice = `check the network and the baseUrl of "${party.provider}"`;
  if (code === 'ECONNREFUSED') {
    return new ProviderError(
      'network',
      `Nothing responds at ${party.host} (connection refused). Start the server of "${party.provider}", or correct its baseUrl.`,
      { turnedAway: true },
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new ProviderError('network', `Couldn't resolve the name ${party.host}: ${advice}.`, {
      turnedAway: true,
    });
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_|TLS|SSL/.test(code)) {
    return new ProviderError(
      'network',
      `Couldn't connect securely to ${party.host} (${code}). Behind a company proxy, set NODE_EXTRA_CA_CERTS to its certificate.`,
    );
  }
  if (/TIMEOUT|ETIMEDOUT/.test(code))
    return new ProviderError('network', `${party.host} didn't respond in time: ${advice}.`);
  return new ProviderError('network', `The connection to ${party.host} failed${code && ` (${code})`}: ${advice}.`);
}

/** Long base64, as of a picture that the server was sent: what is quoted is stored, and no picture may be. Words and paths lack one of the three. */
const encodedData =
  /(?:data:[a-z/+.-]{1,60};base64,)?(?=[a-zA-Z+/]{0,200}\d)(?=[a-z\d+/]{0,200}[A-Z])(?=[A-Z\d+/]{0,200}[a-z])(?:[A-Za-z\d+/]|\\\/){48,}={0,2}/g;

/** Fit to be quoted in a sentence: the key and encoded data masked, hidden characters removed, not too long. */
export function quotable(text: string, key: string | undefined): string {
  const keyless = key ? text.replaceAll(key, '[key]') : text;
  const masked = keyless.slice(0, maxMaskedLength).replace(encodedData, '[data]');
  return cleanMessage(masked.replace(/[\u0000-\u001f]+/g, ' '), maxQuoteLength).replace(/[.\s]+$/, '');
}

const maxQuoteLength = 300;
const maxMaskedLength = 4000; // more than enough is left of it, and what is longer would take long to search

function failureOf(refusal: Refusal, { provider, model, host, key, url }: Party): ProviderError {
  const detail = quotable(refusal.detail, key);
  const { code, sentence } = kindOf(refusal);
  const names = {
    provider: `"${provider}"`,
    name: provider,
    model,
    host,
    hasKey: key !== undefined,
    said: detail ? `: ${detail}` : '',
    number: refusal.status === undefined ? '' : ` (${refusal.status})`,
    url,
  };
  return new ProviderError(code, sentence(names, refusal), {
    retryAfterMs: refusal.retryAfterMs,
    turnedAway: refusal.turnedAway,
  });
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
  const duration = text === null ? undefined : durationMs(text);
  if (duration !== undefined) return duration;
  const date = text === null ? Number.NaN : Date.parse(text);
  const sentAt = Date.parse(headers.get('date') ?? ''); // the server's clock and ours may differ
  return Number.isNaN(date) || /^-?[\d.]+$/.test(text ?? '')
    ? undefined
    : Math.max(0, date - (Number.isNaN(sentAt) ? now : sentAt));
}

/** "Please try again in 7.66s", as Groq and OpenAI say where they send no header. */
function waitInWords(words: string): number | undefined {
  const wait = /\b(?:try again|retry)(?: again)? (?:in|after) ([\dhms.]*\d ?(?:m?s(?:ec(?:ond)?s?)?|m|h)\b)/i.exec(
    words,
  )?.[1];
  return wait === undefined ? undefined : durationMs(wait);
}

/** `1h2m3.5s`, `250ms`, `7 seconds`; undefined for anything else. */
function durationMs(text: string): number | undefined {
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?) ?s(?:ec(?:ond)?s?)?)?(?:(\d+(?:\.\d+)?) ?ms)?$/i.exec(
    text.trim(),
  );
  if (!parts?.[0]) return undefined;
  const [hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return Math.ceil(((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds);
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
