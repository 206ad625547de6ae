// Wire <-> domain for the index of code. A session may name its own folders only.
import type { IndexRefresh, IndexStatus, IndexStatusResult } from '../../shared/protocol/code-index.ts';
import { UserError } from '../base/errors.ts';
import { folderUri, pathHere } from '../base/uri.ts';
import type { Services } from '../services.ts';
import type { SessionView } from '../sessions/session-view.ts';
import type { Handler } from './handler.ts';

export const handleIndexStatus: Handler<typeof IndexStatus, 'index'> = async (
  { root },
  { session, services, profile },
) => {
  return told(await services.index.status(folderOf(session, root), profile));
};

export const handleIndexRefresh: Handler<typeof IndexRefresh, 'contexts' | 'index'> = async (
  { root },
  { session, services, profile },
) => {
  const folder = folderOf(session, root);
  services.contexts.follow(session, profile);
  await services.index.refresh(folder, profile);
  return told(await services.index.status(folder, profile));
};

function told({ notes, leftOut, ...status }: Awaited<ReturnType<Services['index']['status']>>): IndexStatusResult {
  const groups = leftOut.map(({ why, count, examples }) => ({ why, count, examples }));
  return { ...status, notes: [...notes], leftOut: groups };
}

function folderOf({ roots }: SessionView, root: string): string {
  const folder = folderUri(root);
  if (folder === undefined || !roots.includes(folder))
    throw new UserError(
      'not-your-folder',
      `${root} isn't a folder of this window. Use one of these: ${roots.join(', ') || 'none'}.`,
    );
  return pathHere(folder);
}
