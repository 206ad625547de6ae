// What a question is about, and what of a long message is told for it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hasAny, passage, wordsOf } from '../../../../../daemon/features/chat/history-window/passage.ts';

describe('the words of a question', () => {
  it('are what it is about, once and in lower case', () => {
    assert.deepEqual(wordsOf('What was the port of the staging server, and which Port is free?'), [
      'port',
      'staging',
      'server',
      'free',
    ]);
    assert.deepEqual(wordsOf('Thanks, ok!'), []);
    assert.deepEqual(wordsOf('Wie heißt die Größe?'), ['wie', 'heißt', 'die', 'größe']);
    assert.equal(hasAny('The PORT is 80', ['port']), true);
    assert.equal(hasAny('The reporter', ['port']), false);
  });
});

describe('a passage', () => {
  it('is the whole of a short text, and the densest part of a long one with marks where it was cut', () => {
    assert.equal(passage('short', ['x'], 100), 'short');
    const text = `${'one '.repeat(100)}alpha ${'two '.repeat(100)}\nalpha beta here ${'three '.repeat(100)}`;
    const shown = passage(text, ['alpha', 'beta'], 80);
    assert.match(shown, /^….*alpha beta here.*…$/s);
    assert.ok(shown.length <= 80);
    assert.match(passage(text, [], 80), /^one one .*…$/);
  });

  it('never holds more than it may, and no half of a character', () => {
    for (let most = 0; most < 60; most++) {
      for (const text of ['😀'.repeat(50), 'é'.repeat(100), `${'x'.repeat(70)} alpha ${'y'.repeat(70)}`]) {
        const shown = passage(text, ['alpha'], most);
        assert.ok(
          shown.length <= Math.max(most, 2) && shown.isWellFormed() && !shown.includes('\uFFFD'),
          `${most}: ${shown}`,
        );
      }
    }
  });
});
