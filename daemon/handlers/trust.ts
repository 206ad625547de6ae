// Wire <-> domain for the trust of folders.
import type { TrustList, TrustSet } from '../../shared/protocol/trust.ts';
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
