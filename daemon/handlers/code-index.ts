// Wire <-> domain for the index of code. A session asks of its own folders alone.
import { fileURLToPath } from 'node:url';
import type { IndexRefresh, IndexStatus } from '../../shared/protocol/code-index.ts';
import { UserError } from '../base/errors.ts';
import type { Session } from '../sessions/session.ts';
import type { Handler } from './handler.ts';

export const handleIndexStatus: Handler<typeof IndexStatus> = async ({ root }, { session, services }) => {
  const { notes, ...status } = await services.index.status(
    folderOf(session, root),
    await services.sessionProfiles.profileOf(session),
  );
  return { ...status, notes: [...notes] };
};

export const handleIndexRefresh: Handler<typeof IndexRefresh> = async ({ root }, { session, services }) => {
  const folder = folderOf(session, root);
  const profile = await services.sessionProfiles.profileOf(session);
  services.contexts.follow(session, profile);
  await services.index.refresh(folder, profile);
  const { notes, ...status } = await services.index.status(folder, profile);
  return { ...status, notes: [...notes] };
};

function folderOf({ roots }: Session, root: string): string {
  if (!roots.includes(root) || !root.startsWith('file:'))
    throw new UserError(
      'not-your-folder',
      `${root} is not a folder of this window. Name one of ${roots.join(', ') || 'none'}.`,
    );
  return fileURLToPath(root);
}
