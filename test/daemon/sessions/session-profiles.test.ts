// The profile of a session where storage fails, and the model that it means.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { UserError } from '../../../daemon/base/errors.ts';
import { noProfileOf, SessionProfiles } from '../../../daemon/sessions/session-profiles.ts';
import type { Storage } from '../../../daemon/storage/storage.ts';
import { sessionView } from '../../fakes/session-view.ts';
import { silentLog } from '../storage/open-storage.ts';

function profilesWith(find: () => Promise<unknown>): SessionProfiles {
  return new SessionProfiles({ storage: { profiles: { find } } as unknown as Storage, log: silentLog });
}

describe('the profile of a session', () => {
  const session = () => sessionView({ options: { profile: 'work', model: 'lab/workspace' } });

  it('is looked up once, however many ask at a time, and known from then on', async () => {
    let lookups = 0;
    const profiles = profilesWith(async () => ({ id: `p${++lookups}` }));
    const view = session();
    assert.deepEqual(await Promise.all([profiles.profileOf(view), profiles.profileOf(view)]), ['p1', 'p1']);
    assert.equal(await profiles.profileOf(view), 'p1');
    assert.deepEqual([view.profile, lookups], ['p1', 1]);
  });

  it('is one that stores nothing where storage fails, but never where the client named one that is not there', async () => {
    const view = session();
    const broken = profilesWith(() => Promise.reject(new Error('disk')));
    assert.equal(await broken.profileOrNone(view), noProfileOf(view));
    assert.equal(view.profile, undefined, 'looked up again when storage is back');
    await assert.rejects(broken.profileOf(view), /disk/);
    const unknown = profilesWith(() => Promise.reject(new UserError('profile-not-found', 'There is none.')));
    await assert.rejects(unknown.profileOrNone(view), { code: 'profile-not-found' });
  });

  it('means the model of a message before that of a chat, its own, and the window’s; its own is none where storage fails', async () => {
    const view = session();
    const modelOf = await profilesWith(async () => ({ id: 'p', model: 'lab/profile' })).modelRule(view, 'p');
    assert.deepEqual(modelOf({ message: 'lab/message', chat: 'lab/chat' }), {
      model: 'lab/message',
      source: 'message',
    });
    assert.deepEqual(modelOf({ chat: 'lab/chat' }), { model: 'lab/chat', source: 'chat' });
    assert.deepEqual(modelOf({}), { model: 'lab/profile', source: 'profile' });
    const broken = await profilesWith(() => Promise.reject(new Error('disk'))).modelRule(view, 'p');
    assert.deepEqual(broken({}), { model: 'lab/workspace', source: 'workspace' });
  });
});
