// Pictures of every kind, decoded to the pixels that were put into them, and broken ones.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { decodePicture, preparePicture } from '../../../../daemon/features/vision/decode/decode.ts';
import { DamagedPicture } from '../../../../daemon/features/vision/decode/grid.ts';
import { decodePng } from '../../../../daemon/features/vision/decode/png.ts';
import { encodeWebp } from '../../../../daemon/features/vision/decode/webp.ts';
import type { PictureGrid } from '../../../../daemon/features/vision/pictures.ts';
import { readPictureHeader } from '../../../../shared/pictures.ts';
import { randomNumbers } from '../../../fakes/gguf-file.ts';
import { gif } from '../../../fakes/pictures/gif.ts';
import { type JpegOptions, jpeg } from '../../../fakes/pictures/jpeg.ts';
import { type PngOptions, png, pngHeader } from '../../../fakes/pictures/png.ts';
import { animatedWebp } from '../../../fakes/pictures/webp.ts';

function pixelAt({ width, rgba }: PictureGrid, x: number, y: number): number[] {
  return [...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
}

/** Compares every pixel; `near` where a format loses a little. */
function assertPixels(grid: PictureGrid, expected: (x: number, y: number) => readonly number[], near = 0): void {
  for (let y = 0; y < grid.height; y++)
    for (let x = 0; x < grid.width; x++) {
      const [seen, wanted] = [pixelAt(grid, x, y), expected(x, y)];
      const isNear = seen.every((value, channel) => Math.abs(value - (wanted[channel] ?? 0)) <= near);
      assert.ok(isNear, `at ${x}, ${y}: ${seen.join()} for ${wanted.join()}`);
    }
}

const shades = (depth: number) => (x: number, y: number) => (x * 7 + y * 13) % 2 ** depth;
/** As 8 bits: of 16 the upper ones, of fewer their share. */
const shown = (value: number, depth: number) =>
  depth === 16 ? value >> 8 : Math.floor((value * 255) / (2 ** depth - 1));

const kinds: readonly { colorType: PngOptions['colorType']; depths: readonly PngOptions['depth'][] }[] = [
  { colorType: 0, depths: [1, 2, 4, 8, 16] },
  { colorType: 2, depths: [8, 16] },
  { colorType: 3, depths: [1, 2, 4, 8] },
  { colorType: 4, depths: [8, 16] },
  { colorType: 6, depths: [8, 16] },
];
const palette = Array.from({ length: 256 * 3 }, (_, place) => (place * 31) % 256);

/** A picture of a kind, and what is to be seen of it. */
function pngOf(colorType: PngOptions['colorType'], depth: PngOptions['depth'], isInterlaced: boolean) {
  const of = (channel: number) => (x: number, y: number) => shades(depth)(x + channel * 3, y);
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colorType];
  const pixel = (x: number, y: number) => Array.from({ length: channels }, (_, channel) => of(channel)(x, y));
  const expected = (x: number, y: number): number[] => {
    const samples = pixel(x, y).map((value) => shown(value, depth));
    const [first = 0, second = 0, third = 0, fourth = 0] = samples;
    if (colorType === 3) {
      const index = of(0)(x, y);
      return [...palette.slice(index * 3, index * 3 + 3), 255];
    }
    if (colorType === 0 || colorType === 4) return [first, first, first, colorType === 4 ? second : 255];
    return [first, second, third, colorType === 6 ? fourth : 255];
  };
  const colors = colorType === 3 ? { palette: palette.slice(0, 3 * 2 ** depth) } : {};
  return { file: png({ width: 21, height: 19, colorType, depth, isInterlaced, pixel, ...colors }), expected };
}

