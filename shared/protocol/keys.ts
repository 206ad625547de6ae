// Messages about provider keys. A key travels to the daemon once and never back.
import * as z from 'zod';
import { type Result, request } from './define.ts';

const Provider = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a provider is named with letters, digits, dot, dash and underscore');

export const KeysSet = request(
  'switchyard/keys/set',
  'Stores a key, encrypted, for everywhere or for the workspace it is sent from. The result says where the master key is kept.',
  {
    params: z.object({
      provider: Provider,
      key: z.string().min(1).max(10_000),
      scope: z.enum(['global', 'workspace']).optional(),
    }),
    result: z.object({ masterKey: z.enum(['keychain', 'file']), notice: z.string().optional() }),
  },
);
export const KeysCheck = request(
  'switchyard/keys/check',
  'Asks a provider for its models with the key that is stored, and whether it takes that key, and says what it answered.',
  {
    params: z.object({ provider: Provider }),
    result: z.object({
      ok: z.boolean(),
      /** What was seen, in a sentence or two. */
      detail: z.string(),
    }),
  },
);
export const KeysList = request('switchyard/keys/list', 'Lists what keys there are: never the keys.', {
  params: z.object({}),
  result: z.object({
    /** The scope is `global`, or the URI of a workspace. */
    keys: z.array(z.object({ provider: z.string(), scope: z.string(), last4: z.string(), createdAt: z.number() })),
    /** Every provider there is, and each that a key is stored for, with what is known of its key. Nobody is asked for it. */
    providers: z.array(
      z.object({
        provider: z.string(),
        /** `here`: for this client's workspace. `config`: in the headers in config.json. `mcp`: an MCP server is given it. `web`: a search engine of the web. `unused`: there is no such provider. */
        key: z.enum(['here', 'global', 'config', 'missing', 'not-needed', 'mcp', 'web', 'unused']),
        /** What the provider said when it last refused this key. */
        refused: z.string().optional(),
      }),
    ),
    masterKey: z.enum(['keychain', 'file', 'none']),
    /** The scope that this client's own workspace has, where it has one. */
    workspace: z.string().optional(),
    /** What was found amiss with the stored keys, in sentences. */
    notices: z.array(z.string()),
  }),
});
export const KeysDelete = request(
  'switchyard/keys/delete',
  'Deletes a key: of everywhere, of this workspace (`workspace`), or of a scope that was listed.',
  {
    params: z.object({ provider: Provider, scope: z.string().max(10_000).optional() }),
    result: z.object({ deleted: z.boolean() }),
  },
);
export const KeysRotate = request(
  'switchyard/keys/rotate',
  'Makes a new master key and encrypts every key anew with it.',
  {
    params: z.object({}),
    result: z.object({
      /** How many keys there are. */
      keys: z.number().int(),
      masterKey: z.enum(['keychain', 'file']).optional(),
      notice: z.string().optional(),
    }),
  },
);

export type ProviderKey = Result<typeof KeysList>['providers'][number];
