// What is known of a picture before anything of it is decoded, and what is refused for it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { maxPictureBytes, pictureRefusal, readPictureHeader } from '../../../../shared/pictures.ts';
import { gif } from '../../../fakes/pictures/gif.ts';
import { jpeg } from '../../../fakes/pictures/jpeg.ts';
import { png, pngChunk, pngHeader } from '../../../fakes/pictures/png.ts';
import { animatedWebp, webpChunk, webpFile } from '../../../fakes/pictures/webp.ts';

const dot = () => [0];
const grayJpeg = { columns: 3, rows: 2, components: 1, block: dot } as const;
const frame = { width: 4, height: 5, pixel: () => 0 };
const smallPng = { width: 6, height: 7, colorType: 0, depth: 8, pixel: dot } as const;

/** The beginning of a lossy and of a lossless file. */
function lossy(width: number, height: number): Buffer {
  const body = Buffer.alloc(20);
  body.set([0, 0, 0, 0x9d, 0x01, 0x2a]);
  body.writeUInt16LE(width, 6);
  body.writeUInt16LE(height, 8);
  return webpFile(webpChunk('VP8 ', body));
}

function lossless(width: number, height: number): Buffer {
  const body = Buffer.alloc(20);
  body[0] = 0x2f;
  body.writeUInt32LE(width - 1 + (height - 1) * 0x4000, 1);
  return webpFile(webpChunk('VP8L', body));
}

function hugeGif(): Buffer {
  const file = gif({ width: 4, height: 5, palette: [0, 0, 0, 1, 1, 1], frames: [frame] });
  file.writeUInt16LE(40_000, 6);
  file.writeUInt16LE(40_000, 8);
  return file;
}

/** Its canvas is small, and its frame isn't. */
function swollenGif(): Buffer {
  const file = gif({ width: 4, height: 5, palette: [0, 0, 0, 1, 1, 1], frames: [frame] });
  const image = file.indexOf(0x2c, 13 + 6);
  file.writeUInt16LE(60_000, image + 5);
  file.writeUInt16LE(60_000, image + 7);
  return file;
}

function hugeJpeg(): Buffer {
  const file = jpeg(grayJpeg);
  const header = file.indexOf(Buffer.from([0xff, 0xc0]));
  file.writeUInt16BE(40_000, header + 5);
  file.writeUInt16BE(40_000, header + 7);
  return file;
}

describe("a picture's header", () => {
  const known: readonly [name: string, file: Buffer, expected: object][] = [
    ['a PNG', png(smallPng), { mediaType: 'image/png', width: 6, height: 7, isAnimated: false }],
    [
      'an animated PNG',
      Buffer.concat([pngHeader(smallPng), pngChunk('acTL', Buffer.alloc(8)), png(smallPng).subarray(33)]),
      { mediaType: 'image/png', isAnimated: true },
    ],
    ['a JPEG', jpeg(grayJpeg), { mediaType: 'image/jpeg', width: 24, height: 16, orientation: 1 }],
    ['a progressive JPEG', jpeg({ ...grayJpeg, isProgressive: true }), { width: 24, height: 16 }],
    ['a JPEG that lies on its side', jpeg({ ...grayJpeg, orientation: 6 }), { width: 24, height: 16, orientation: 6 }],
    [
      'one whose EXIF begins with the lowest byte',
      jpeg({ ...grayJpeg, orientation: 8, isLittleEndian: true }),
      { orientation: 8 },
    ],
    [
      'a GIF',
      gif({ width: 9, height: 8, palette: [0, 0, 0, 1, 1, 1], frames: [frame] }),
      { mediaType: 'image/gif', width: 9, height: 8, isAnimated: false },
    ],
    [
      'an animated GIF',
      gif({ width: 9, height: 8, palette: [0, 0, 0, 1, 1, 1], frames: [frame, frame] }),
      { isAnimated: true },
    ],
    ['a lossy WebP', lossy(300, 200), { mediaType: 'image/webp', width: 300, height: 200, isAnimated: false }],
    ['a lossless WebP', lossless(301, 16_000), { width: 301, height: 16_000 }],
    [
      'an animated WebP',
      animatedWebp({ width: 40, height: 30 }, [{ left: 2, top: 4, width: 10, height: 8, file: lossy(10, 8) }]),
      { width: 40, height: 30, isAnimated: true },
    ],
  ];

  for (const [name, file, expected] of known)
    it(`of ${name} says its kind and size`, () => {
      assert.partialDeepStrictEqual(readPictureHeader(file), expected);
      assert.equal(pictureRefusal(file, 'a.txt'), undefined);
    });

  const bomb = { ...smallPng, width: 40_000, height: 40_000 };
  const tooMany: readonly [name: string, file: Buffer][] = [
    ['a PNG of 1.6 gigapixels', Buffer.concat([pngHeader(bomb), pngChunk('IDAT', Buffer.alloc(1000))])],
    ['a PNG whose size overflows', pngHeader({ ...smallPng, width: 0xffff_ffff, height: 0xffff_ffff })],
    ['a JPEG', hugeJpeg()],
    ['a GIF', hugeGif()],
    ['a GIF whose frame is larger than it says to be', swollenGif()],
    ['a lossless WebP', lossless(16_000, 16_000)],
    ['a lossy WebP', lossy(16_000, 16_000)],
    [
      'an animated WebP whose frame is larger than it says to be',
      animatedWebp({ width: 4, height: 4 }, [{ left: 0, top: 0, width: 4, height: 4, file: lossless(16_000, 16_000) }]),
    ],
  ];

  for (const [name, file] of tooMany)
    it(`refuses ${name} for its pixels`, () => {
      assert.match(
        pictureRefusal(file, 'big.png') ?? '',
        /^big\.png has [\d,]+ × [\d,]+ pixels\..* up to 32 megapixels/,
      );
    });

  const none: readonly [name: string, file: Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('const a = 1;\n'.repeat(20))],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
    ['a PDF', Buffer.from('%PDF-1.7\n%âãÏÓ\n'.repeat(10), 'latin1')],
    ['a page in front of a picture', Buffer.concat([Buffer.from('<script>'), png(smallPng)])],
    ['a PNG of no width', png({ ...smallPng, width: 0 })],
    ['a PNG that ends in its header', png(smallPng).subarray(0, 30)],
    ['a JPEG that ends before its size', jpeg(grayJpeg).subarray(0, 60)],
    ['a JPEG without a size', Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 4, 0, 0])],
    ['a WebP of nothing', webpFile()],
    ['a WAVE file', Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVEfmt ', 'latin1'), Buffer.alloc(40)])],
  ];

  for (const [name, file] of none)
    it(`refuses ${name} as no picture`, () => {
      assert.match(pictureRefusal(file, 'a.png') ?? '', /^a\.png isn't a PNG, JPEG, GIF, or WebP picture/);
    });

  it('refuses a file of over 20 MB whatever is in it', () => {
    assert.match(
      pictureRefusal(new Uint8Array(maxPictureBytes + 1), 'a.png') ?? '',
      /^a\.png is 21 MB\..* up to 20 MB/,
    );
  });

  it('is read of a file that is all chunks, or all fill', () => {
    const chunks = Buffer.concat([pngHeader(smallPng), ...new Array<Buffer>(100_000).fill(pngChunk('aaAa'))]);
    const fill = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(1_000_000, 0xff)]);
    assert.equal(readPictureHeader(chunks)?.width, 6);
    assert.equal(readPictureHeader(fill), undefined);
  });
});
