// What the user says of a folder, as a client sends it.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import { handleTrustSet } from '../../../daemon/handlers/trust.ts';
import { openTestStorage, testFolder } from '../storage/open-storage.ts';

describe('the trust of a folder', () => {
  it('that ends takes back what was allowed there for good, in every profile', async () => {
    using folder = testFolder();
    await using storage = openTestStorage(folder.database);
    const { id } = await storage.profiles.create({ name: 'other' });
    const profiles = [storage, storage.in(id)];
    const approval = { root: folder.path, identity: 'x', kind: 'run', text: 'Run npm test?' };
    for (const { approvals } of profiles) await approvals.add(approval);
    const set = (trusted: boolean) => {
      const root = pathToFileURL(folder.path).href;
      const trust = { set: async () => ({ root, trusted }) };
      return handleTrustSet({ root, trusted }, { services: { trust, storage } } as unknown as Parameters<
        typeof handleTrustSet
      >[1]);
    };
    await set(true);
    assert.ok(await storage.approvals.has(folder.path, 'x'));
    await set(false);
    for (const { approvals } of profiles) assert.deepEqual(await approvals.list(), []);
  });
});
