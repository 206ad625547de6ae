// The adapters under test, each beside the scripted server that speaks its format, and small helpers to talk to them.
import type { Fetch } from '../../../../daemon/base/egress.ts';
import { createAnthropicProvider } from '../../../../daemon/models/providers/anthropic.ts';
import type { AdapterOptions } from '../../../../daemon/models/providers/connection.ts';
import { createGoogleProvider } from '../../../../daemon/models/providers/google.ts';
import { createOllamaProvider } from '../../../../daemon/models/providers/ollama.ts';
import { createOpenAiProvider } from '../../../../daemon/models/providers/openai.ts';
import type { ModelRequest, Provider, StreamPart, Usage } from '../../../../daemon/models/providers/provider.ts';
import { startAnthropicServer } from '../../../fakes/provider-servers/anthropic.ts';
import { startGoogleServer } from '../../../fakes/provider-servers/google.ts';
import { startOllamaServer } from '../../../fakes/provider-servers/ollama.ts';
import { startOpenAiServer } from '../../../fakes/provider-servers/openai.ts';
import { startResponsesServer } from '../../../fakes/provider-servers/openai-responses.ts';
import type { Script, ScriptedServer } from '../../../fakes/provider-servers/scripted-server.ts';

export interface Adapter {
  name: string;
  create(options: AdapterOptions): Provider;
  type: AdapterOptions['config']['type'];
  /** More of its configuration. */
  config?: Partial<AdapterOptions['config']>;
  start(options?: { reply?: Script }): Promise<ScriptedServer>;
  /** What its API makes of 100 new, 40 cached and 7 newly cached tokens, 20 of answer and 5 of reasoning. */
  usage: Usage;
}

const detailed: Usage = { input: 100, cacheRead: 40, cacheWrite: 7, output: 20, reasoning: 5 };

const seeing = { name: 'scripted', capabilities: ['completion', 'tools', 'vision'] };

export const adapters: readonly Adapter[] = [
  {
    name: 'openai',
    type: 'openai-compatible',
    create: createOpenAiProvider,
    start: startOpenAiServer,
    usage: detailed,
  },
  {
    name: 'anthropic',
    type: 'anthropic',
    create: createAnthropicProvider,
    start: startAnthropicServer,
    usage: detailed,
  },
  {
    name: 'ollama',
    type: 'ollama',
    create: createOllamaProvider,
    start: (options) => startOllamaServer({ models: [seeing], ...options }),
    usage: { input: 147, cacheRead: 0, cacheWrite: 0, output: 25, reasoning: 0 },
  },
  {
    name: 'google',
    type: 'google',
    create: createGoogleProvider,
    start: startGoogleServer,
    usage: { input: 107, cacheRead: 40, cacheWrite: 0, output: 20, reasoning: 5 },
  },
  {
    name: 'openai responses',
    type: 'openai',
    config: { api: 'responses' },
    create: createOpenAiProvider,
    start: startResponsesServer,
    usage: detailed,
  },
  ...(['xai', 'openrouter', 'groq', 'huggingface'] as const).map(
    (type): Adapter => ({ name: type, type, create: createOpenAiProvider, start: startOpenAiServer, usage: detailed }),
  ),
];

export const plantedKey = 'sk-planted-0123456789-key';

/** A provider named `lab` at the given address. */
export function provide(adapter: Adapter, url: string, over: Partial<AdapterOptions> = {}): Provider {
  return adapter.create({
    name: 'lab',
    local: true,
    fetch: globalThis.fetch as Fetch,
    apiKey: async () => plantedKey,
    config: { type: adapter.type, baseUrl: url, ...adapter.config },
    ...over,
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
