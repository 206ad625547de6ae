// PNG files as a suite of valid and broken ones has them: every color type and depth, each filter, interlaced, with a wrong checksum.
import { crc32, deflateSync } from 'node:zlib';

export interface PngOptions {
  width: number;
  height: number;
  colorType: 0 | 2 | 3 | 4 | 6;
  depth: 1 | 2 | 4 | 8 | 16;
  isInterlaced?: boolean;
  /** Colors of a palette, three bytes each. */
  palette?: readonly number[];
  transparency?: readonly number[];
  /** The channels of a pixel, each within its depth. */
  pixel(x: number, y: number): readonly number[];
}

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

export function pngChunk(type: string, body: Uint8Array = new Uint8Array(), crcOffset = 0): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length);
  head.write(type, 4, 'latin1');
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE((crc32(Buffer.concat([head.subarray(4), body])) + crcOffset) >>> 0);
  return Buffer.concat([head, body, checksum]);
}

export function pngHeader({
  width,
  height,
  colorType,
  depth,
  isInterlaced = false,
}: Omit<PngOptions, 'pixel'>): Buffer {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width, 0);
  body.writeUInt32BE(height, 4);
  body.set([depth, colorType, 0, 0, isInterlaced ? 1 : 0], 8);
  return Buffer.concat([signature, pngChunk('IHDR', body)]);
}

export function png(options: PngOptions, wrongChecksum = false): Buffer {
  const { palette, transparency } = options;
  return Buffer.concat([
    pngHeader(options),
    ...(palette ? [pngChunk('PLTE', Uint8Array.from(palette))] : []),
    ...(transparency ? [pngChunk('tRNS', Uint8Array.from(transparency))] : []),
    pngChunk('tEXt', Buffer.from('Comment\0taken at home', 'latin1')),
    pngChunk('IDAT', deflateSync(scanLines(options)), wrongChecksum ? 1 : 0),
    pngChunk('IEND'),
  ]);
}

const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function scanLines({ width, height, depth, isInterlaced, pixel }: PngOptions): Buffer {
  const lines: Buffer[] = [];
  for (const [left, top, stepX, stepY] of isInterlaced ? adam7 : ([[0, 0, 1, 1]] as const)) {
    if (left >= width) continue; // a pass without pixels has no lines
    let above: number[] = [];
    for (let y = top; y < height; y += stepY) {
      const samples: number[] = [];
      for (let x = left; x < width; x += stepX) samples.push(...pixel(x, y));
      const bytes = packed(samples, depth);
      const perPixel = Math.max(1, (pixel(0, 0).length * depth) >> 3);
      lines.push(filtered(lines.length % 5, { bytes, above, perPixel }));
      above = bytes;
    }
  }
  return Buffer.concat(lines);
}

function packed(samples: readonly number[], depth: number): number[] {
  if (depth === 16) return samples.flatMap((sample) => [sample >> 8, sample & 255]);
  if (depth === 8) return [...samples];
  const bytes = new Array<number>(Math.ceil((samples.length * depth) / 8)).fill(0);
  samples.forEach((sample, place) => {
    const bit = place * depth;
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (sample << (8 - depth - (bit & 7)));
  });
  return bytes;
}

function filtered(
  filter: number,
  { bytes, above, perPixel }: { bytes: number[]; above: number[]; perPixel: number },
): Buffer {
  const line = bytes.map((byte, at) => {
    const [a, b, c] = [bytes[at - perPixel] ?? 0, above[at] ?? 0, at >= perPixel ? (above[at - perPixel] ?? 0) : 0];
    const p = a + b - c;
    const nearest = [a, b, c].toSorted((one, other) => Math.abs(p - one) - Math.abs(p - other))[0] ?? 0;
    return byte - ([0, a, b, (a + b) >> 1, nearest][filter] ?? 0);
  });
  return Buffer.from([filter, ...line.map((byte) => byte & 255)]);
}
