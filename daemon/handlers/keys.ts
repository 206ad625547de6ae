// Wire <-> domain for provider keys. Keys come in and never go out. The workspace that a key is for comes from the session.
import type { KeysCheck, KeysDelete, KeysList, KeysRotate, KeysSet } from '../../shared/protocol/keys.ts';
import { UserError } from '../base/errors.ts';
import { workspaceOf } from '../sessions/request-context.ts';
import type { SessionView } from '../sessions/session-view.ts';
import type { Handler } from './handler.ts';

export const handleKeysSet: Handler<typeof KeysSet, 'keys', 'none'> = async (
  { provider, key, scope },
  { session, services },
) => {
  // Such a key could be in no header: better said now than when it is first used, and in place of one that works.
  if (!/^[\x21-\x7e]+$/.test(key.trim()))
    throw new UserError(
      'wrong-key',
      'That key is empty or contains characters that no key has, such as a space or a line break. Copy it again, alone and in full. Nothing was stored.',
    );
  return await services.keys.set(provider, key.trim(), scopeOf(scope, session));
};

export const handleKeysCheck: Handler<typeof KeysCheck, 'registry', 'none'> = ({ provider }, { services, signal }) =>
  services.registry.check(provider, signal);

export const handleKeysList: Handler<typeof KeysList, 'keys', 'none'> = async (_params, { session, services }) => {
  const workspace = workspaceOf(session);
  const [keys, masterKey] = [await services.keys.list(), await services.keys.masterKeyPlace()];
  return { keys, masterKey, notices: services.keys.notices, ...(workspace !== undefined && { workspace }) };
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
      'No folder is open here that a key could be for. Open one, or set the key for everywhere.',
    );
  return workspace;
}
