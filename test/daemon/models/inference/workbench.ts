// What the tests of local inference share: a folder for models, a client with its host run from source, and a reader of streams.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createInference,
  type HostInference,
  type InferenceOptions,
} from '../../../../daemon/models/inference/client.ts';
import type { InferenceChat, InferencePart } from '../../../../daemon/models/inference/inference.ts';

export interface Workbench {
  readonly inference: HostInference;
  /** A path in the bench's own folder. */
  file(name: string): string;
  [Symbol.asyncDispose](): Promise<void>;
}

export function openWorkbench(options: Omit<InferenceOptions, 'hostPath'> = {}): Workbench {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-inference-'));
  const hostPath = fileURLToPath(new URL('../../../../daemon/models/inference/host.ts', import.meta.url));
  const inference = createInference({ hostPath, ...options });
  return {
    inference,
    file: (name) => join(folder, name),
    async [Symbol.asyncDispose]() {
      await inference[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const never = new AbortController().signal;

export function ask(path: string, content = 'hi', rest: Partial<InferenceChat> = {}): InferenceChat {
  return { path, messages: [{ role: 'user', content }], ...rest };
}

export async function collect<Part>(stream: AsyncIterable<Part>): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

export function textOf(parts: readonly InferencePart[]): string {
  return parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
}

export function finishOf(parts: readonly InferencePart[]) {
  const last = parts.at(-1);
  if (last?.kind !== 'finish') throw new Error(`the stream ended with ${JSON.stringify(last)}`);
  return last;
}
