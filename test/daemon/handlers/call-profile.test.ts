// What a handler is given of its session's profile, and of the services.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { UserError } from '../../../daemon/base/errors.ts';
import { withProfile, withProfileOrNone } from '../../../daemon/handlers/call-profile.ts';
import type { Handler } from '../../../daemon/handlers/handler.ts';
import type { DaemonShapes, DaemonStorage } from '../../../daemon/services.ts';
import type { SessionProfiles } from '../../../daemon/sessions/session-profiles.ts';
import type { ProfileStorage } from '../../../daemon/storage/storage.ts';
import type { BackupList } from '../../../shared/protocol/backup.ts';
import type { ChatDeleted } from '../../../shared/protocol/chat.ts';
import { sessionView } from '../../fakes/session-view.ts';

/** A request of a session whose profile is `own`. */
function request() {
  const opened: string[] = [];
  return {
    opened,
    session: sessionView(),
    services: {
      sessionProfiles: {
        profileOf: async () => 'own',
        profileOrNone: async () => 'nobody:1',
      } as unknown as SessionProfiles,
      storage: {
        in(profile: string) {
          opened.push(profile);
          return {} as ProfileStorage<DaemonShapes>;
        },
      } as unknown as DaemonStorage,
    },
  };
}

describe('the profile of a call', () => {
  it("is the session's own, with its own storage, whether the params name it or none", async () => {
    const asked = request();
    assert.equal((await withProfile(asked)).profile, 'own');
    assert.equal((await withProfile(asked, 'own')).profile, 'own');
    assert.deepEqual(asked.opened, ['own', 'own']);
  });

  it('is refused where the params name another, before its storage is opened', async () => {
    const asked = request();
    await assert.rejects(withProfile(asked, 'other'), (error: UserError) => error.code === 'other-profile');
    assert.deepEqual(asked.opened, []);
  });

  it('of work that goes on without storage does not open it', async () => {
    const asked = request();
    assert.equal((await withProfileOrNone(asked)).profile, 'nobody:1');
    assert.deepEqual(asked.opened, []);
  });
});

describe('the types of handlers', () => {
  it('leave out the services that a handler does not name, and the profile that it does not need', () => {
    const named: Handler<typeof BackupList, 'storage', 'none'> = async (_params, { services }) => ({
      backups: await services.storage.backups.list(),
    });
    const unnamed: Handler<typeof BackupList, never, 'none'> = async (_params, { services }) => ({
      // @ts-expect-error storage is not named
      backups: await services.storage.backups.list(),
    });
    const needless: Handler<typeof ChatDeleted, never, 'none'> = async (_params, call) => ({
      // @ts-expect-error a message that needs no profile has no storage of one
      chats: await call.storage.trash.list(),
    });
    const withoutStorage: Handler<typeof ChatDeleted, never, 'own-or-none'> = async (_params, call) => ({
      // @ts-expect-error work that goes on without storage may not count on it
      chats: await call.storage.trash.list(),
    });
    // @ts-expect-error a row of a message that needs no profile cannot have a handler that needs one
    const row: Handler<typeof ChatDeleted, never, 'none'> = ((_params, { storage }) =>
      storage.trash.list().then((chats) => ({ chats }))) satisfies Handler<typeof ChatDeleted>;
    assert.equal([named, unnamed, needless, withoutStorage, row].length, 5);
  });
});
