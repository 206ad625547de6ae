// Wire <-> domain for provider keys. Keys come in and never go out.
import type { KeysDelete, KeysList, KeysSet } from '../../shared/protocol/keys.ts';
import type { Handler } from '../handler.ts';

export const handleKeysSet: Handler<typeof KeysSet> = async ({ provider, key, scope }, { services }) => {
  const { masterKey, notice } = await services.keys.set(provider, key.trim(), scope);
  services.registry.reset();
  return { masterKey, ...(notice && { notice }) };
};

export const handleKeysList: Handler<typeof KeysList> = async (_params, { services }) => ({
  keys: await services.keys.list(),
  masterKey: await services.keys.masterKeyPlace(),
});

export const handleKeysDelete: Handler<typeof KeysDelete> = async ({ provider, scope }, { services }) => {
  const deleted = await services.keys.delete(provider, scope);
  services.registry.reset();
  return { deleted };
};
