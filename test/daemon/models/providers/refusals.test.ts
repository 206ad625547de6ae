// A refusal in any server's own form: its words reach the user from wherever they stand, and its kind is the right one, by which the
// user is advised and another model is asked.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'mocha';
import { failureInStream, failureOfResponse } from '../../../../daemon/models/providers/failures.ts';
import type { ProviderError, ProviderErrorCode } from '../../../../daemon/models/providers/provider.ts';

const party = { provider: 'lab', model: 'm', host: 'lab.test', key: 'key', url: 'http://lab.test/v1/chat/completions' };

async function refusal(status: number, body: unknown): Promise<ProviderError> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { body: bytes } = new Response(text);
  assert.ok(bytes);
  return await failureOfResponse({ status, headers: new Headers(), body: bytes }, party);
}

describe("a server's own words", () => {
  const raw = (value: unknown): object => ({
    error: { message: 'Provider returned error', code: 400, metadata: { raw: value, provider_name: 'Crucible' } },
  });
  const bodies: [where: string, body: unknown][] = [
    ['an error of words', { error: 'one image at most' }],
    ['an error with a message', { error: { message: 'one image at most' } }],
    ['a message', { message: 'one image at most' }],
    ['a detail', { detail: 'one image at most' }],
    ['a list of errors', { error: ['one image at most', 'try later'] }],
    ['errors of objects', { errors: [{ message: 'one image at most' }] }],
    ['a list of details', { detail: [{ type: 'value_error', loc: ['body', 'messages'], msg: 'one image at most' }] }],
    ['a message that is an object', { message: { detail: [{ loc: ['body', 'x'], msg: 'one image at most' }] } }],
    ['a message that is JSON', { message: '{"error":{"message":"one image at most"}}' }],
    ['what a gateway quotes', raw('one image at most')],
    ['JSON that a gateway quotes', raw('{"error":{"type":"invalid_request_error","message":"one image at most"}}')],
    ['an object that a gateway quotes', raw({ error: { message: 'one image at most' } })],
    ['a description', { error: 'invalid_request', error_description: 'one image at most' }],
    ['a field with a capital', { Message: 'one image at most' }],
    ['a list around it', [{ error: { message: 'one image at most' } }]],
    ['no JSON', 'one image at most'],
  ];
  for (const [where, body] of bodies)
    it(`in ${where} are told, and no JSON with them`, async () => {
      for (const { message } of [await refusal(400, body), failureInStream(body, party)]) {
        assert.match(message, /one image at most/);
        assert.doesNotMatch(message, /[{}[\]]|Provider returned error/);
      }
    });

  it('name the field that they are about', async () => {
    const body = { detail: [{ type: 'missing', loc: ['body', 'prompt'], msg: 'Field required', input: null }] };
    assert.match((await refusal(422, body)).message, /prompt: Field required/);
  });

  for (const code of [1113, '1301', 'constructor', '__proto__', 20015])
    it(`with the number or name ${JSON.stringify(code)} of a vendor's are no HTTP status`, () => {
      const { message } = failureInStream({ error: { message: 'no luck', code } }, party);
      assert.match(message, /no luck/);
      assert.doesNotMatch(message, new RegExp(`\\(${code}\\)|undefined|function`));
    });

  const unknown: [what: string, body: unknown, told: RegExp][] = [
    ['a field of a name of its own', { fault: { faultstring: 'Quota violated' } }, /"faultstring":"Quota violated"/],
    ['a number alone', { error: { code: 1113 } }, /\{"error":\{"code":1113\}\}/],
    ['a flag', { success: false, ok: 0 }, /"success":false/],
    ['a list of numbers', [40901, 7], /\[40901,7\]/],
    ['a field of a vendor', { ret: -1, info: 'model off' }, /"info":"model off"/],
    ['a web page', '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>', /: 502 Bad Gateway\./],
  ];
  for (const [what, body, told] of unknown)
    it(`that are in no known form are quoted as they came: ${what}`, async () => {
      assert.match((await refusal(500, body)).message, told);
    });

  it('that are in no known form are cut, with the key masked and no hidden character', async () => {
    const { message } = await refusal(500, { odd: `key \u202e\u200b ${'x'.repeat(9000)}` });
    assert.match(message, /"odd":"\[key\] +xxx/);
    assert.ok(message.length < 500, String(message.length));
  });

  const picture = randomBytes(600).toString('base64');
  const echoes: [what: string, body: unknown][] = [
    ['as a data URL', { error: { message: `Bad image data:image/png;base64,${picture}` } }],
    ['as it was sent', { error: { message: `Invalid base64: ${picture}` } }],
    ['cut', { error: { message: `Invalid image ${picture.slice(0, 90)}…` } }],
    ['in a field of its own', { fault: { input: picture } }],
    ['with its slashes escaped', { message: JSON.stringify({ odd: `x ${picture}` }).replaceAll('/', '\\/') }],
    ['as plain words', `no image: ${picture}`],
  ];
  for (const [what, body] of echoes)
    it(`that quote a picture are quoted without it: ${what}`, async () => {
      const { message } = await refusal(400, body);
      for (let at = 0; at + 48 < picture.length; at++)
        assert.ok(!message.includes(picture.slice(at, at + 48)), message);
    });

  it('that name a long path are quoted with it', async () => {
    const path = 'accounts/fireworks/models/qwen/coder/instruct/large/context/of/a/long/name';
    assert.match((await refusal(500, { error: { message: `No ${path}` } })).message, new RegExp(path));
  });

  for (const body of ['', {}, [], 'null', '<html><body>no title</body></html>'])
    it(`that are none are not made up: ${JSON.stringify(body)}`, async () => {
      assert.equal((await refusal(500, body)).message, '"lab" failed (500). Try again, or choose another model.');
    });

  it('that end in a cycle of quotations end somewhere', () => {
    const deep = Array.from({ length: 50 }).reduce<object>((inner) => ({ error: inner }), { message: 'lost' });
    assert.match(failureInStream(deep, party).message, /^"lab" failed/);
  });
});

describe('a kind of refusal', () => {
  const kinds: Record<string, { code: ProviderErrorCode; advice: RegExp; said: [status: number, body: unknown][] }> = {
    'a prompt that is too long': {
      code: 'context-too-long',
      advice: /larger context/,
      said: [
        [400, { message: 'Input is too long for requested model.' }],
        [400, { message: "total tokens exceeds the model's max of 4096" }],
        [400, { error: { message: 'Please reduce the length of the messages or completion.' } }],
        [400, { error: { message: "The input (9000 tokens) is longer than the model's max sequence length 8192" } }],
        [400, { error: { message: 'Invalid request: Your request exceeded model token limit: 131072' } }],
        [400, { message: 'The decoder prompt (length 5000) is longer than the maximum model length of 4096.' }],
        [
          400,
          { error: { message: "This model's maximum context length is 4096 tokens. However, you requested 5000." } },
        ],
        [
          422,
          {
            error: 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096',
            error_type: 'validation',
            message: 'input length too large',
          },
        ],
        [500, { error: 'the request exceeds the available context size. try increasing it' }],
        [400, { error: { message: 'prompt is too long: 210000 tokens > 200000 maximum' } }],
        [413, { error: { message: 'Payload too large' } }],
        [
          400,
          {
            error: {
              message: 'Provider returned error',
              metadata: { raw: '{"message":"Input is too long for requested model."}' },
            },
          },
        ],
      ],
    },
    'a limit on a time': {
      code: 'rate-limited',
      advice: /Try again|Attach less/,
      said: [
        [429, { error: { message: 'slow down' } }],
        [
          413,
          {
            error: {
              message: 'Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 14810',
              code: 'rate_limit_exceeded',
            },
          },
        ],
        [400, { error: { message: 'Too many tokens per minute, please reduce your input length.' } }],
        [400, { __type: 'ThrottlingException', message: 'Too many requests, please wait before trying again.' }],
        [
          429,
          {
            error: {
              status: 'RESOURCE_EXHAUSTED',
              message: 'You exceeded your current quota, please check your plan.',
            },
          },
        ],
      ],
    },
    'a want of credit': {
      code: 'refused',
      advice: /billing/,
      said: [
        [402, { error: { message: 'pay' } }],
        [
          400,
          {
            error: {
              type: 'invalid_request_error',
              message: 'Your credit balance is too low to access the Anthropic API.',
            },
          },
        ],
        [
          429,
          {
            error: {
              message: 'You exceeded your current quota, please check your plan and billing details.',
              code: 'insufficient_quota',
            },
          },
        ],
        [403, { error: { message: 'Insufficient balance' } }],
        [429, { error: { code: '1113', message: '您的账户已欠费，请充值后重试。' } }],
        [400, { error: { message: 'You have reached your specified API usage limits.' } }],
        [401, { error: { message: 'This account has insufficient credits. Add more credits.' } }],
      ],
    },
    'a region': {
      code: 'refused',
      advice: /region/,
      said: [
        [
          403,
          {
            error: {
              code: 'unsupported_country_region_territory',
              message: 'Country, region, or territory not supported',
            },
          },
        ],
        [400, { error: { message: 'User location is not supported for the API use.', status: 'FAILED_PRECONDITION' } }],
        [403, { message: 'This model is not available in your region.' }],
        [403, { error: { message: 'Access from your country is not allowed' } }],
      ],
    },
    'a model that is not for this account': {
      code: 'model-not-found',
      advice: /another model/,
      said: [
        [403, { error: { code: 'model_not_found', message: 'Project `p` does not have access to model `m`' } }],
        [403, { message: "You don't have access to the model with the specified model ID." }],
        [400, { error: { message: 'Invalid model name passed in model=m' } }],
        [400, { error: { message: 'The model `m` has been decommissioned and is no longer supported.' } }],
        [404, { error: { message: 'The model `m` does not exist' } }],
      ],
    },
    'a key': {
      code: 'auth',
      advice: /keys set lab/,
      said: [
        [401, { error: { message: 'No auth credentials found' } }],
        [403, { error: { message: 'no' } }],
        [400, { error: { message: 'API key not valid. Please pass a valid API key.' } }],
        [401, 'Unauthorized'],
      ],
    },
    'a load': {
      code: 'unavailable',
      advice: /overloaded.*Try again/,
      said: [
        [529, { error: { message: 'busy' } }],
        [503, { error: { message: 'The engine is currently overloaded, please try again later' } }],
        [400, { error: ['Model too busy', 'try later'] }],
        [503, { error: 'Model m is currently loading', estimated_time: 20 }],
        [500, { message: 'We are at capacity.' }],
      ],
    },
    'a request': {
      code: 'bad-request',
      advice: /didn't accept/,
      said: [
        [400, { error: { message: 'bad field' } }],
        [422, { detail: [{ loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] }],
        [400, { error: { message: 'max_tokens is too large: at most 8192 output tokens' } }],
        [500, { error: { message: 'Jinja Exception: System role not supported' } }],
      ],
    },
  };
  for (const [kind, { code, advice, said }] of Object.entries(kinds))
    for (const [status, body] of said)
      it(`is ${kind}: ${status} ${JSON.stringify(body)}`, async () => {
        const error = await refusal(status, body);
        assert.equal(error.code, code, error.message);
        assert.match(error.message, advice);
      });

  const inStreams: [unknown, ProviderErrorCode][] = [
    [{ error: { message: 'Rate limit reached for gpt-x', type: 'None', code: '429' } }, 'rate-limited'],
    [{ error: { message: 'no', status: 429 } }, 'rate-limited'],
    [{ code: 'context_length_exceeded', message: 'no' }, 'context-too-long'],
    [{ error: { code: 400, message: 'the request exceeds the available context size' } }, 'context-too-long'],
    ['the request exceeds the available context size', 'context-too-long'],
    [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'unavailable'],
    [{ error: { message: 'out of credits' } }, 'refused'],
  ];
  for (const [event, code] of inStreams)
    it(`is "${code}" inside a stream: ${JSON.stringify(event)}`, () =>
      assert.equal(failureInStream(event, party).code, code));

  it('of an address that is not there names it, and what may be missing', async () => {
    assert.match((await refusal(404, { detail: 'Not Found' })).message, /chat\/completions.*baseUrl/);
    const bare = await failureOfResponse(
      {
        status: 404,
        headers: new Headers(),
        body: new Response('404 page not found').body as AsyncIterable<Uint8Array>,
      },
      { ...party, url: 'http://lab.test/chat/completions' },
    );
    assert.match(bare.message, /"\/v1" at the end/);
  });
});

describe('the wait that a server asks for', () => {
  const waits: [ms: number | undefined, header: string | undefined, words: string][] = [
    [7000, '7', 'slow'],
    [7000, '7s', 'slow'],
    [67_000, '1m7s', 'slow'],
    [250, '250ms', 'slow'],
    [7660, undefined, 'Rate limit reached. Please try again in 7.66s. Visit us.'],
    [90_500, undefined, 'Please try again in 1m30.5s'],
    [220, undefined, 'Please try again in 220ms.'],
    [20_000, undefined, 'Please retry after 20 seconds.'],
    [undefined, undefined, 'Please try again in a while'],
    [undefined, 'soon', 'slow'],
  ];
  for (const [ms, header, words] of waits)
    it(`is read as ${ms} ms from ${header ?? words}`, async () => {
      const { body } = new Response(JSON.stringify({ error: { message: words } }));
      assert.ok(body);
      const headers = new Headers(header === undefined ? {} : { 'retry-after': header });
      assert.equal((await failureOfResponse({ status: 429, headers, body }, party)).retryAfterMs, ms);
    });
});
