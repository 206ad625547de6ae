// Models are measured in a profile of their own, so that nothing of it is among the user's chats, findings, jobs, or in what is learned.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ProfileCreate, ProfileDelete } from '../../../shared/protocol/profiles.ts';
import { type DaemonClient, type DaemonClientOptions, withDaemon } from '../kit/client.ts';

/**
 * Works in a new profile and an empty, trusted folder, or in the session that is asked for. Profile and folder are gone when it returns,
 * also after Ctrl+C, and where what limits its time ends it.
 */
export async function inOwnProfile(
  work: (client: DaemonClient, folder: string) => Promise<void>,
  session?: DaemonClientOptions,
): Promise<void> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'switchyard-eval-'));
  const root = pathToFileURL(folder).href;
  const end = (): boolean => process.emit('SIGINT');
  process.once('SIGTERM', end);
  try {
    await withDaemon(
      async (owner) => {
        const { profile } = await owner.call(ProfileCreate, { name: `eval-${process.pid}` });
        try {
          const own = session ?? { root, trusted: true };
          await withDaemon((client) => work(client, folder), { ...own, profile: profile.id });
        } finally {
          await owner.call(ProfileDelete, { profileId: profile.id, confirm: profile.name }, undefined, never);
        }
      },
      { root },
    );
  } finally {
    process.off('SIGTERM', end);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** For what is asked after Ctrl+C, too. */
export const never = new AbortController().signal;