describe('a PNG', () => {
  for (const { colorType, depths } of kinds)
    for (const depth of depths)
      for (const isInterlaced of [false, true])
        it(`of color type ${colorType} and ${depth} bits${isInterlaced ? ', interlaced,' : ''} is read exactly`, async () => {
          const { file, expected } = pngOf(colorType, depth, isInterlaced);
          const grid = await decodePicture(file);
          assert.deepEqual([grid.width, grid.height], [21, 19]);
          assertPixels(grid, expected, depth < 8 ? 1 : 0);
        });

  it('of one pixel is read, interlaced too', async () => {
    for (const isInterlaced of [false, true]) {
      const file = png({ width: 1, height: 1, colorType: 2, depth: 8, isInterlaced, pixel: () => [1, 2, 3] });
      assertPixels(await decodePicture(file), () => [1, 2, 3, 255]);
    }
  });

  const pixel = (x: number) => [x % 4];
  const transparent: readonly [name: string, options: Omit<PngOptions, 'width' | 'height'>, opacities: number[]][] = [
    [
      'a palette',
      { colorType: 3, depth: 2, palette: palette.slice(0, 12), transparency: [0, 128], pixel },
      [0, 128, 255, 255],
    ],
    ['a gray', { colorType: 0, depth: 2, transparency: [0, 3], pixel }, [255, 255, 255, 0]],
    [
      'a color',
      { colorType: 2, depth: 8, transparency: [0, 2, 0, 2, 0, 2], pixel: (x) => [x % 4, x % 4, x % 4] },
      [255, 255, 0, 255],
    ],
  ];

  for (const [name, options, opacities] of transparent)
    it(`that names ${name} as transparent has it so`, async () => {
      const grid = await decodePicture(png({ width: 4, height: 1, ...options }));
      assert.deepEqual(
        [0, 1, 2, 3].map((x) => pixelAt(grid, x, 0)[3]),
        opacities,
      );
    });
});

describe('a JPEG', () => {
  const grays = [40, 80, 120, 160, 200, 240];
  const blocks: JpegOptions = {
    columns: 3,
    rows: 2,
    components: 1,
    block: (column, row) => [grays[row * 3 + column] ?? 0],
  };
  /** What stands where, in blocks, when the picture is seen as its camera was held. */
  const seen: Record<number, number[][]> = {
    1: [
      [0, 1, 2],
      [3, 4, 5],
    ],
    2: [
      [2, 1, 0],
      [5, 4, 3],
    ],
    3: [
      [5, 4, 3],
      [2, 1, 0],
    ],
    4: [
      [3, 4, 5],
      [0, 1, 2],
    ],
    5: [
      [0, 3],
      [1, 4],
      [2, 5],
    ],
    6: [
      [3, 0],
      [4, 1],
      [5, 2],
    ],
    7: [
      [5, 2],
      [4, 1],
      [3, 0],
    ],
    8: [
      [2, 5],
      [1, 4],
      [0, 3],
    ],
  };

  for (const [orientation, rows] of Object.entries(seen))
    it(`of orientation ${orientation} is turned as it is seen`, async () => {
      const grid = await decodePicture(jpeg({ ...blocks, orientation: Number(orientation) }));
      assert.deepEqual([grid.width, grid.height], [(rows[0]?.length ?? 0) * 8, rows.length * 8]);
      const grayAt = (x: number, y: number): number => grays[rows[y >> 3]?.[x >> 3] ?? 0] ?? 0;
      assertPixels(grid, (x, y) => [grayAt(x, y), grayAt(x, y), grayAt(x, y), 255], 2);
    });

  it('that is progressive is read as one that is not', async () => {
    const grid = await decodePicture(jpeg({ ...blocks, isProgressive: true }));
    assertPixels(grid, (x, y) => [...new Array<number>(3).fill(grays[(y >> 3) * 3 + (x >> 3)] ?? 0), 255], 2);
  });

  it('in color is read', async () => {
    const red = jpeg({ columns: 2, rows: 2, components: 3, block: () => [76, 85, 255] });
    assertPixels(await decodePicture(red), () => [255, 0, 0, 255], 3);
  });

  it('in CMYK, as print shops send it, is read', async () => {
    const inverted = (cyan: number, magenta: number, yellow: number, black: number) =>
      jpeg({
        columns: 2,
        rows: 1,
        components: 4,
        block: () => [255 - cyan, 255 - magenta, 255 - yellow, 255 - black],
      });
    assertPixels(await decodePicture(inverted(0, 255, 255, 0)), () => [255, 0, 0, 255], 3);
    assertPixels(await decodePicture(inverted(0, 0, 0, 0)), () => [255, 255, 255, 255], 3);
    assertPixels(await decodePicture(inverted(0, 0, 0, 255)), () => [0, 0, 0, 255], 3);
  });
});

