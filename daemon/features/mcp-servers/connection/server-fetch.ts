// The way to a server that has an address: our one way out, with a limit on what comes back. What our way out refuses is kept, since
// the SDK puts an error of its own in its place.
import type { Fetch } from '../../../base/egress.ts';
import { UserError } from '../../../base/errors.ts';

const maxAnswerBytes = 8 * 1024 * 1024;

export class ServerFetch {
  readonly #fetch: Fetch;
  /** The last that our way out refused. */
  refusal: UserError | undefined;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  readonly fetch = async (input: string | URL, init?: RequestInit): Promise<Response> => {
    const response = await this.#fetch(input, init).catch((error: unknown) => {
      if (error instanceof UserError) this.refusal = error;
      throw error;
    });
    // The stream of what a server says unasked has no end; the SDK reads it message by message.
    if (!response.body || (init?.method ?? 'GET') === 'GET') return response;
    return new Response(response.body.pipeThrough(limited()), {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
  };
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
