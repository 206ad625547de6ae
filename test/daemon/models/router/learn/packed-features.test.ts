// Features of a text as they are stored: nothing of them is lost, and they are small.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { featuresOf } from '../../../../../daemon/models/router/learn/features.ts';
import { packFeatures, unpackFeatures } from '../../../../../daemon/models/router/learn/packed-features.ts';
import { madePrompts } from './made-prompts.ts';

const texts = {
  'an empty text': '',
  'one word': 'hello',
  'a question': 'Why does `npm ci` fail with EACCES in CI, and what do I change in .npmrc?',
  'a word a thousand times': 'again '.repeat(1000),
  'choices and numbers': '1) 3.5 %\n2) 1,000,000\n3) -7\nWhich of the following is NOT right? "A", (b), c-d: 1984',
  'other scripts': '为什么缓存会丢失条目？ Почему? なぜですか。 🦄 ß İ',
  'more than is read': madePrompts(200)
    .map(({ text }) => text)
    .join('\n'),
};

describe('packed features', () => {
  for (const [what, text] of Object.entries(texts))
    it(`of ${what} are the same when they are unpacked, and a third of their JSON at most`, () => {
      const features = featuresOf(text);
      const packed = packFeatures(features);
      assert.deepEqual(unpackFeatures(packed), features);
      assert.ok(packed.length <= JSON.stringify(features).length / 3, `${packed.length} bytes`);
    });

  it('that were cut or changed are features all the same', () => {
    const packed = packFeatures(featuresOf(texts['a question']));
    for (const damaged of [packed.slice(0, 9), packed.replaceAll('A', '/'), '', '////'])
      assert.equal(typeof unpackFeatures(damaged).hashes.length, 'number');
  });
});