describe('a GIF', () => {
  const colors = palette.slice(0, 256 * 3);
  const color = (index: number): number[] => [...colors.slice(index * 3, index * 3 + 3), 255];
  const noise = (x: number, y: number): number => (x * x * 7 + y * 131 + ((x * y) % 17)) % 256;

  it('is read, through a table that begins anew', async () => {
    const frame = { width: 150, height: 90, pixel: noise };
    const grid = await decodePicture(gif({ width: 150, height: 90, palette: colors, frames: [frame] }));
    assertPixels(grid, (x, y) => color(noise(x, y)));
  });

  it('that is interlaced is read', async () => {
    const frame = { width: 20, height: 21, isInterlaced: true, pixel: noise };
    const grid = await decodePicture(gif({ width: 20, height: 21, palette: colors, frames: [frame] }));
    assertPixels(grid, (x, y) => color(noise(x, y)));
  });

  it('that moves shows its first frame at its place, and nothing where that has nothing', async () => {
    const first = { left: 2, top: 1, width: 3, height: 2, hidden: 9, pixel: (x: number) => (x === 0 ? 9 : 5) };
    const second = { width: 6, height: 4, pixel: () => 7 };
    const file = gif({ width: 6, height: 4, palette: colors, frames: [first, second] });
    const isSeen = (x: number, y: number): boolean => x >= 3 && x < 5 && y >= 1 && y < 3;
    assertPixels(await decodePicture(file), (x, y) => (isSeen(x, y) ? color(5) : [0, 0, 0, 0]));
    assert.equal((await preparePicture(file)).isAnimated, true);
  });
});

/** Half transparent on the right. */
const sample: PictureGrid = {
  width: 32,
  height: 16,
  rgba: Uint8Array.from(
    { length: 32 * 16 * 4 },
    (_, place) => [200, 60, 20, (place >> 2) % 32 < 16 ? 255 : 128][place & 3] ?? 0,
  ),
};

describe('a WebP', () => {
  const expected = (x: number) => [200, 60, 20, x < 16 ? 255 : 128];

  it('that is lossy is read, with its opacity', async () => {
    assertPixels(await decodePicture(await encodeWebp(sample, { quality: 90 })), expected, 12);
  });

  it('that is lossless is read exactly', async () => {
    assertPixels(await decodePicture(await encodeWebp(sample, { lossless: 1, exact: 1 })), expected);
  });

  it('that moves shows its first frame at its place', async () => {
    for (const options of [{ quality: 90 }, { lossless: 1, exact: 1 }]) {
      const file = await encodeWebp(sample, options);
      const frames = [
        { left: 4, top: 2, width: 32, height: 16, file },
        { left: 0, top: 0, width: 32, height: 16, file },
      ];
      const grid = await decodePicture(animatedWebp({ width: 40, height: 20 }, frames));
      assert.deepEqual([grid.width, grid.height], [40, 20]);
      assert.deepEqual(pixelAt(grid, 3, 3), [0, 0, 0, 0]);
      const [red = 0, , , opacity] = pixelAt(grid, 6, 6);
      assert.ok(Math.abs(red - 200) < 12 && opacity === 255);
    }
  });
});

describe('a broken picture', () => {
  const gray = {
    width: 40,
    height: 40,
    colorType: 0,
    depth: 8,
    pixel: (x: number, y: number) => [(x * y) % 256],
  } as const;
  const whole = png(gray);
  const photo = jpeg({ columns: 20, rows: 20, components: 1, block: (x, y) => [(x * 9 + y * 5) % 256] });
  const moving = gif({
    width: 60,
    height: 60,
    palette,
    frames: [{ width: 60, height: 60, pixel: (x, y) => (x * y) % 256 }],
  });
  const broken: readonly [name: string, file: Buffer | Promise<Buffer>][] = [
    ['PNG with a wrong checksum', png(gray, true)],
    ['PNG that was cut off', whole.subarray(0, whole.length - 100)],
    [
      'PNG that says to be larger than its pixels',
      Buffer.concat([pngHeader({ ...gray, height: 4000 }), whole.subarray(33)]),
    ],
    [
      'PNG that says to be smaller than its pixels',
      Buffer.concat([pngHeader({ ...gray, height: 4 }), whole.subarray(33)]),
    ],
    [
      'PNG of a color type that there is not',
      Buffer.concat([pngHeader({ ...gray, colorType: 5 as 4 }), whole.subarray(33)]),
    ],
    [
      'PNG of a depth that its color type does not have',
      Buffer.concat([pngHeader({ ...gray, depth: 3 as 4 }), whole.subarray(33)]),
    ],
    ['PNG that names a color outside of its palette', png({ ...gray, colorType: 3, palette: [0, 0, 0] })],
    ['JPEG that was cut off', photo.subarray(0, photo.length - 60)],
    ['JPEG with another end', Buffer.concat([photo.subarray(0, photo.length - 60), Buffer.from('the end')])],
    ['GIF that was cut off', moving.subarray(0, moving.length - 400)],
    ['GIF without a frame', Buffer.concat([moving.subarray(0, 13 + 768), Buffer.from([0x3b])])],
    ['WebP that was cut off', encodeWebp(sample, { lossless: 1 }).then((file) => file.subarray(0, file.length - 20))],
  ];

  for (const [name, file] of broken)
    it(`is told as such: a ${name}`, async () => {
      await assert.rejects(decodePicture(await file), DamagedPicture);
    });

  it('is told as such wherever a byte of it is another', async () => {
    for (const kind of [whole, photo, moving, await encodeWebp(sample, { quality: 80 })])
      for (let at = 0; at < kind.length; at += Math.ceil(kind.length / 150)) {
        const file = Buffer.from(kind);
        file[at] = (file[at] ?? 0) ^ 0x55;
        const header = readPictureHeader(file);
        if (!header || header.width * header.height > 1_000_000) continue;
        await decodePicture(file).catch((error: unknown) => assert.ok(error instanceof DamagedPicture, String(error)));
      }
  });
});

