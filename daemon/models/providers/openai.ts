// OpenAI and every server that speaks its language: the table of presets says what is particular about each.
// Of the two APIs, OpenAI's own address is asked for responses: its reasoning models think, and call tools, better there,
// and some of them speak nothing else. All other servers are asked for chat completions, which each of them has.
import type { ProviderType } from '../../base/config/config.ts';
import { ApiAddress } from './addresses.ts';
import { fieldsOf, listOf } from './answers/shapes.ts';
import {
  type AdapterOptions,
  type CallOptions,
  type Connection,
  callOver,
  type ModelAnswer,
  streamOver,
} from './connection.ts';
import { CodeApi } from './fim/choose.ts';
import { codeOver } from './fim/code-stream.ts';
import { pictureSilenceMs } from './images/made-picture.ts';
import { makeOpenAiPicture } from './images/openai-images.ts';
import { askChat } from './openai/chat.ts';
import { type Preset, presetOf } from './openai/presets.ts';
import { askResponses } from './openai/responses.ts';
import { RefusedSettings } from './optional-settings.ts';
import type { CodeRequest, ModelRequest, PictureRequest, Provider } from './provider.ts';
import { ServerApi } from './wire.ts';

/** For the types in the table of presets; `openai-compatible` needs a `baseUrl` in its configuration. */
export function createOpenAiProvider(options: AdapterOptions): Provider {
  const { config, name, local } = options;
  const preset = presetOf(config.type);
  const baseUrl = config.baseUrl ?? preset.baseUrl;
  if (!baseUrl) throw new TypeError(`"${name}" has no address`); // the registry makes no such provider
  const call: CallOptions = { ...options, baseUrl, keyIsRequired: preset.needsKey && !config.baseUrl };
  const address = new ApiAddress(baseUrl);
  const refused = new RefusedSettings();
  const codeApi = new CodeApi(config, refused);
  const at = <Answer>(connection: Connection, ask: (api: ServerApi) => Promise<Answer>): Promise<Answer> =>
    address.ask((found) => ask(new ServerApi(connection, { ...call, baseUrl: found })));
  return {
    name,
    local,
    listModels: (signal) => callOver(call, signal, (connection) => at(connection, (api) => preset.listModels(api))),
    stream: (request, signal) =>
      streamOver({ call, request, signal }, (connection, asked) =>
        address.ask((found) => ask(connection, { call: { ...call, baseUrl: found }, preset, refused }, asked)),
      ),
    ...(config.type === 'openai-compatible' && {
      complete: (request: CodeRequest, signal: AbortSignal) =>
        codeOver({ call, request, signal }, (connection) =>
          address.ask((found) => codeApi.ask(connection, found, request)),
        ),
    }),
    ...(makesPictures.includes(config.type) && {
      makePicture: (request: PictureRequest, signal: AbortSignal) =>
        callOver({ ...call, model: request.model, silenceMs: pictureSilenceMs }, signal, (connection) =>
          at(connection, (api) => makeOpenAiPicture(api, config.type, request)),
        ),
    }),
    embed: (model, texts, signal) =>
      callOver({ ...call, model }, signal, async (connection) => {
        const content = { model, input: [...texts], encoding_format: 'float' };
        return embeddingsIn(await at(connection, (api) => api.post('embeddings', content)));
      }),
  };
}

const makesPictures: readonly ProviderType[] = ['openai', 'xai', 'openai-compatible'];

/** In the order of the texts, which servers need not keep. */
function embeddingsIn(answer: unknown): Float32Array[] {
  const { data } = fieldsOf(answer);
  return listOf(data)
    .map(fieldsOf)
    .toSorted((a, b) => Number(a['index']) - Number(b['index']))
    .map(({ embedding }) => Float32Array.from(listOf(embedding) as number[]));
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
