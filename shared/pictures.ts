// Pictures before anything of them is decoded: what their first bytes say, and whether that is within the limits. Pure, so that a page
// refuses what the daemon would refuse, with the same words.
import { formatBytes } from './bytes.ts';
import { inEnglish, type Translate } from './words/translate.ts';

export const maxPictureBytes = 20 * 1024 * 1024;
/** Of all pictures of one message: in base64 they are within the longest message there may be. */
export const maxPicturesBytes = 40 * 1024 * 1024;
const maxPicturePixels = 32_000_000;

type PictureType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

/** What the name of a picture's file ends in; `png` of types that aren't known. */
export function pictureEnding(mediaType: string): string {
  return { 'image/jpeg': 'jpg', 'image/gif': 'gif', 'image/webp': 'webp' }[mediaType] ?? 'png';
}

export interface PictureHeader {
  mediaType: PictureType;
  /** As they are stored, before the picture is turned. */
  width: number;
  height: number;
  /** Whether it has several frames; the first is what is seen. */
  isAnimated: boolean;
  /** How a camera was held, 1 to 8 as EXIF has it; 5 and more exchange width and height. */
  orientation: number;
}

/**
 * Why a picture can't be attached, in a sentence; undefined where it can. Tells it by its bytes, whatever its name ends in. One that is
 * too large needn't be read: its size is enough.
 */
export function pictureRefusal(
  bytes: Uint8Array,
  name: string,
  sizeBytes = bytes.length,
  say: Translate = inEnglish,
): string | undefined {
  if (sizeBytes > maxPictureBytes)
    return say('{0} is {1}. A picture can have up to 20 MB. Attach a smaller version.', name, formatBytes(sizeBytes));
  const header = readPictureHeader(bytes);
  if (!header)
    return say("{0} isn't a PNG, JPEG, GIF, or WebP picture, or it's damaged. Convert it, and attach that.", name);
  const { width, height } = header;
  if (width * height <= maxPicturePixels) return undefined;
  return say(
    '{0} has {1} × {2} pixels. A picture can have up to 32 megapixels. Attach a smaller version.',
    name,
    inWords(width),
    inWords(height),
  );
}

/** Undefined where it is no picture of these kinds, or ends before its size is said. */
export function readPictureHeader(bytes: Uint8Array): PictureHeader | undefined {
  const at = new Reader(bytes);
  const header = readPng(at) ?? readJpeg(at) ?? readGif(at) ?? readWebp(at);
  return header && header.width > 0 && header.height > 0 ? header : undefined;
}

