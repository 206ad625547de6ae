// Wire <-> domain for the trust of folders.

import { realpath } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { TrustAllowed, TrustForget, TrustList, TrustSet } from '../../shared/protocol/trust.ts';
import { toPath } from '../base/uri.ts';
import type { Handler } from './handler.ts';

/** In a folder that isn't trusted any more nothing stays allowed for good, in any profile. */
export const handleTrustSet: Handler<typeof TrustSet, 'trust' | 'storage', 'none'> = async (
  { root, trusted },
  { services: { trust, storage } },
) => {
  const folder = await trust.set(root, trusted);
  const path = toPath(folder.root);
  if (!trusted && path !== undefined)
    for (const { id } of await storage.profiles.list()) await storage.in(id).approvals.clear(path);
  return { folder };
};

export const handleTrustList: Handler<typeof TrustList, 'trust', 'none'> = async ({ uri }, { session, services }) => ({
  folders: services.trust.list(),
  ...(uri !== undefined && { asked: await services.trust.about(uri, session.roots) }),
});

export const handleTrustAllowed: Handler<typeof TrustAllowed, 'storage'> = async (_params, { services, profile }) => ({
  allowed: (await services.storage.in(profile).approvals.list()).map(({ root, identity, kind, text, createdAt }) => ({
    id: identity,
    root: pathToFileURL(root).href,
    kind,
    text,
    allowedAt: createdAt,
  })),
});

export const handleTrustForget: Handler<typeof TrustForget, 'storage'> = async (
  { root, id },
  { services, profile },
) => {
  const path = toPath(root);
  if (path === undefined) return {};
  const { approvals } = services.storage.in(profile);
  const allowedIn = await realpath(path).catch(() => path); // as it was allowed
  if (id === undefined) await approvals.clear(allowedIn);
  else await approvals.remove(allowedIn, id);
  return {};
};
