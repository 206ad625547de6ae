// Gets a model through Ollama's own server, which resumes what it has received of it.
import * as z from 'zod';
import type { Fetch } from '../../base/egress.ts';
import { CancelledError, errnoCode, UserError } from '../../base/errors.ts';
import type { PullWatch } from './downloads.ts';
import { TransferRate } from './transfer-rate.ts';

/** A line of the server's answer. */
const PullLine = z.object({
  error: z.string().optional(),
  status: z.string().optional(),
  digest: z.string().optional(),
  total: z.number().optional(),
  completed: z.number().optional(),
});

interface OllamaPull extends PullWatch {
  baseUrl: string;
  fetch: Fetch;
}

/** Throws UserError or CancelledError. */
export async function pullThroughOllama(
  model: string,
  { baseUrl, fetch, signal, onProgress }: OllamaPull,
): Promise<void> {
  const layers = new Map<string, { total: number; completed: number }>();
  const rate = new TransferRate(() => performance.now());
  let isDone = false;
  try {
    const response = await fetch(`${baseUrl}/api/pull`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, stream: true }),
      signal,
    });
    for await (const line of linesOf(response)) {
      const { error, status, digest, total = 0, completed = 0 } = line;
      if (error !== undefined) throw refused(model, error);
      if (!response.ok) throw refused(model, `it answered ${response.status}`);
      isDone = status === 'success';
      if (digest !== undefined && total > 0) layers.set(digest, { total, completed });
      const sum = sumOf([...layers.values()]);
      rate.add(sum.completed);
      const secondsLeft = rate.secondsFor(sum.total - sum.completed);
      if (sum.total > 0)
        onProgress({ received: sum.completed, total: sum.total, ...(secondsLeft !== undefined && { secondsLeft }) });
    }
  } catch (error) {
    if (signal.aborted) throw new CancelledError();
    if (error instanceof UserError) throw error;
    const reason = errnoCode((error as { cause?: unknown }).cause) ?? String(error);
    throw new UserError(
      'ollama-unreachable',
      `Ollama at ${baseUrl} didn't answer (${reason}). Start it with \`ollama serve\`, then try again.`,
      { retryable: true, cause: error },
    );
  }
  if (!isDone)
    throw new UserError('incomplete-download', 'Ollama ended the download early. Download again to resume.', {
      retryable: true,
    });
}

function refused(model: string, reason: string): UserError {
  return new UserError('ollama-refused', `Ollama couldn't get ${model}: ${reason.trim().replace(/\.$/, '')}.`);
}

function sumOf(layers: { total: number; completed: number }[]): { total: number; completed: number } {
  const add = (name: 'total' | 'completed'): number => layers.reduce((sum, layer) => sum + layer[name], 0);
  return { total: add('total'), completed: add('completed') };
}

const maxLineLength = 1_000_000;

async function* linesOf(response: Response): AsyncGenerator<z.infer<typeof PullLine>> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLineLength) throw unclear();
    for (const line of lines) if (line.trim() !== '') yield lineIn(line);
  }
  if (rest.trim() !== '') yield lineIn(rest);
}

function lineIn(text: string): z.infer<typeof PullLine> {
  try {
    return PullLine.parse(JSON.parse(text));
  } catch {
    throw unclear();
  }
}

function unclear(): UserError {
  return new UserError('ollama-unclear', "What answered isn't Ollama's server. Check its address in config.json.");
}
