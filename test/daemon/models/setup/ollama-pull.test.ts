// A model got through Ollama's own server, which is scripted: its lines become progress, and its refusals sentences.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CancelledError, UserError } from '../../../../daemon/base/errors.ts';
import type { PullProgress } from '../../../../daemon/models/setup/downloads.ts';
import { pullThroughOllama } from '../../../../daemon/models/setup/ollama-pull.ts';
import { assertSentence } from '../../../process/lsp-client.ts';
import { never } from '../inference/workbench.ts';

describe('a pull through Ollama', () => {
  const answering =
    (lines: object[], status = 200) =>
    async (): Promise<Response> => {
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      const chunks = text.match(/.{1,7}/gs) ?? []; // lines come in pieces
      const body = new ReadableStream({
        start(stream) {
          for (const chunk of chunks) stream.enqueue(Buffer.from(chunk));
          stream.close();
        },
      });
      return new Response(body, { status });
    };
  const pull = (fetch: () => Promise<Response>, seen: PullProgress[] = [], signal = never) =>
    pullThroughOllama('tiny', {
      baseUrl: 'http://127.0.0.1:11434',
      fetch,
      signal,
      onProgress: (progress) => seen.push(progress),
    });

  it('tells the bytes of all layers', async () => {
    const seen: PullProgress[] = [];
    const lines = [
      { status: 'pulling manifest' },
      { status: 'pulling a', digest: 'a', total: 100, completed: 50 },
      { status: 'pulling b', digest: 'b', total: 20 },
      { status: 'pulling a', digest: 'a', total: 100, completed: 100 },
      { status: 'pulling b', digest: 'b', total: 20, completed: 20 },
      { status: 'success' },
    ];
    await pull(answering(lines), seen);
    assert.deepEqual(
      seen.map(({ received, total }) => [received, total]),
      [
        [50, 100],
        [50, 120],
        [100, 120],
        [120, 120],
        [120, 120],
      ],
    );
  });

  const failures: [what: string, fetch: () => Promise<Response>, message: RegExp][] = [
    [
      'has no such model',
      answering([{ error: 'pull model manifest: file does not exist' }]),
      /couldn't get tiny: pull/,
    ],
    ['says it with a status', answering([{ error: 'no space left on device' }], 500), /no space left/],
    ['ends early', answering([{ status: 'pulling manifest' }]), /ended the download early/],
    ['is another program', async () => new Response('<html>\n'), /isn't Ollama/],
    [
      'does not run',
      () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } })),
      /ECONNREFUSED.*ollama serve/,
    ],
  ];
  for (const [what, fetch, message] of failures)
    it(`is a sentence where the server ${what}`, async () => {
      await assert.rejects(pull(fetch), (error: Error) => {
        assert.ok(error instanceof UserError, String(error));
        assertSentence(error.message);
        return message.test(error.message);
      });
    });

  it('ends when it is cancelled', async () => {
    const cancel = new AbortController();
    cancel.abort();
    await assert.rejects(
      pull(() => Promise.reject(cancel.signal.reason), [], cancel.signal),
      CancelledError,
    );
  });
});
