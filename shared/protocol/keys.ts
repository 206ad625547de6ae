// Messages about provider keys. A key travels to the daemon once and never back.
import * as z from 'zod';
import { request } from './define.ts';

const Provider = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a provider is named with letters, digits, dot, dash and underscore');

export const KeysSet = request('switchyard/keys/set', 'Stores a key, encrypted. The result says where the master key is kept.', {
  params: z.object({ provider: Provider, key: z.string().min(1).max(10_000), scope: z.string().max(2000).optional() }),
  result: z.object({ masterKey: z.enum(['keychain', 'file']), notice: z.string().optional() }),
});
export const KeysList = request('switchyard/keys/list', 'Lists what keys there are: never the keys.', {
  params: z.object({}),
  result: z.object({
    keys: z.array(z.object({ provider: z.string(), scope: z.string(), last4: z.string(), createdAt: z.number() })),
    masterKey: z.enum(['keychain', 'file', 'none']),
  }),
});
export const KeysDelete = request('switchyard/keys/delete', 'Deletes a key.', {
  params: z.object({ provider: Provider, scope: z.string().optional() }),
  result: z.object({ deleted: z.boolean() }),
});
