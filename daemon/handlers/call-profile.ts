// Puts the profile of its session on a call, and never another that the params name.
import { UserError } from '../base/errors.ts';
import type { DaemonShapes, Services } from '../services.ts';
import type { SessionView } from '../sessions/session-view.ts';
import type { ProfileStorage } from '../storage/storage.ts';

interface ProfileRequest {
  readonly session: SessionView;
  readonly services: Pick<Services, 'sessionProfiles' | 'storage'>;
}

/** For work that needs storage. Throws UserError `other-profile` where the params name another profile, whether there is one or not. */
export async function withProfile<R extends ProfileRequest>(
  request: R,
  named?: string,
): Promise<R & { profile: string; storage: ProfileStorage<DaemonShapes> }> {
  const { session, services } = request;
  const profile = await services.sessionProfiles.profileOf(session);
  if (named === undefined || named === profile) return { ...request, profile, storage: services.storage.in(profile) };
  throw new UserError(
    'other-profile',
    "That profile isn't the one this session uses, and other profiles can't be read. Switch to it first (`switchyard/profile/use`).",
  );
}

/** For work that goes on where storage fails. */
export async function withProfileOrNone<R extends ProfileRequest>(request: R): Promise<R & { profile: string }> {
  return { ...request, profile: await request.services.sessionProfiles.profileOrNone(request.session) };
}
