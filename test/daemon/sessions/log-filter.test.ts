// A session that asks for the log reads its own profile's lines and the daemon's plain facts, and of others nothing.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import { lineFor } from '../../../daemon/sessions/log-filter.ts';

const shop = resolve('/shop');
const reader = { id: 1, profile: 'p', roots: [pathToFileURL(shop).href, 'untitled:x'] };
const line = { level: 'info' as const, time: 'T', message: 'it happened', details: { model: 'lab/x', pid: 7 } };

describe('a line of the log', () => {
  it('of the session or its profile is shown whole', () => {
    const whole = 'T it happened {"model":"lab/x","pid":7}';
    for (const writer of [reader, { ...reader, profile: undefined }, { id: 2, profile: 'p', roots: [] }])
      assert.equal(lineFor(reader, writer, line), whole);
  });

  it('of another profile, or of a session whose profile is not known yet, is not there', () => {
    for (const writer of [
      { id: 2, profile: 'q', roots: [] },
      { id: 2, profile: undefined, roots: [] },
    ])
      assert.equal(lineFor(reader, writer, line), undefined);
    assert.equal(lineFor({ ...reader, profile: undefined }, { id: 2, profile: undefined, roots: [] }, line), undefined);
  });

  it('of the daemon itself comes without what it was about', () => {
    assert.equal(lineFor(reader, undefined, line), 'T it happened {"pid":7}');
    assert.equal(lineFor(reader, undefined, { ...line, details: { root: shop } }), 'T it happened');
  });

  it('about a folder is shown whole where the session works in it', () => {
    const about = (root: unknown) => lineFor(reader, reader, { ...line, details: { root, error: 'e' } });
    assert.deepEqual(
      [about(shop), about(resolve('/other')), about(7)],
      [`T it happened ${JSON.stringify({ root: shop, error: 'e' })}`, 'T it happened', 'T it happened'],
    );
  });
});
