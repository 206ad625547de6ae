// What an editor says of its network when it connects, and what the user is told about it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DaemonDoctor, DaemonStatus } from '../../shared/protocol/daemon.ts';
import { KeysSet } from '../../shared/protocol/keys.ts';
import { ModelsList } from '../../shared/protocol/models.ts';
import { startAlone } from './alone.ts';

describe("an editor's network settings", () => {
  it('never switch the check of certificates off, and the user is told; hosts that were refused are shown', async () => {
    await using alone = startAlone();
    const { client } = alone;
    await client.initialize({ name: 'lax editor', switchyard: { strictCertificates: false, localOnly: true } });
    await client.call(KeysSet, { provider: 'groq', key: 'sk-never-sent' });
    await client.call(ModelsList, { refresh: true });
    const { checks } = await client.call(DaemonDoctor, {});
    const { ok, detail, fix } = checks.find(({ name }) => name === 'network') ?? {};
    assert.equal(ok, false);
    assert.match(detail ?? '', /api\.groq\.com \(\d+, \d+ refused\)/);
    assert.match(fix ?? '', /^lax editor turns certificate checks off .*Switchyard ignores that and always checks/);
    const { hosts } = await client.call(DaemonStatus, {});
    const groq = hosts.find(({ host }) => host === 'api.groq.com');
    assert.ok(groq && groq.requests > 0 && groq.refused === groq.requests);
  });
});
