// Wire <-> domain for provider keys. Keys come in and never go out. Which workspace a key is for is known from the session.
import type { KeysDelete, KeysList, KeysRotate, KeysSet } from '../../shared/protocol/keys.ts';
import { UserError } from '../base/errors.ts';
import { workspaceOf } from '../caller/callers.ts';
import type { Handler } from '../handler.ts';
import type { Session } from '../session.ts';

export const handleKeysSet: Handler<typeof KeysSet> = ({ provider, key, scope }, { session, services }) =>
  services.keys.set(provider, key.trim(), scopeOf(scope, session));

export const handleKeysList: Handler<typeof KeysList> = async (_params, { session, services }) => {
  const workspace = workspaceOf(session);
  const [keys, masterKey] = [await services.keys.list(), await services.keys.masterKeyPlace()];
  return { keys, masterKey, notices: services.keys.notices, ...(workspace !== undefined && { workspace }) };
};

export const handleKeysDelete: Handler<typeof KeysDelete> = async ({ provider, scope }, { session, services }) => ({
  deleted: await services.keys.delete(provider, scopeOf(scope, session)),
});

export const handleKeysRotate: Handler<typeof KeysRotate> = (_params, { services }) => services.keys.rotate();

function scopeOf(scope: string | undefined, session: Session): string | undefined {
  if (scope !== 'workspace') return scope;
  const workspace = workspaceOf(session);
  if (workspace === undefined) throw new UserError('no-workspace', 'No folder is open here that a key could be for. Open one, or set the key for everywhere.');
  return workspace;
}
