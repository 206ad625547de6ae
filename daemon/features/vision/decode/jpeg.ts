// JPEG, read and written by jpeg-js: baseline and progressive, gray, color and CMYK.
import jpeg from 'jpeg-js';
import type { PictureGrid } from '../pictures.ts';
import { DamagedPicture, onWhite } from './grid.ts';

const maxMegapixels = 33;
const maxMegabytes = 1024;

/** Throws DamagedPicture. */
export function decodeJpeg(bytes: Uint8Array): PictureGrid {
  if (!hasEnd(bytes)) throw new DamagedPicture('it ends too early');
  try {
    const { width, height, data } = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: true,
      tolerantDecoding: false,
      maxResolutionInMP: maxMegapixels,
      maxMemoryUsageInMB: maxMegabytes,
    });
    return { width, height, rgba: data };
  } catch (error) {
    throw new DamagedPicture('its pixels are damaged, or of a kind that is seldom used', { cause: error });
  }
}

/** Whether the marker of the end comes after that of the pixels: in between, the bytes of a marker can't stand. */
function hasEnd(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 4 <= file.length && file[at + 1] !== 0xda)
    at += file[at + 1] === 0xff ? 1 : 2 + file.readUInt16BE(at + 2);
  return file.indexOf('ffd9', at, 'hex') >= 0;
}

export function encodeJpeg(grid: PictureGrid, quality: number): Buffer {
  const { width, height, rgba } = onWhite(grid);
  return jpeg.encode({ width, height, data: rgba }, quality).data;
}
