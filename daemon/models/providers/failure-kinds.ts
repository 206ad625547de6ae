// Which kind of failure a refusal is, by its status, its codes and its words: one table, the most telling row first. The kind decides
// what the user is advised to do, and whether another model is asked.
import { isSystemRefusal } from './optional-settings.ts';
import type { ProviderErrorCode } from './provider.ts';

export interface Refusal {
  /** Undefined where the server named none, as in a stream. */
  status: number | undefined;
  detail: string;
  type?: string | undefined;
  code?: string | undefined;
  retryAfterMs?: number | undefined;
  /** Whether it came instead of an answer, not within one. */
  turnedAway?: boolean;
}

/** What the sentence may speak of. */
interface RefusalNames {
  /** In quotation marks. */
  provider: string;
  name: string;
  model: string | undefined;
  host: string;
  hasKey: boolean;
  /** The server's words after a colon, or nothing. */
  said: string;
  /** The status in brackets after a space, or nothing. */
  number: string;
  /** Where the request went, as the configuration has to say it. */
  url: string | undefined;
}

interface FailureKind {
  code: ProviderErrorCode;
  is(refusal: Refusal): boolean;
  sentence(names: RefusalNames, refusal: Refusal): string;
}

export function kindOf(refusal: Refusal): FailureKind {
  return kinds.find(({ is }) => is(refusal)) ?? other;
}

/** Names of errors that are about what a request says: OpenAI's and Azure's, then what OpenRouter tells of its moderation. */
const filterCodes: ReadonlySet<string | undefined> = new Set([
  'content_filter',
  'content_policy_violation',
  'invalid_prompt',
  'moderation_blocked',
]);

const creditCodes: ReadonlySet<string | undefined> = new Set([
  'insufficient_quota',
  'billing_error',
  'insufficient_credits',
  '1113',
]);
const creditWords =
  /credit balance|(insufficient|not enough|out of|no|negative) (\w+ )?(credits?|balance|funds|quota)\b|exceeded your current quota|billing (hard )?limit|payment required|(spending|usage) limit (has been )?(reached|exceeded)|(reached|exceeded) your (\w+ ){0,2}(spending|usage) limit|account (is )?(in arrears|overdue)|(purchase|add) (more )?credits|余额不足|欠费/i;

