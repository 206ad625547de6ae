// What the user has always allowed, as VS Code lists it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { allowedByFolder } from '../../../extension/agent/allowed-rows.ts';

const now = Date.UTC(2026, 0, 10);
const day = 24 * 3600 * 1000;

describe('what is always allowed', () => {
  it('is listed by folder, with what it is bound to and its age', () => {
    const scripts = 'Only as long as unchanged: total.test.mjs (SHA-256 0123456789ab…).';
    const allowed = [
      {
        id: 'a',
        root: 'file:///shop',
        kind: 'run',
        text: `Run node --test total.test.mjs in tools? The network is off. ${scripts}`,
        allowedAt: now - 3 * day,
      },
      { id: 'b', root: 'file:///other', kind: 'edit', text: 'Change src/a.ts?', allowedAt: now - 30_000 },
      { id: 'c', root: 'file:///shop', kind: 'mcp', text: 'Call notes.add $(check)', allowedAt: now - 400 * day },
    ];
    const folders = allowedByFolder(allowed, { now });
    assert.deepEqual(
      folders.map(({ root, rows }) => [
        root,
        ...rows.map(({ label, description, detail }) => [label, description, detail]),
      ]),
      [
        [
          'file:///shop',
          ['$(terminal) Run node --test total.test.mjs in tools', '3 days ago', `The network is off. ${scripts}`],
          ['$(plug) Call notes.add $ (check)', '1 year ago', ''],
        ],
        ['file:///other', ['$(edit) Change src/a.ts', 'just now', '']],
      ],
    );
    assert.equal(folders[0]?.rows[0]?.thing, allowed[0]);
  });
});
