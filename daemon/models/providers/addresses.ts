// Addresses as users write them: with the path of one request at their end, without the version that the API begins with; and whether
// what answers there is on this machine, or a gateway that hands requests on.
import type { ProviderConfig, ProviderType } from '../../base/config/config.ts';
import { isLoopback } from '../../base/egress.ts';
import { configuredModels } from './model-facts.ts';
import { ProviderError } from './provider.ts';

const chatPaths = /\/(chat\/completions|completions|responses|embeddings|models)\/*$/;

/** What is taken off an address, as the API's own paths follow it. */
const surplusPaths: Partial<Record<ProviderType, RegExp>> = {
  anthropic: /\/v1(\/(messages|models))?\/*$/,
  google: /\/v1(beta|alpha)?(\/models.*)?\/*$/,
  ollama: /\/(api(\/(chat|generate|tags|embed))?|v1(\/chat\/completions)?)\/*$/,
};

/** The configuration with an address at which the API begins. */
export function withPlainAddress(config: ProviderConfig): ProviderConfig {
  if (config.baseUrl === undefined) return config;
  const baseUrl = config.baseUrl.replace(surplusPaths[config.type] ?? chatPaths, '');
  return baseUrl === config.baseUrl ? config : { ...config, baseUrl };
}

/** Where an API in OpenAI's manner begins: at its address, or below it at `/v1`, as the first request finds out. */
export class ApiAddress {
  #baseUrl: string;
  #other: string | undefined;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
    const hasVersion = /\/v\d/.test(new URL(baseUrl).pathname);
    this.#other = hasVersion ? undefined : `${baseUrl.replace(/\/+$/, '')}/v1`;
  }

  /** Asks at the address; where nothing is there, below it. Throws what the first threw when neither answers. */
  async ask<Answer>(ask: (baseUrl: string) => Promise<Answer>): Promise<Answer> {
    try {
      return await ask(this.#baseUrl);
    } catch (error) {
      const other = this.#other;
      if (other === undefined || !isNotThere(error)) throw error;
      const answer = await ask(other).catch(() => {
        throw error;
      });
      this.#baseUrl = other;
      this.#other = undefined;
      return answer;
    }
  }
}

/** Some servers answer any path, with something that is no list. */
function isNotThere(error: unknown): boolean {
  return error instanceof ProviderError ? error.code === 'model-not-found' : error instanceof NoModelList;
}

/** An answer that has no list of models in it. */
export class NoModelList extends Error {}

/** Names of models that no machine of a user's runs: what offers them on loopback is a gateway. */
const cloudOnly = /(^|[/:])(gpt-(3|4|5|\d{2})|chatgpt|o[1345](-|$)|claude-|gemini-|grok-|command-a|sonar)/i;

/**
 * Whether a server's models run on this machine. One on loopback may be a way to a cloud: the configuration says so with
 * `"local": false`, or with the models that it names.
 */
export function isOnThisMachine(config: ProviderConfig, baseUrl: string): boolean {
  if (!isLoopback(new URL(baseUrl).hostname)) return false;
  return config.local ?? !configuredModels(config).some(({ name }) => isCloudOnly(name));
}

/** Whether a model of this name runs in a cloud, whoever offers it. */
export function isCloudOnly(name: string): boolean {
  return cloudOnly.test(name);
}
