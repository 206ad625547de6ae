// Checks lines of JSON on their way to the package, which drops a broken line with a warning only, and reads a line again from its
// start for each packet. Here a broken line is an error and the length of a line has a limit, so that no answer silently lacks a piece.
import type { Fetch } from '../../../base/egress.ts';
import { ProviderError } from '../provider.ts';

const maxLineBytes = 4 * 1024 * 1024; // a line is one piece of an answer; the longest are the arguments of a tool call
const newline = 0x0a;

/** A fetch whose answers at paths that end in `path` are checked line by line. Errors of the stream are ProviderErrors. */
export function withCheckedLines(fetch: Fetch, { path, name }: { path: string; name: string }): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const isMeant = new URL(input instanceof Request ? input.url : String(input)).pathname.endsWith(path);
    if (!isMeant || !response.body) return response;
    return new Response(response.body.pipeThrough(checkedLines(name)), {
      status: response.status,
      headers: response.headers,
    });
  };
}

/** Passes whole lines on. What follows the last line break counts as a line. */
function checkedLines(name: string): TransformStream<Uint8Array, Uint8Array> {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const keep = (bytes: Uint8Array): void => {
    waiting.push(bytes);
    waitingBytes += bytes.byteLength;
    if (waitingBytes > maxLineBytes) {
      throw new ProviderError(
        'unavailable',
        `"${name}" sent a line without end; it was stopped after ${maxLineBytes >> 20} MB. Choose another model.`,
      );
    }
  };
  const take = (): Uint8Array => {
    const bytes = Buffer.concat(waiting);
    waiting = [];
    waitingBytes = 0;
    for (const line of bytes.toString().split('\n')) check(line, name);
    return bytes;
  };
  return new TransformStream({
    transform(chunk, controller) {
      const end = chunk.lastIndexOf(newline) + 1;
      if (end > 0) {
        keep(chunk.subarray(0, end));
        controller.enqueue(take());
      }
      if (end < chunk.byteLength) keep(chunk.subarray(end));
    },
    flush(controller) {
      if (waitingBytes > 0) controller.enqueue(take());
    },
  });
}

function check(line: string, name: string): void {
  if (line.trim() === '') return;
  try {
    JSON.parse(line);
  } catch {
    throw new ProviderError(
      'unavailable',
      `"${name}" sent something that is no JSON in the middle of its answer. What arrived before is kept; try again, or choose another model.`,
    );
  }
}
