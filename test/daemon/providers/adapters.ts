// The adapters under test, each beside the scripted server that speaks its format, and small helpers to talk to them.
import type { Fetch } from '../../../daemon/base/egress.ts';
import { createAnthropicProvider } from '../../../daemon/providers/anthropic.ts';
import type { AdapterOptions } from '../../../daemon/providers/connection.ts';
import { createOllamaProvider } from '../../../daemon/providers/ollama.ts';
import { createOpenAiProvider } from '../../../daemon/providers/openai.ts';
import type { ModelRequest, Provider, StreamPart } from '../../../daemon/providers/provider.ts';
import { startAnthropicServer } from '../../fakes/provider-servers/anthropic.ts';
import { startOllamaServer } from '../../fakes/provider-servers/ollama.ts';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type { Script, ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';

export interface Adapter {
  name: string;
  create(options: AdapterOptions): Provider;
  type: AdapterOptions['config']['type'];
  start(options?: { reply?: Script }): Promise<ScriptedServer>;
  /** Whether its API tells cached tokens and reasoning apart. */
  detailedUsage: boolean;
}

export const adapters: readonly Adapter[] = [
  { name: 'openai', type: 'openai-compatible', create: createOpenAiProvider, start: startOpenAiServer, detailedUsage: true },
  { name: 'anthropic', type: 'anthropic', create: createAnthropicProvider, start: startAnthropicServer, detailedUsage: true },
  { name: 'ollama', type: 'ollama', create: createOllamaProvider, start: startOllamaServer, detailedUsage: false },
];

export const plantedKey = 'sk-planted-0123456789-key';

/** A provider named `lab` at the given address. */
export function provide(adapter: Adapter, url: string, over: Partial<AdapterOptions> = {}): Provider {
  return adapter.create({
    name: 'lab', local: true, fetch: globalThis.fetch as Fetch, apiKey: async () => plantedKey,
    config: { type: adapter.type, baseUrl: url }, ...over,
  });
}

export function request(over: Partial<ModelRequest> = {}): ModelRequest {
  return { model: 'scripted', messages: [{ role: 'user', content: 'Say hello.' }], ...over };
}

export const never = new AbortController().signal;

export async function collect(parts: AsyncIterable<StreamPart>): Promise<StreamPart[]> {
  const all: StreamPart[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

export function textOf(parts: readonly StreamPart[]): string {
  return parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
}

/** The parts that came before the error, and the error; throws when there is none. */
export async function failureOf(parts: AsyncIterable<StreamPart>): Promise<{ parts: StreamPart[]; error: unknown }> {
  const came: StreamPart[] = [];
  try {
    for await (const part of parts) came.push(part);
  } catch (error) {
    return { parts: came, error };
  }
  throw new Error(`expected a failure, got ${JSON.stringify(came)}`);
}
