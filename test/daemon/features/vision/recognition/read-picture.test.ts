// Real Tesseract on screenshots that are here: code in light and dark themes, with guides and highlights, a line, and prose. `npm run bench
// -- ocr` measures forty that a browser renders.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'mocha';
import { decodePicture } from '../../../../../daemon/features/vision/decode/decode.ts';
import { Engine } from '../../../../../daemon/features/vision/recognition/engine.ts';
import { languageData } from '../../../../../daemon/features/vision/recognition/languages.ts';
import { readPicture } from '../../../../../daemon/features/vision/recognition/read-picture.ts';
import { scoreOf } from '../../../../bench/vision/score.ts';

interface Member {
  name: string;
  what: string;
  /** Percent of its characters that may be misread. */
  maxErrors: number;
  minIndented: number;
}

const members: readonly Member[] = [
  { name: 'light-12', what: 'dark on light, small', maxErrors: 2, minIndented: 100 },
  { name: 'dark-14', what: 'light on dark', maxErrors: 2, minIndented: 100 },
  {
    name: 'guides-14',
    what: 'with indentation guides, a current line, and a selection',
    maxErrors: 8,
    minIndented: 90,
  },
  { name: 'one-line', what: 'a line alone', maxErrors: 0, minIndented: 100 },
  { name: 'prose-16', what: 'prose in another font', maxErrors: 1, minIndented: 100 },
];

const file = (name: string): Buffer => readFileSync(new URL(`./pictures/${name}`, import.meta.url));

describe('the text of a picture', () => {
  let engine: Engine;

  before(async () => {
    engine = await Engine.start(await languageData(['eng']));
  });

  for (const { name, what, maxErrors, minIndented } of members)
    it(`is read, and stands where it stood: ${what}`, async () => {
      const expected = file(`${name}.txt`).toString().trimEnd();
      const lines = readPicture(await decodePicture(file(`${name}.png`)), engine);
      const read = lines.map(({ text }) => text).join('\n');
      const { errors, characters, indented, lines: count } = scoreOf(expected, read);
      assert.ok((100 * errors) / characters <= maxErrors, `${errors} of ${characters} characters:\n${read}`);
      assert.ok((100 * indented) / count >= minIndented, `${indented} of ${count} lines:\n${read}`);
    });

  it('has a place and a confidence for each line', async () => {
    const [line, ...more] = readPicture(await decodePicture(file('one-line.png')), engine);
    assert.equal(more.length, 0);
    assert.ok(line && line.confidence > 0.8 && line.confidence <= 1, `${line?.confidence}`);
    const { left, top, width, height } = line.box;
    assert.ok(
      left > 8 && left < 16 && top < 12 && width > 380 && width < 440 && height >= 14,
      JSON.stringify(line.box),
    );
  });

  const picture = (width: number, height: number, rgba: (x: number, y: number) => readonly number[]) => ({
    width,
    height,
    rgba: Uint8Array.from(
      Array.from({ length: width * height }, (_, at) => rgba(at % width, Math.floor(at / width))).flat(),
    ),
  });
  for (const [what, grid] of [
    ['nothing but white', picture(60, 40, () => [255, 255, 255, 255])],
    ['one pixel', picture(1, 1, () => [0, 0, 0, 255])],
    ['all transparent', picture(60, 40, () => [0, 0, 0, 0])],
    ['a gradient', picture(300, 60, (x) => [x % 256, x % 256, x % 256, 255])],
    [
      'a filled box',
      picture(200, 100, (x, y) => (x > 40 && x < 160 && y > 20 && y < 80 ? [0, 0, 0, 255] : [255, 255, 255, 255])),
    ],
  ] as const)
    it(`is empty where there is none: ${what}`, () => {
      assert.equal(
        readPicture(grid, engine)
          .map(({ text }) => text)
          .join('')
          .trim(),
        '',
      );
    });

  it('is that of white letters on nothing', async () => {
    const grid = await decodePicture(file('one-line.png'));
    const rgba = new Uint8Array(grid.rgba.length);
    for (let at = 0; at < rgba.length; at += 4) rgba.set([255, 255, 255, 255 - (grid.rgba[at] ?? 0)], at);
    const [line] = readPicture({ ...grid, rgba }, engine);
    assert.equal(line?.text, file('one-line.txt').toString().trimEnd());
  });
});