/** Without the platform's own, which takes longer to load than a header to read. */
function inWords(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Numbers and letters at a place; beyond the end there are zeros. */
class Reader {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  byte(at: number): number {
    return this.#bytes[at] ?? 0;
  }

  text(at: number, length: number): string {
    return String.fromCharCode(...this.#bytes.subarray(at, at + length));
  }

  /** The first byte is the highest. */
  big(at: number, length: number): number {
    let value = 0;
    for (let place = 0; place < length; place++) value = value * 256 + this.byte(at + place);
    return value;
  }

  /** The first byte is the lowest. */
  little(at: number, length: number): number {
    let value = 0;
    for (let place = length - 1; place >= 0; place--) value = value * 256 + this.byte(at + place);
    return value;
  }
}

const still = { isAnimated: false, orientation: 1 };

function readPng(at: Reader): PictureHeader | undefined {
  if (at.text(0, 8) !== '\x89PNG\r\n\x1a\n' || at.text(12, 4) !== 'IHDR' || at.length < 33) return undefined;
  const size = { width: at.big(16, 4), height: at.big(20, 4) };
  for (let chunk = 33; chunk + 12 <= at.length; chunk += 12 + at.big(chunk, 4)) {
    const type = at.text(chunk + 4, 4);
    if (type === 'acTL') return { mediaType: 'image/png', ...size, ...still, isAnimated: true };
    if (type === 'IDAT') break;
  }
  return { mediaType: 'image/png', ...size, ...still };
}

/** Start-of-frame markers; the three others between them mean tables. */
const frameMarkers = [0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf];

function readJpeg(at: Reader): PictureHeader | undefined {
  if (at.big(0, 3) !== 0xffd8ff) return undefined;
  let orientation = 1;
  for (let segment = 2; segment + 4 <= at.length; ) {
    const marker = at.byte(segment + 1);
    if (at.byte(segment) !== 0xff) return undefined;
    if (marker === 0xff)
      segment++; // fill
    else if (frameMarkers.includes(marker)) {
      if (segment + 9 > at.length) return undefined;
      const size = { width: at.big(segment + 7, 2), height: at.big(segment + 5, 2) };
      return { mediaType: 'image/jpeg', ...size, isAnimated: false, orientation };
    } else if (marker === 0xd9 || marker === 0xda) return undefined;
    else {
      if (marker === 0xe1) orientation = readOrientation(at, segment + 4) ?? orientation;
      segment += 2 + Math.max(2, at.big(segment + 2, 2));
    }
  }
  return undefined;
}

const orientationTag = 0x0112;

function readOrientation(at: Reader, exif: number): number | undefined {
  if (at.text(exif, 6) !== 'Exif\0\0') return undefined;
  const tiff = exif + 6;
  const isLittle = at.text(tiff, 2) === 'II';
  const read = (place: number, length: number): number => (isLittle ? at.little(place, length) : at.big(place, length));
  const directory = tiff + read(tiff + 4, 4);
  const entries = Math.min(read(directory, 2), 1000);
  for (let entry = directory + 2; entry < directory + 2 + entries * 12; entry += 12) {
    if (read(entry, 2) !== orientationTag) continue;
    const value = read(entry + 8, 2);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}

function readGif(at: Reader): PictureHeader | undefined {
  if (!/^GIF8[79]a$/.test(at.text(0, 6))) return undefined;
  let [width, height] = [at.little(6, 2), at.little(8, 2)];
  let frames = 0;
  let block = 13 + tableBytes(at.byte(10));
  while (block < at.length && frames < 2) {
    const kind = at.byte(block);
    if (kind === 0x2c) {
      frames++;
      // A first frame may reach over the picture's edge.
      if (frames === 1) width = Math.max(width, at.little(block + 1, 2) + at.little(block + 5, 2));
      if (frames === 1) height = Math.max(height, at.little(block + 3, 2) + at.little(block + 7, 2));
      block = afterSubBlocks(at, block + 11 + tableBytes(at.byte(block + 9)));
    } else if (kind === 0x21) block = afterSubBlocks(at, block + 2);
    else break;
  }
  return { mediaType: 'image/gif', width, height, isAnimated: frames > 1, orientation: 1 };
}

function tableBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

function afterSubBlocks(at: Reader, first: number): number {
  let block = first;
  while (block < at.length && at.byte(block) !== 0) block += at.byte(block) + 1;
  return block + 1;
}

/** The canvas, or a frame in it that says to be larger: a decoder makes room for that one. */
function readWebp(at: Reader): PictureHeader | undefined {
  if (at.text(0, 4) !== 'RIFF' || at.text(8, 4) !== 'WEBP') return undefined;
  let [width, height] = [0, 0];
  let isAnimated = false;
  for (let chunk = 12; chunk + 8 <= at.length; ) {
    const type = at.text(chunk, 4);
    const body = chunk + 8;
    if (type === 'VP8X') isAnimated = (at.byte(body) & 2) !== 0;
    const size = webpSize(at, type, body);
    if (size) [width, height] = [Math.max(width, size.width), Math.max(height, size.height)];
    if (type === 'VP8 ' || type === 'VP8L') break;
    chunk = type === 'ANMF' ? body + 16 : body + at.little(chunk + 4, 4) + (at.little(chunk + 4, 4) & 1);
  }
  return { mediaType: 'image/webp', width, height, isAnimated, orientation: 1 };
}

function webpSize(at: Reader, type: string, body: number): { width: number; height: number } | undefined {
  switch (type) {
    case 'VP8 ':
      return { width: at.little(body + 6, 2) & 0x3fff, height: at.little(body + 8, 2) & 0x3fff };
    case 'VP8L': {
      const bits = at.little(body + 1, 4);
      return { width: (bits & 0x3fff) + 1, height: (Math.floor(bits / 0x4000) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: at.little(body + 4, 3) + 1, height: at.little(body + 7, 3) + 1 };
    case 'ANMF':
      return { width: at.little(body + 6, 3) + 1, height: at.little(body + 9, 3) + 1 };
    default:
      return undefined;
  }
}
