// Wire <-> domain for provider keys. Keys come in and never go out. The workspace that a key is for comes from the session.
import type { KeysCheck, KeysDelete, KeysList, KeysRotate, KeysSet, ProviderKey } from '../../shared/protocol/keys.ts';
import { hintOf } from '../../shared/similar.ts';
import { hasKeyHeader } from '../base/config/secrets.ts';
import { UserError } from '../base/errors.ts';
import { isSearchEngine } from '../features/web/engines/engines.ts';
import type { Services } from '../services.ts';
import { workspaceOf } from '../sessions/request-context.ts';
import type { SessionView } from '../sessions/session-view.ts';
import type { Handler } from './handler.ts';

export const handleKeysSet: Handler<typeof KeysSet, 'keys' | 'registry', 'none'> = async (
  { provider, key, scope },
  { session, services },
) => {
  refuseMistyped(provider, services.registry);
  // Such a key could be in no header: better said now than when it is first used, and in place of one that works.
  if (!/^[\x21-\x7e]+$/.test(key.trim()))
    throw new UserError(
      'wrong-key',
      'This API key is empty or contains characters that no key has, such as a space or a line break. Copy it again. Nothing was saved.',
    );
  return await services.keys.set(provider, key.trim(), scopeOf(scope, session));
};

export const handleKeysCheck: Handler<typeof KeysCheck, 'registry', 'none'> = async (
  { provider },
  { services, signal },
) =>
  isSearchEngine(provider) && !services.registry.servers().some(({ name }) => name === provider)
    ? { ok: true, detail: 'The agent searches the web with it, in the modes Research and Assistant.' }
    : await services.registry.check(provider, signal);

export const handleKeysList: Handler<typeof KeysList, 'keys' | 'registry' | 'config', 'none'> = async (
  _params,
  { session, services },
) => {
  const workspace = workspaceOf(session);
  const { registry, config } = services;
  const [keys, masterKey] = [await services.keys.list(), await services.keys.masterKeyPlace()];
  const providers = await providerKeys({ registry, config, keys, workspace });
  return { keys, providers, masterKey, notices: services.keys.notices, ...(workspace !== undefined && { workspace }) };
};

export const handleKeysDelete: Handler<typeof KeysDelete, 'keys', 'none'> = async (
  { provider, scope },
  { session, services },
) => ({
  deleted: await services.keys.delete(provider, scopeOf(scope, session)),
});

export const handleKeysRotate: Handler<typeof KeysRotate, 'keys', 'none'> = (_params, { services }) =>
  services.keys.rotate();

function scopeOf(scope: string | undefined, session: SessionView): string | undefined {
  if (scope !== 'workspace') return scope;
  const workspace = workspaceOf(session);
  if (workspace === undefined)
    throw new UserError(
      'no-workspace',
      'No folder is open for this API key. Open one, or save the key for every workspace.',
    );
  return workspace;
}

interface ProviderKeysQuery extends Pick<Services, 'registry' | 'config'> {
  /** What is stored. */
  keys: readonly { provider: string; scope: string }[];
  workspace: string | undefined;
}

/** The configured providers in their order, then the others, then names that keys are stored for and no provider has. */
async function providerKeys({ registry, config, keys, workspace }: ProviderKeysQuery): Promise<ProviderKey[]> {
  const servers = registry.servers();
  const isStored = (provider: string, scope: string | undefined): boolean =>
    scope !== undefined && keys.some((key) => key.provider === provider && key.scope === scope);
  const keyOf = ({ name, needsKey }: (typeof servers)[number]): ProviderKey['key'] => {
    if (isStored(name, workspace)) return 'here';
    if (isStored(name, 'global')) return 'global';
    if (hasKeyHeader(config.config.providers[name]?.headers)) return 'config';
    return needsKey ? 'missing' : 'not-needed';
  };
  const known = servers.map(async (server): Promise<ProviderKey> => {
    const key = keyOf(server);
    const refused = key === 'missing' ? undefined : await registry.keyRefusal(server.name);
    return { provider: server.name, key, ...(refused !== undefined && { refused }) };
  });
  const unused = new Set(keys.map(({ provider }) => provider).filter((name) => !servers.some((s) => s.name === name)));
  const ofServers = JSON.stringify(config.config.mcpServers);
  const others = [...unused].map((provider): ProviderKey => {
    const isOfServer = provider.startsWith('mcp.') || ofServers.includes(`\${key:${provider}}`);
    if (isSearchEngine(provider)) return { provider, key: 'web' };
    return { provider, key: isOfServer ? 'mcp' : 'unused' };
  });
  return [...(await Promise.all(known)), ...others];
}

/** Throws UserError `unknown-provider` where a name is almost that of a provider. Any other may still be added to config.json. */
function refuseMistyped(provider: string, registry: Services['registry']): void {
  const names = registry.servers().map(({ name }) => name);
  const hint = names.includes(provider) ? undefined : hintOf(provider, names);
  if (hint === undefined) return;
  throw new UserError(
    'unknown-provider',
    `There's no provider "${provider}". ${hint} Nothing was saved. If the name is right, add the provider to config.json first.`,
  );
}
