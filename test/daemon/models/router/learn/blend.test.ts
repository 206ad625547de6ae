// What is learned from texts: that it ranks unseen ones rightly, remembers at once, and comes back from storage the same.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { finish, fitBlend, restoreBlend, type StoredBlend } from '../../../../../daemon/models/router/learn/blend.ts';
import { featuresOf } from '../../../../../daemon/models/router/learn/features.ts';
import { createRandom } from '../../../../../daemon/models/router/learn/random.ts';
import { shapeNames } from '../../../../../daemon/models/router/learn/shape.ts';
import { madePrompts } from './made-prompts.ts';

const samples = madePrompts(300).map(({ text, weak }) => ({ text: featuresOf(text), target: weak }));
const sum = featuresOf('What is 512 + 388 * 245?\nA. 771\nB. 205');
const capital = featuresOf('Name the capital of "Spain", please.\nA. one city\nB. another');
const other = featuresOf('Write a short poem about autumn leaves and rain');

describe('the learned blend', () => {
  it('tells texts apart that it has not seen', () => {
    const blend = finish(fitBlend(samples));
    assert.ok(blend.predict(capital) - blend.predict(sum) > 0.4);
  });

  it('remembers outcomes at once for when the same is asked again, and for nothing else', () => {
    const blend = finish(fitBlend(samples));
    const before = blend.predict(sum);
    for (let i = 0; i < 10; i++) blend.add({ text: sum, target: 1 });
    assert.ok(blend.predict(sum) > before + 0.2);
    assert.equal(blend.predict(other), finish(fitBlend(samples)).predict(other));
  });

  it('is the same each time it is fitted, and when it comes back from storage', () => {
    const blend = finish(fitBlend(samples));
    assert.equal(finish(fitBlend(samples)).predict(sum), blend.predict(sum));
    const restored = restoreBlend(JSON.parse(JSON.stringify(blend)) as StoredBlend, samples);
    assert.ok(Math.abs(restored.predict(sum) - blend.predict(sum)) < 1e-6);
  });

  it('steps back to words alone where shape and neighbours predict worse', () => {
    assert.equal(finish(fitBlend(samples)).wordsAlone, false);
    const random = createRandom(3);
    const pick = (list: string[]): string => list[Math.floor(random() * list.length)] ?? '';
    const noise = 'please now again quickly today maybe here there soon later once twice'.split(' ');
    const misleading = Array.from({ length: 400 }, () => {
      const isParser = random() < 0.5;
      const subject = pick(isParser ? ['parser', 'lexer', 'token'] : ['socket', 'packet', 'router']);
      const text = `about the ${subject} ${Array.from({ length: 30 }, () => pick(noise)).join(' ')}`;
      return { text: featuresOf(text), target: Number(random() < 0.1 ? !isParser : isParser) };
    });
    const blend = finish(fitBlend(misleading));
    assert.equal(blend.wordsAlone, true);
    const [parser, packet] = ['about the parser again', 'about the packet again'].map(featuresOf);
    assert.ok(parser && packet && blend.predict(parser) - blend.predict(packet) > 0.4);
    assert.equal(restoreBlend(JSON.parse(JSON.stringify(blend)) as StoredBlend, misleading).wordsAlone, true);
  });

  it('learns from nothing without a fault', () => {
    assert.equal(finish(fitBlend([])).predict(sum), 0);
    assert.equal(finish(fitBlend([{ text: sum, target: 1 }])).predict(capital), 1);
  });
});

describe('the features of a text', () => {
  it('are numbers alone, each hash once, with every number of the shape', () => {
    const { hashes, counts, shape } = featuresOf('The cat saw the cat.');
    assert.equal(new Set(hashes).size, hashes.length);
    assert.equal(counts.length, hashes.length);
    assert.equal(shape.length, shapeNames.length);
  });

  it('do not depend on letters being large or small', () => {
    const shared = (a: string, b: string): number =>
      featuresOf(a).hashes.filter((hash) => new Set(featuresOf(b).hashes).has(hash)).length;
    assert.ok(shared('Sorting Algorithms', 'sorting algorithms') >= 5);
  });

  for (const text of ['', '\n\n', '漢字かな交じり文', '\u0000\ud800', 'x'.repeat(100_000)]) {
    it(`are finite for ${JSON.stringify(text.slice(0, 12))}`, () =>
      assert.ok(featuresOf(text).shape.every(Number.isFinite)));
  }
});
