// In a folder that isn't trusted the agent changes and runs nothing, whoever offers it the tools for that.
import { UserError } from '../../../base/errors.ts';
import type { SessionView } from '../../../sessions/session-view.ts';

/** Whether a folder, as a path, may be worked in for a session: `sessions/trust.ts` knows. */
export type TrustCheck = (session: SessionView, folder: string) => Promise<boolean>;

/** Throws UserError `not-trusted`. */
export async function needTrust(
  trusts: TrustCheck,
  { session, root }: { session: SessionView; root: string },
): Promise<void> {
  if (await trusts(session, root)) return;
  throw new UserError(
    'not-trusted',
    `${root} isn't trusted, so nothing in it is changed or run. To trust it, run \`switchyard trust\`.`,
  );
}