describe('a picture for a model', () => {
  const noisy = (x: number, y: number) => [(x * x + y * 7) % 256, (x + y * y) % 256, (x * y) % 256];

  it('is a PNG with the same pixels where it is small, without metadata', async () => {
    const file = png({ width: 30, height: 20, colorType: 2, depth: 8, pixel: noisy });
    const { image, facts } = await preparePicture(file);
    assert.equal(image.mediaType, 'image/png');
    const sent = Buffer.from(image.data, 'base64');
    assertPixels(decodePng(sent), (x, y) => [...noisy(x, y), 255]);
    assert.equal(sent.includes('taken at home'), false);
    assert.deepEqual([facts.width, facts.height, facts.sizeBytes, image.hash], [30, 20, file.length, facts.hash]);
  });

  it('is scaled to a longest edge of 1,568 pixels, each the mean of those it stands for', async () => {
    const halves = png({ width: 3136, height: 20, colorType: 0, depth: 8, pixel: (x) => [x % 2 === 0 ? 100 : 140] });
    const { image, facts } = await preparePicture(halves);
    assert.deepEqual([image.width, image.height, facts.width, facts.height], [1568, 10, 3136, 20]);
    assertPixels(decodePng(Buffer.from(image.data, 'base64')), () => [120, 120, 120, 255], 1);
  });

  it('that is a photograph is a JPEG, turned, without its EXIF', async () => {
    const photo = jpeg({ columns: 4, rows: 2, components: 1, orientation: 6, block: (x) => [x * 60] });
    const { image, facts } = await preparePicture(photo);
    assert.equal(image.mediaType, 'image/jpeg');
    const sent = Buffer.from(image.data, 'base64');
    assert.partialDeepStrictEqual(readPictureHeader(sent), { width: 16, height: 32, orientation: 1 });
    assert.equal(sent.includes('Exif'), false);
    assert.deepEqual([facts.width, facts.height], [16, 32]);
  });

  it('is within what providers take, however little it can be compressed', async () => {
    const random = randomNumbers(1);
    const byte = (): number => Math.floor(random() * 256);
    const { image } = await preparePicture(
      png({ width: 1568, height: 1000, colorType: 2, depth: 8, pixel: () => [byte(), byte(), byte()] }),
    );
    assert.ok(image.data.length < 5_000_000, `${image.data.length}`);
  });

  it('has a thumbnail of at most 8 kB, in another format than any that a camera writes', async () => {
    for (const [width, height] of [
      [1, 1],
      [3000, 2],
      [2, 3000],
      [900, 700],
    ] as const) {
      const { facts } = await preparePicture(png({ width, height, colorType: 2, depth: 8, pixel: noisy }));
      assert.match(facts.thumbnail, /^data:image\/webp;base64,/);
      assert.ok(facts.thumbnail.length <= 8192, `${facts.thumbnail.length}`);
      const small = await decodePicture(Buffer.from(facts.thumbnail.split(',')[1] ?? '', 'base64'));
      assert.ok(Math.max(small.width, small.height) <= 160);
    }
  });
});
