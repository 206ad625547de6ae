// The way to a server that has an address: our one way out, with a limit on what comes back. Why nothing came back is kept, since the
// SDK puts an error of its own in its place.
import type { Fetch } from '../../../base/egress.ts';
import { errnoCode, UserError } from '../../../base/errors.ts';

const maxAnswerBytes = 8 * 1024 * 1024;

export class ServerFetch {
  readonly #fetch: Fetch;
  /** Why the last request got no answer. */
  refusal: UserError | undefined;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  readonly fetch = async (input: string | URL, init?: RequestInit): Promise<Response> => {
    const response = await this.#fetch(input, init).catch((error: unknown) => {
      if (!init?.signal?.aborted) this.refusal = error instanceof UserError ? error : unreachable(input, error);
      throw error;
    });
    this.refusal = undefined;
    // The stream of what a server says unasked has no end; the SDK reads it message by message.
    if (!response.body || (init?.method ?? 'GET') === 'GET') return response;
    return new Response(response.body.pipeThrough(limited()), {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
  };
}

function unreachable(input: string | URL, error: unknown): UserError {
  const { message, cause } = error as Error;
  const why = errnoCode(cause) ?? errnoCode(error) ?? message;
  return new UserError(
    'mcp-unreachable',
    `${new URL(input).host} can't be reached (${why}). Check the address in "mcpServers" in config.json, and whether the server runs.`,
    { retryable: true, cause: error },
  );
}

function limited(): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxAnswerBytes) controller.error(new Error('the answer is too large'));
      else controller.enqueue(chunk);
    },
  });
}
