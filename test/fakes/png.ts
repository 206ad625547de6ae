// PNGs as a browser writes them, decoded: 8 bits a channel, RGB or RGBA, not interlaced.
import { inflateSync } from 'node:zlib';
import type { PictureGrid } from '../../daemon/features/vision/pictures.ts';

const header = 8; // bytes of the signature

export function decodePng(png: Buffer): PictureGrid {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const [depth, type, , , interlace] = png.subarray(24, 29);
  const channels = { 2: 3, 6: 4 }[type ?? 0];
  if (depth !== 8 || !channels || interlace !== 0) throw new Error('a PNG of another kind');
  const parts: Buffer[] = [];
  for (let at = header; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const bytes = unfiltered(inflateSync(Buffer.concat(parts)), { width, height, channels });
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let channel = 0; channel < channels; channel++)
      rgba[pixel * 4 + channel] = bytes[pixel * channels + channel] ?? 0;
  return { width, height, rgba };
}

/** Each line begins with its filter, which says from which neighbors its bytes were foretold. */
function unfiltered(
  data: Buffer,
  { width, height, channels }: { width: number; height: number; channels: number },
): Uint8Array {
  const stride = width * channels;
  const bytes = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const left = x < channels ? 0 : (bytes[y * stride + x - channels] ?? 0);
      const above = y === 0 ? 0 : (bytes[(y - 1) * stride + x] ?? 0);
      const corner = x < channels || y === 0 ? 0 : (bytes[(y - 1) * stride + x - channels] ?? 0);
      const foretold = [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter ?? 0] ?? 0;
      bytes[y * stride + x] = (data[y * (stride + 1) + 1 + x] ?? 0) + foretold;
    }
  }
  return bytes;
}

function paeth(left: number, above: number, corner: number): number {
  const foretold = left + above - corner;
  const distances = [left, above, corner].map((value) => Math.abs(foretold - value));
  const nearest = Math.min(...distances);
  return [left, above, corner][distances.indexOf(nearest)] ?? 0;
}
