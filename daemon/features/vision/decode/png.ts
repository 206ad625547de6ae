// PNG, read and written: all color types, depths of 1 to 16 bits, interlaced or not. Node has the compression and the checksums.
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import type { PictureGrid } from '../pictures.ts';
import { DamagedPicture, isOpaque } from './grid.ts';

interface PngHeader {
  width: number;
  height: number;
  depth: number;
  colorType: number;
  isInterlaced: boolean;
}

interface PngParts {
  header: PngHeader;
  palette: Uint8Array;
  /** Of a palette the opacity of its colors; else the one color that is not seen, in 16 bits a channel. */
  transparency: Uint8Array | undefined;
  compressed: Buffer;
}

const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const depthsOf: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** The seven passes of an interlaced picture: where the first pixel is, and how far it is to the next. */
const passes = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
] as const;
const wholePass = [{ x: 0, y: 0, stepX: 1, stepY: 1 }] as const;

/** Throws DamagedPicture. */
export function decodePng(bytes: Uint8Array): PictureGrid {
  const parts = partsOf(bytes);
  const { header } = parts;
  const { width, height, depth, colorType, isInterlaced } = header;
  const bitsPerPixel = (channelsOf[colorType] ?? 1) * depth;
  const areas = (isInterlaced ? passes : wholePass)
    .map((pass) => ({
      ...pass,
      columns: Math.max(0, Math.ceil((width - pass.x) / pass.stepX)),
      rows: Math.max(0, Math.ceil((height - pass.y) / pass.stepY)),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
  const size = areas.reduce((sum, { columns, rows }) => sum + rows * (1 + bytesPerRow(columns, bitsPerPixel)), 0);
  const data = inflated(parts.compressed, size);
  const rgba = new Uint8Array(width * height * 4);
  const paint = painterOf(parts, rgba);
  let at = 0;
  for (const { x, y, stepX, stepY, columns, rows } of areas) {
    const length = bytesPerRow(columns, bitsPerPixel);
    let above: Uint8Array = new Uint8Array(length);
    for (let row = 0; row < rows; row++) {
      const line = data.subarray(at + 1, at + 1 + length);
      unfilter(data[at] ?? 0, line, above, Math.max(1, bitsPerPixel >> 3));
      paint(line, columns, { at: ((y + row * stepY) * width + x) * 4, step: stepX * 4 });
      above = line;
      at += 1 + length;
    }
  }
  return { width, height, rgba };
}

function bytesPerRow(columns: number, bitsPerPixel: number): number {
  return Math.ceil((columns * bitsPerPixel) / 8);
}

/** Exactly so many bytes: what a picture of this size has, and no more is unpacked. */
function inflated(compressed: Buffer, size: number): Uint8Array {
  try {
    const data = inflateSync(compressed, { maxOutputLength: size, chunkSize: Math.max(64, size) });
    if (data.length === size) return data;
  } catch {
    // told below
  }
  throw new DamagedPicture('its pixels are incomplete or damaged');
}

function partsOf(bytes: Uint8Array): PngParts {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const compressed: Buffer[] = [];
  let header: PngHeader | undefined;
  let palette = new Uint8Array();
  let transparency: Uint8Array | undefined;
  for (let at = 8; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    const end = at + 8 + length;
    if (end + 4 > file.length) break;
    const isCritical = ((file[at + 4] ?? 0) & 0x20) === 0;
    if (isCritical && crc32(file.subarray(at + 4, end)) !== file.readUInt32BE(end))
      throw new DamagedPicture('the checksum of a part of it is wrong');
    const body = file.subarray(at + 8, end);
    if (type === 'IHDR')
      header ??= headerOf(body); // the first one was found to be within the limits
    else if (type === 'PLTE') palette = new Uint8Array(body);
    else if (type === 'tRNS') transparency = body;
    else if (type === 'IDAT') compressed.push(body);
    else if (type === 'IEND') break;
    at = end + 4;
  }
  if (!header || compressed.length === 0) throw new DamagedPicture('it ends too early');
  return { header, palette, transparency, compressed: Buffer.concat(compressed) };
}

function headerOf(body: Buffer): PngHeader {
  const [depth = 0, colorType = 0, compression = 0, filter = 0, interlace = 0] = body.subarray(8);
  if (body.length !== 13 || !depthsOf[colorType]?.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1)
    throw new DamagedPicture('its header is of no kind of PNG');
  return { width: body.readUInt32BE(0), height: body.readUInt32BE(4), depth, colorType, isInterlaced: interlace === 1 };
}

/** Takes the filter off a line, in its place. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, bytesPerPixel: number): void {
  if (filter > 4) throw new DamagedPicture('a line of it is damaged');
  if (filter === 0) return;
  for (let at = 0; at < line.length; at++) {
    const left = at >= bytesPerPixel ? (line[at - bytesPerPixel] ?? 0) : 0;
    const up = above[at] ?? 0;
    const upLeft = at >= bytesPerPixel ? (above[at - bytesPerPixel] ?? 0) : 0;
    line[at] = (line[at] ?? 0) + predicted(filter, left, up, upLeft);
  }
}

function predicted(filter: number, left: number, up: number, upLeft: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  return filter === 3 ? (left + up) >> 1 : paeth(left, up, upLeft);
}

function paeth(left: number, up: number, upLeft: number): number {
  const estimate = left + up - upLeft;
  const [toLeft, toUp, toUpLeft] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - upLeft)];
  if (toLeft <= toUp && toLeft <= toUpLeft) return left;
  return toUp <= toUpLeft ? up : upLeft;
}

type PaintLine = (line: Uint8Array, columns: number, to: { at: number; step: number }) => void;

/** Writes a line's pixels as red, green, blue and opacity. Of 16 bits the upper eight are seen. */
function painterOf({ header, palette, transparency }: PngParts, rgba: Uint8Array): PaintLine {
  const { depth, colorType } = header;
  const channels = channelsOf[colorType] ?? 1;
  const scale = depth < 8 ? 255 / (2 ** depth - 1) : 1;
  const hidden = colorType === 3 ? undefined : hiddenColor(transparency, channels);
  const whole = (line: Uint8Array, place: number): number => {
    if (depth === 8) return line[place] ?? 0;
    if (depth === 16) return ((line[place * 2] ?? 0) << 8) | (line[place * 2 + 1] ?? 0);
    const bit = place * depth;
    return ((line[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  };
  const shown = (value: number): number => (depth === 16 ? value >> 8 : value * scale);
  return (line, columns, { at, step }) => {
    for (let column = 0, to = at; column < columns; column++, to += step) {
      const first = column * channels;
      if (colorType === 3) {
        const index = whole(line, first);
        if (index * 3 >= palette.length) throw new DamagedPicture('it names a color that it does not have');
        rgba[to] = palette[index * 3] ?? 0;
        rgba[to + 1] = palette[index * 3 + 1] ?? 0;
        rgba[to + 2] = palette[index * 3 + 2] ?? 0;
        rgba[to + 3] = transparency?.[index] ?? 255;
        continue;
      }
      const isGray = colorType === 0 || colorType === 4;
      rgba[to] = shown(whole(line, first));
      rgba[to + 1] = isGray ? (rgba[to] ?? 0) : shown(whole(line, first + 1));
      rgba[to + 2] = isGray ? (rgba[to] ?? 0) : shown(whole(line, first + 2));
      const isHidden = hidden?.every((value, channel) => value === whole(line, first + channel)) ?? false;
      rgba[to + 3] = colorType >= 4 ? shown(whole(line, first + channels - 1)) : isHidden ? 0 : 255;
    }
  };
}

function hiddenColor(transparency: Uint8Array | undefined, channels: number): number[] | undefined {
  if (!transparency || transparency.length < channels * 2) return undefined;
  return Array.from(
    { length: channels },
    (_, channel) => ((transparency[channel * 2] ?? 0) << 8) | (transparency[channel * 2 + 1] ?? 0),
  );
}

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const level = 6; // of zlib: 9 takes three times as long for a twentieth less

/** 8 bits a channel, without opacity where all of it is opaque, and nothing but pixels. */
export function encodePng(grid: PictureGrid): Buffer {
  const { width, height, rgba } = grid;
  const channels = isOpaque(grid) ? 3 : 4;
  const length = width * channels;
  const data = Buffer.alloc(height * (1 + length));
  let above = new Uint8Array(length);
  for (let y = 0; y < height; y++) {
    const line = new Uint8Array(length);
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4;
      for (let channel = 0; channel < channels; channel++) line[x * channels + channel] = rgba[from + channel] ?? 0;
    }
    writeFiltered(data.subarray(y * (1 + length), (y + 1) * (1 + length)), { line, above, channels });
    above = line;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 3 ? 2 : 6], 8);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(data, { level })), chunk('IEND')]);
}

/** With the filter whose values are the smallest, as the standard advises. */
function writeFiltered(
  to: Buffer,
  { line, above, channels }: { line: Uint8Array; above: Uint8Array; channels: number },
): void {
  let best = Number.POSITIVE_INFINITY;
  const candidate = new Uint8Array(line.length);
  for (const filter of [0, 1, 2, 4]) {
    let sum = 0;
    for (let at = 0; at < line.length && sum < best; at++) {
      const left = at >= channels ? (line[at - channels] ?? 0) : 0;
      const upLeft = at >= channels ? (above[at - channels] ?? 0) : 0;
      const value = (line[at] ?? 0) - (filter === 0 ? 0 : predicted(filter, left, above[at] ?? 0, upLeft));
      candidate[at] = value;
      sum += Math.abs((value << 24) >> 24);
    }
    if (sum >= best) continue;
    best = sum;
    to[0] = filter;
    to.set(candidate, 1);
  }
}

function chunk(type: string, body: Buffer = Buffer.alloc(0)): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}
