// Wire <-> domain for the trust of folders.
import type { TrustList, TrustSet } from '../../shared/protocol/trust.ts';
import type { Handler } from './handler.ts';

export const handleTrustSet: Handler<typeof TrustSet, 'trust', 'none'> = async ({ root, trusted }, { services }) => ({
  folder: await services.trust.set(root, trusted),
});

export const handleTrustList: Handler<typeof TrustList, 'trust', 'none'> = async ({ uri }, { session, services }) => ({
  folders: services.trust.list(),
  ...(uri !== undefined && { asked: await services.trust.about(uri, session.roots) }),
});