const regionWords =
  /(country|region|territory|location)\b[^.]{0,40}\b(not|n't|un)[ -]?(supported|available|allowed)|not available in your (country|region|location)|unsupported_country|location is not supported/i;

const accessCodes: ReadonlySet<string | undefined> = new Set([
  'model_not_found',
  'model_not_available',
  'model_access_denied',
]);
const accessWords =
  /(no|not|n't|without) (have )?access to (the |this )?model|model\b[^.]{0,60}\b(does not exist|not found|is not available|has been (deprecated|retired|decommissioned)|is not allowed|not supported by)|(unknown|no such|invalid) model|not (permitted|authorized|allowed) to (use|access) (the |this )?model/i;

const minuteWords =
  /tokens?[ -]per[ -](min|hour|day)|requests?[ -]per[ -](min|hour|day|second)|\b(TPM|RPM|TPD|RPD)\b|rate[ -]?limit|too many requests|throttl/i;

const overloadWords =
  /overloaded|over(ly)? capacity|at capacity|(model|server|engine|service) (is )?(currently )?(too )?busy|no (available )?(workers|instances|capacity)|currently loading|try again later|service unavailable/i;

// OpenAI, vLLM and llama-server give a code or type; the others a sentence each.
const contextWords =
  /context[ _-]?(length|window|size)|(prompt|input|request|message)s? (is |are |was )?too long|input length|too many (input )?tokens|exceed(s|ed)? [^.]{0,40}(context|(?<!output )tokens?\b)|tokens exceeds?|tokens?`? must be <=|longer than [^.]{0,40}(length|context)|max(imum)? (model|sequence|prompt|input) length|reduce (the|your) (length|prompt|input)/i;

const keyWords =
  /api key (is )?(not valid|invalid|expired)|(incorrect|invalid) (api key|x-api-key)|invalid (authentication|token)/i;

/** A limit on a time is lifted by waiting, even where it is a limit on tokens. */
function isRateLimit({ status, code, type, detail }: Refusal): boolean {
  const isNamed = code === 'rate_limit_exceeded' || type === 'rate_limit_error' || minuteWords.test(detail);
  return status === 429 || (isNamed && status !== 401 && status !== 403);
}

function isContextOverrun({ status, type, code, detail }: Refusal): boolean {
  if (status === 413 || code === 'context_length_exceeded' || type === 'exceed_context_size_error') return true;
  return (status === undefined || status === 400 || status === 422 || status === 500) && contextWords.test(detail);
}

function isWantOfCredit({ status, code, type, detail, retryAfterMs }: Refusal): boolean {
  if (status === 402 || creditCodes.has(code) || creditCodes.has(type)) return true;
  // Google's free tier says so of a minute's limit, with the time at which it ends.
  return (
    retryAfterMs === undefined &&
    type !== 'RESOURCE_EXHAUSTED' &&
    code !== 'RESOURCE_EXHAUSTED' &&
    creditWords.test(detail)
  );
}

const kinds: readonly FailureKind[] = [
  {
    code: 'refused',
    is: ({ status, code, type, detail }) =>
      filterCodes.has(code) ||
      filterCodes.has(type) ||
      (status === 403 && /requires moderation|was flagged/i.test(detail)),
    sentence: ({ provider, said }) =>
      `${provider} refused the request because of its content${said}. Reword it, or choose another model.`,
  },
  {
    code: 'refused',
    is: isWantOfCredit,
    sentence: ({ provider, said }) =>
      `${provider} refused because the account is out of credit${said}. Check the account's billing, or choose another model.`,
  },
  {
    code: 'rate-limited',
    is: isRateLimit,
    sentence: ({ provider, said, number }, { status, detail, retryAfterMs }) => {
      const wait = retryAfterMs === undefined ? 'later' : `in ${Math.max(1, Math.ceil(retryAfterMs / 1000))} s`;
      return status === 413 || /request too large/i.test(detail)
        ? `${provider} accepts fewer tokens at a time than this request has${number}${said}. Attach less, or choose another model.`
        : `${provider} is rate limiting your requests${number}${said}. Try again ${wait}, or choose another model.`;
    },
  },
  {
    code: 'context-too-long',
    is: isContextOverrun,
    sentence: ({ model, said }) =>
      `The request is longer than ${model ?? 'the model'} can read${said}. Shorten it, attach less, or choose a model with a larger context window.`,
  },
  {
    code: 'refused',
    is: ({ code, type, detail }) => regionWords.test(`${code} ${type} ${detail}`),
    sentence: ({ provider, said }) =>
      `${provider} isn't available in your region${said}. Choose another model, or a provider that serves your region.`,
  },
  {
    code: 'model-not-found',
    is: ({ status, code, type, detail }) =>
      status !== 404 &&
      (accessCodes.has(code) ||
        accessCodes.has(type) ||
        (status !== 401 && (status ?? 400) < 500 && accessWords.test(detail))),
    sentence: ({ provider, model, said, number }) =>
      `${provider} doesn't give this account access to ${model ? `the model "${model}"` : 'this model'}${number}${said}. Choose another model, or request access.`,
  },
  {
    code: 'auth',
    is: ({ status, detail }) => status === 401 || status === 403 || (status === 400 && keyWords.test(detail)),
    sentence: ({ provider, name, hasKey, said, number }) =>
      `${provider} ${hasKey ? 'rejected the API key' : 'requires an API key'}${number}${said}. Set a valid key with \`switchyard keys set ${name}\`.`,
  },
  {
    code: 'model-not-found',
    is: ({ status }) => status === 404 || status === 405 || status === 410,
    sentence: ({ provider, model, said, number, url }, { detail }) => {
      const isModel = model !== undefined && (/model/i.test(detail) || (model.length > 2 && detail.includes(model)));
      if (isModel || !url)
        return `${provider} can't find ${model ? `the model "${model}"` : 'this address'}${number}${said}. Choose another model, or check its baseUrl.`;
      return `${provider} has nothing at ${url}, or no model "${model ?? ''}"${number}${said}. Check its baseUrl: ${addressAdvice(url)}.`;
    },
  },
  {
    code: 'bad-request',
    is: ({ status, detail }) => (status === undefined || status >= 500) && isSystemRefusal(detail),
    sentence: ({ provider, said, number }) => `${provider} didn't accept the request${number}${said}.`,
  },
  {
    code: 'unavailable',
    is: ({ status, detail }) => status === 529 || (status !== 422 && overloadWords.test(detail)),
    sentence: ({ provider, said, number }) =>
      `${provider} is overloaded${number}${said}. Try again, or choose another model.`,
  },
  {
    code: 'unavailable',
    is: ({ status = 0 }) => status >= 300 && status < 400,
    sentence: ({ host, name, number }) =>
      `${host} redirects to another address${number}. Switchyard doesn't follow it, because that would send your API key there. Correct the baseUrl of "${name}".`,
  },
  {
    code: 'unavailable',
    is: ({ status }) => status === undefined || status >= 500 || status === 408 || status === 409 || status === 425,
    sentence: ({ provider, said, number }) => `${provider} failed${number}${said}. Try again, or choose another model.`,
  },
];

const other: FailureKind = {
  code: 'bad-request',
  is: () => true,
  sentence: ({ provider, said, number }) => `${provider} didn't accept the request${number}${said}.`,
};

/** What an address that was not found may lack, or have too much of. */
function addressAdvice(url: string): string {
  const { pathname } = new URL(url);
  return /\/v\d/.test(pathname)
    ? 'leave out the endpoint\'s path, as in "http://host:8000/v1"'
    : 'most servers need "/v1" at the end, as in "http://host:8000/v1"';
}
