// What counts as taking a key away. The editors' tests hold our keys against VS Code's own.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { keyClashes } from '../editors/harness/vscode/key-clashes.ts';

describe('a keybinding', () => {
  const rows: [what: string, ours: string, theirs: string, clashes: boolean][] = [
    ['clashes with the same key', 'ctrl+alt+y', 'ctrl+alt+y', true],
    ['clashes with it in another order', 'alt+ctrl+y', 'ctrl+alt+y', true],
    ['clashes with what begins its chord', 'ctrl+alt+y c', 'ctrl+alt+y', true],
    ['clashes with a chord that it begins', 'ctrl+k', 'ctrl+k ctrl+s', true],
    ['stands beside another chord', 'ctrl+alt+y c', 'ctrl+alt+y d', false],
    ['stands beside another key', 'ctrl+alt+y', 'ctrl+y', false],
  ];
  for (const [what, ours, theirs, clashes] of rows)
    it(what, () => {
      const found = keyClashes([{ key: ours, command: 'own' }], [{ key: theirs, command: 'other' }]);
      assert.deepEqual(found, clashes ? [`own: other (${theirs})`] : []);
    });
});
