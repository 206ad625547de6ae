// OpenAI and every server that speaks its language: the table of presets says what is particular about each.
// Of the two APIs, OpenAI's own address is asked for responses: its reasoning models think, and call tools, better there,
// and some of them speak nothing else. All other servers are asked for chat completions, which each of them has.
import type OpenAI from 'openai';
import { ApiAddress } from './addresses.ts';
import {
  type AdapterOptions,
  type CallOptions,
  type Connection,
  callOver,
  type ModelAnswer,
  streamOver,
} from './connection.ts';
import { askChat } from './openai/chat.ts';
import { type Preset, presetOf } from './openai/presets.ts';
import { askResponses } from './openai/responses.ts';
import { RefusedSettings } from './optional-settings.ts';
import type { ModelRequest, Provider } from './provider.ts';

/** For the types in the table of presets; `openai-compatible` needs a `baseUrl` in its configuration. */
export function createOpenAiProvider(options: AdapterOptions): Provider {
  const { config, name, local } = options;
  const preset = presetOf(config.type);
  const baseUrl = config.baseUrl ?? preset.baseUrl;
  if (!baseUrl) throw new TypeError(`"${name}" has no address`); // the registry makes no such provider
  const call: CallOptions = { ...options, baseUrl, keyIsRequired: preset.needsKey && !config.baseUrl };
  const address = new ApiAddress(baseUrl);
  const refused = new RefusedSettings();
  const at = <Answer>(connection: Connection, ask: (client: OpenAI) => Promise<Answer>): Promise<Answer> =>
    address.ask(async (found) => ask(await openClient(connection, { ...call, baseUrl: found })));
  return {
    name,
    local,
    listModels: (signal) =>
      callOver(call, signal, (connection) => at(connection, (client) => preset.listModels(client))),
    stream: (request, signal) =>
      streamOver({ call, request, signal }, (connection, asked) =>
        address.ask((found) => ask(connection, { call: { ...call, baseUrl: found }, preset, refused }, asked)),
      ),
    embed: (model, texts, signal) =>
      callOver({ ...call, model }, signal, async (connection) => {
        const { data } = await at(connection, (client) =>
          client.embeddings.create({ model, input: [...texts], encoding_format: 'float' }),
        );
        return data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => Float32Array.from(embedding));
      }),
  };
}

async function openClient(connection: Connection, { baseUrl, config }: CallOptions): Promise<OpenAI> {
  const { default: OpenAI } = await import('openai'); // at the first call: it would double the daemon's start
  return new OpenAI({
    baseURL: baseUrl,
    apiKey: connection.key ?? 'none', // anything, so that the environment is not searched for one
    organization: null,
    project: null,
    defaultHeaders: { ...config.headers, ...(!connection.key && { Authorization: null }) },
    fetch: connection.fetch,
    maxRetries: 0,
    logLevel: 'off',
  });
}

async function ask(
  connection: Connection,
  { call, preset, refused }: { call: CallOptions; preset: Preset; refused: RefusedSettings },
  request: ModelRequest,
): Promise<ModelAnswer> {
  const { baseUrl, config } = call;
  const server = { baseUrl, headers: config.headers, limitName: preset.limitName, refused };
  return speaksResponses(call, preset, request.model)
    ? askResponses(connection, server, request)
    : askChat(connection, server, request);
}

// Models that OpenAI offers through chat completions alone.
const chatOnly = /search-preview|audio/;

function speaksResponses({ config }: CallOptions, preset: Preset, model: string): boolean {
  if (config.api) return config.api === 'responses';
  return preset.prefersResponses && !config.baseUrl && !chatOnly.test(model);
}
