// Text of models and analysers, made safe to show.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { cleanMessage } from '../../../daemon/base/clean-text.ts';

describe('a message', () => {
  it('loses control, bidi and tag characters', () =>
    assert.equal(cleanMessage('a\u001b[2J\u202Eb\u{E0041}\u200Bc\nd', 100), 'a[2Jbc d'));
  it('is cut with a sign, never inside a character', () => assert.equal(cleanMessage('ab😀😀', 4), 'ab…'));
});
