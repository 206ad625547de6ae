// How much an Ollama model can read. Ollama cuts a longer prompt silently, so the size is asked for, set and checked.
import { fieldsOf } from '../answers/shapes.ts';
import { type ModelInfo, type ModelRequest, ProviderError } from '../provider.ts';
import type { ServerApi } from '../wire.ts';

/** Enough for a file and its review; the memory for more (gigabytes on larger models) is taken only when the user says so. */
const defaultContextTokens = 16_384;

export interface AboutModel {
  contextTokens: number | undefined;
  /** Whether the user said how much of it to use. */
  isConfigured: boolean;
  capabilities: ModelInfo['capabilities'];
  /** Whether its template takes a suffix; undefined where the server does not say. */
  fillsHoles: boolean | undefined;
}

interface ModelQuery {
  name: string;
  digest?: string | undefined;
  /** Its entry among the running models. */
  loaded: object | undefined;
}

/** What is known of each model: asked once for each digest. Lives as long as the provider. */
export class OllamaModels {
  readonly #configuredTokens: (model: string) => number | undefined;
  readonly #descriptions = new Map<string, ModelDescription>();

  constructor(configuredTokens: (model: string) => number | undefined) {
    this.#configuredTokens = configuredTokens;
  }

  /**
   * The context size that every request for the model uses: the user's own (configuration, then Modelfile) or a default, at
   * most what it was trained for. A larger one that is loaded already is kept, since another size means loading it anew.
   */
  async about(api: ServerApi, { name, digest, loaded }: ModelQuery): Promise<AboutModel> {
    const { trained, chosen, capabilities, fillsHoles } = await this.#show(api, name, digest);
    const configured = this.#configuredTokens(name);
    const wanted = configured ?? chosen ?? defaultContextTokens;
    const running = wholeNumber((loaded as { context_length?: unknown } | undefined)?.context_length) ?? 0;
    return {
      contextTokens: Math.min(trained ?? wanted, Math.max(wanted, running)),
      isConfigured: configured !== undefined,
      capabilities,
      fillsHoles,
    };
  }

  async #show(api: ServerApi, name: string, digest: string | undefined): Promise<ModelDescription> {
    const known = this.#descriptions.get(name);
    if (known && (digest === undefined || known.digest === digest)) return known;
    const answer = fieldsOf(await api.post('api/show', { model: name }));
    const shown = { digest, ...understand(answer) };
    this.#descriptions.set(name, shown);
    return shown;
  }
}

interface ModelDescription {
  digest: string | undefined;
  trained: number | undefined;
  chosen: number | undefined;
  capabilities: ModelInfo['capabilities'];
  fillsHoles: boolean | undefined;
}

/** Reads `model_info["<architecture>.context_length"]`, `num_ctx` of the Modelfile's parameters, and the capabilities. */
function understand(answer: {
  model_info?: unknown;
  parameters?: unknown;
  capabilities?: unknown;
}): Omit<ModelDescription, 'digest'> {
  const trained = Object.entries(answer.model_info ?? {}).find(([key]) => key.endsWith('.context_length'))?.[1];
  const chosen = /^num_ctx\s+(\d+)/m.exec(String(answer.parameters ?? ''))?.[1];
  const names = Array.isArray(answer.capabilities) ? answer.capabilities : undefined;
  return {
    trained: wholeNumber(trained),
    chosen: wholeNumber(Number(chosen)),
    fillsHoles: names?.includes('insert'),
    capabilities: names
      ? {
          chat: names.includes('completion'),
          embeddings: names.includes('embedding'),
          tools: names.includes('tools'),
          vision: names.includes('vision'),
          jsonSchema: true,
        }
      : {},
  };
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}

/** For a prompt that cannot fit, however well it is tokenised. */
export function overrunRefusal(request: ModelRequest, contextTokens: number | undefined): ProviderError | undefined {
  const tokens = minTokensOf(request);
  if (contextTokens === undefined || tokens <= contextTokens) return undefined;
  return new ProviderError(
    'context-too-long',
    `The request is at least ${tokens} tokens long, but ${request.model} reads only ${contextTokens}. Shorten it, attach less, or raise the provider's "contextTokens".`,
  );
}

/** For a prompt of which the server read less than was sent, or as much as its context holds. */
export function overrunWarning(
  request: ModelRequest,
  contextTokens: number | undefined,
  readTokens: number | undefined,
): string | undefined {
  if (!readTokens) return undefined; // nothing said
  if (contextTokens !== undefined && readTokens >= contextTokens) {
    return `The prompt filled the whole context window of ${contextTokens} tokens, so its beginning may have been cut. Start a new chat, or attach less.`;
  }
  const tokens = minTokensOf(request);
  return readTokens < tokens
    ? `Ollama read only ${readTokens} of at least ${tokens} tokens, so the beginning of the conversation was cut. Start a new chat, or attach less.`
    : undefined;
}

const maxCharactersPerToken = 8; // words of prose have about 4.5, code 3; runs of one character count once, since they are merged

/** A number of tokens that the prompt has at least. */
function minTokensOf({ messages }: ModelRequest): number {
  const characters = messages.reduce((sum, { content }) => sum + content.replace(/(.)\1+/gs, '$1').length, 0);
  return Math.ceil(characters / maxCharactersPerToken);
}
