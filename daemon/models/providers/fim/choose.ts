// Which API a server in OpenAI's manner fills holes with: the configuration says it, else the server's list of models.
import type { ProviderConfig } from '../../../base/config/config.ts';
import { NoModelList } from '../addresses.ts';
import { fieldsOf } from '../answers/shapes.ts';
import type { Connection } from '../connection.ts';
import { listEntries } from '../openai/listing.ts';
import type { RefusedSettings } from '../optional-settings.ts';
import { type CodeRequest, ProviderError } from '../provider.ts';
import { ServerApi } from '../wire.ts';
import type { CodeAnswer } from './code-stream.ts';
import { askInfill, type CodeServer } from './infill.ts';
import { askCompletions, askFim } from './suffix.ts';

type CompletionApi = NonNullable<ProviderConfig['completionApi']>;

/** Lives as long as its adapter: a server is asked once what it is. */
export class CodeApi {
  readonly #config: ProviderConfig;
  readonly #refused: RefusedSettings;
  #found: CompletionApi | undefined;
  /** Old versions of llama-server take no notice of one at /infill. */
  #takesGrammar = true;

  constructor(config: ProviderConfig, refused: RefusedSettings) {
    this.#config = config;
    this.#refused = refused;
  }

  async ask(connection: Connection, baseUrl: string, request: CodeRequest): Promise<CodeAnswer> {
    const { config, refused } = { config: this.#config, refused: this.#refused };
    const server = { baseUrl, headers: config.headers };
    this.#found ??= config.completionApi ?? (await apiOf(new ServerApi(connection, { baseUrl, config })));
    if (this.#found === 'infill') return this.#askInfill(connection, server, request);
    if (this.#found === 'fim') return askFim(connection, server, request);
    return askCompletions(connection, { ...server, refused }, request);
  }

  async #askInfill(connection: Connection, server: CodeServer, request: CodeRequest): Promise<CodeAnswer> {
    const takesGrammar = this.#takesGrammar;
    const answer = await askInfill(connection, { ...server, takesGrammar }, request);
    const onOtherBeginning = (): void => {
      this.#takesGrammar = false;
    };
    return { ...answer, ...(takesGrammar && { onOtherBeginning }) };
  }
}

/** Codestral's own address lists no models. */
async function apiOf(api: ServerApi): Promise<CompletionApi> {
  if (/(^|\.)mistral\.ai$/.test(new URL(api.baseUrl).hostname)) return 'fim';
  const entries = await listEntries(api, 'models').catch((error: unknown) => {
    if (!hasNoList(error)) throw error;
    return [];
  });
  if (entries.some(({ owned_by }) => owned_by === 'llamacpp')) return 'infill';
  return entries.some(({ capabilities }) => fieldsOf(capabilities)['completion_fim'] === true) ? 'fim' : 'completions';
}

function hasNoList(error: unknown): boolean {
  return error instanceof NoModelList || (error instanceof ProviderError && error.code === 'model-not-found');
}
