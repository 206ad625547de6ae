// From a picture's bytes to pixels, and from those to what a model and a view get. Runs in a child process alone: the bytes are anybody's.
import { createHash } from 'node:crypto';
import { type PictureHeader, readPictureHeader } from '../../../../shared/pictures.ts';
import type { PictureGrid, PreparedPicture } from '../pictures.ts';
import { decodeGif } from './gif.ts';
import { DamagedPicture, isOpaque, scaledTo, turned } from './grid.ts';
import { decodeJpeg, encodeJpeg } from './jpeg.ts';
import { decodePng, encodePng } from './png.ts';
import { decodeWebp, encodeWebp } from './webp.ts';

const longestEdge = 1568; // pixels: providers scale larger pictures down themselves, and bill them
const maxPngBytes = 3_500_000; // in base64 within the 5 MB that Anthropic takes
const photoQuality = 85;
const screenshotQuality = 92;

/** Turned as it is seen. Throws DamagedPicture. */
export async function decodePicture(bytes: Uint8Array): Promise<PictureGrid> {
  const header = headerOf(bytes);
  return turned(await decoded(bytes, header), header.orientation);
}

/** Throws DamagedPicture. */
export async function preparePicture(bytes: Uint8Array): Promise<PreparedPicture> {
  const header = headerOf(bytes);
  const { mediaType, isAnimated, orientation } = header;
  const whole = await decoded(bytes, header);
  const grid = turned(scaledTo(whole, longestEdge), orientation);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const [width, height] = orientation >= 5 ? [whole.height, whole.width] : [whole.width, whole.height];
  return {
    image: { ...encoded(grid, mediaType), width: grid.width, height: grid.height, hash },
    facts: { hash, mediaType, width, height, sizeBytes: bytes.length, thumbnail: await thumbnailOf(grid) },
    isAnimated,
  };
}

function headerOf(bytes: Uint8Array): PictureHeader {
  const header = readPictureHeader(bytes);
  if (!header) throw new DamagedPicture('its header is damaged');
  return header;
}

async function decoded(bytes: Uint8Array, header: PictureHeader): Promise<PictureGrid> {
  switch (header.mediaType) {
    case 'image/png':
      return decodePng(bytes);
    case 'image/jpeg':
      return decodeJpeg(bytes);
    case 'image/gif':
      return decodeGif(bytes, { width: header.width, height: header.height });
    case 'image/webp':
      return decodeWebp(bytes, { width: header.width, height: header.height });
  }
}

/** A photograph as JPEG, which has lost what JPEG loses; all else exactly, as PNG, unless that is too long. */
function encoded(grid: PictureGrid, from: PictureHeader['mediaType']): { mediaType: string; data: string } {
  if (from === 'image/jpeg') return asJpeg(grid, photoQuality);
  const png = encodePng(grid);
  if (png.length <= maxPngBytes || !isOpaque(grid)) return { mediaType: 'image/png', data: png.toString('base64') };
  return asJpeg(grid, screenshotQuality);
}

function asJpeg(grid: PictureGrid, quality: number): { mediaType: string; data: string } {
  return { mediaType: 'image/jpeg', data: encodeJpeg(grid, quality).toString('base64') };
}

const maxThumbnailCharacters = 8192;
const thumbnailSizes = [
  { edge: 160, quality: 70 },
  { edge: 160, quality: 40 },
  { edge: 96, quality: 40 },
  { edge: 48, quality: 30 },
] as const;

/** WebP: of a small picture the others could hold the same bytes as the original. */
async function thumbnailOf(grid: PictureGrid): Promise<string> {
  let url = '';
  for (const { edge, quality } of thumbnailSizes) {
    const bytes = await encodeWebp(scaledTo(grid, edge), { quality });
    url = `data:image/webp;base64,${bytes.toString('base64')}`;
    if (url.length <= maxThumbnailCharacters) break;
  }
  return url;
}
