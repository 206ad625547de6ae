// Whose memory a request is about: the session's profile, and never another that its params name.
import { UserError } from '../base/errors.ts';
import type { SessionProfiles, SessionView } from '../sessions/session-profile.ts';

interface Asking {
  session: SessionView;
  services: { sessionProfiles: SessionProfiles };
}

/** The id of the session's profile. Throws UserError `other-profile` where the params name another, whether there is one or not. */
export async function ownProfile({ session, services }: Asking, named?: string): Promise<string> {
  const own = await services.sessionProfiles.profileOf(session);
  if (named === undefined || named === own) return own;
  throw new UserError(
    'other-profile',
    'That is not the profile of this session, and what is in another is not shown here. Switch to it first (`switchyard/profile/use`), and ask again.',
  );
}
