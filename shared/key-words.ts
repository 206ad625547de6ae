// What is known of a provider's key, in words: the same in the terminal and in VS Code.
import type { ProviderKey } from './protocol/keys.ts';
import { hintOf } from './similar.ts';

const words: Record<ProviderKey['key'], string> = {
  here: 'key set for this workspace',
  global: 'key set',
  config: 'key set in config.json',
  missing: 'no key',
  'not-needed': 'needs no key',
  mcp: 'key set, for an MCP server',
  web: 'key set, for web search',
  unused: "key set, but there's no such provider",
};

/** `names` are those that providers have, for a name that was mistyped. */
export function keyInWords({ provider, key, refused }: ProviderKey, names: readonly string[] = []): string {
  const hint = key === 'unused' ? hintOf(provider, names) : undefined;
  const state = hint === undefined ? words[key] : `${words[key]}. ${hint}`;
  return refused === undefined ? state : `${state}, rejected: ${refused}`;
}
