// The first frame of a GIF, on its canvas.
import type { PictureGrid } from '../pictures.ts';
import { DamagedPicture } from './grid.ts';

interface GifFrame {
  left: number;
  top: number;
  width: number;
  height: number;
  palette: Uint8Array;
  isInterlaced: boolean;
  /** The color that is not seen. */
  hidden: number | undefined;
  minCodeSize: number;
  codes: Uint8Array;
}

/** `size` is the canvas, as its header was read. Throws DamagedPicture. */
export function decodeGif(bytes: Uint8Array, size: { width: number; height: number }): PictureGrid {
  const frame = firstFrame(bytes);
  const { left, top, width, height, palette, hidden } = frame;
  const indexes = unpacked(frame, width * height);
  const rgba = new Uint8Array(size.width * size.height * 4);
  const rows = frame.isInterlaced ? interlacedRows(height) : Array.from({ length: height }, (_, row) => row);
  rows.forEach((row, order) => {
    for (let column = 0; column < width; column++) {
      const index = indexes[order * width + column] ?? 0;
      if (index === hidden) continue;
      const to = ((top + row) * size.width + left + column) * 4;
      rgba.set(palette.subarray(index * 3, index * 3 + 3), to);
      rgba[to + 3] = 255;
    }
  });
  return { ...size, rgba };
}

function firstFrame(bytes: Uint8Array): GifFrame {
  const word = (at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  const common = tableAt(bytes, 13, bytes[10] ?? 0);
  let hidden: number | undefined;
  for (let at = 13 + common.length; at < bytes.length; ) {
    const kind = bytes[at];
    if (kind === 0x21) {
      const flags = bytes[at + 3] ?? 0;
      if (bytes[at + 1] === 0xf9 && flags & 1) hidden = bytes[at + 6];
      at = subBlocks(bytes, at + 2).end;
    } else if (kind === 0x2c) {
      const flags = bytes[at + 9] ?? 0;
      const own = tableAt(bytes, at + 10, flags);
      const codesAt = at + 10 + own.length;
      return {
        left: word(at + 1),
        top: word(at + 3),
        width: word(at + 5),
        height: word(at + 7),
        palette: own.length > 0 ? own : common,
        isInterlaced: (flags & 0x40) !== 0,
        hidden,
        minCodeSize: bytes[codesAt] ?? 0,
        codes: subBlocks(bytes, codesAt + 1).data,
      };
    } else break;
  }
  throw new DamagedPicture('it has no frame');
}

/** A table of colors, if the flags say that there is one. */
function tableAt(bytes: Uint8Array, at: number, flags: number): Uint8Array {
  return flags & 0x80 ? bytes.subarray(at, at + 3 * 2 ** ((flags & 7) + 1)) : new Uint8Array();
}

function subBlocks(bytes: Uint8Array, first: number): { data: Uint8Array; end: number } {
  const pieces: Uint8Array[] = [];
  let at = first;
  for (let length = bytes[at]; length; length = bytes[at]) {
    pieces.push(bytes.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { data: Buffer.concat(pieces), end: at + 1 };
}

const maxCodeSize = 12;

/** LZW, as GIF has it: codes grow from one bit more than a color takes to 12 bits, and a table of 4,096 strings begins anew when told. */
function unpacked({ minCodeSize, codes }: GifFrame, count: number): Uint8Array {
  if (minCodeSize < 1 || minCodeSize > 8) throw new DamagedPicture('its pixels are damaged');
  const clear = 2 ** minCodeSize;
  const prefixes = new Uint16Array(2 ** maxCodeSize);
  const suffixes = new Uint8Array(2 ** maxCodeSize);
  const lengths = new Uint16Array(2 ** maxCodeSize).fill(1, 0, clear);
  for (let color = 0; color < clear; color++) suffixes[color] = color;
  const out = new Uint8Array(count);
  let written = 0;
  let [size, next, previous] = [minCodeSize + 1, clear + 2, -1];
  let [bits, held] = [0, 0];
  for (const byte of codes) {
    held |= byte << bits;
    bits += 8;
    while (bits >= size && written < count) {
      const code = held & (2 ** size - 1);
      held >>>= size;
      bits -= size;
      if (code === clear) {
        [size, next, previous] = [minCodeSize + 1, clear + 2, -1];
        continue;
      }
      if (code === clear + 1) throw new DamagedPicture('its pixels are incomplete');
      if (code > next || (code === next && previous < 0)) throw new DamagedPicture('its pixels are damaged');
      const known = code === next ? previous : code;
      const length = (lengths[known] ?? 0) + (code === next ? 1 : 0);
      let at = written + length - 1;
      let string = known;
      if (code === next) at--;
      for (; at >= written; at--) {
        if (at < count) out[at] = suffixes[string] ?? 0;
        if (at > written) string = prefixes[string] ?? 0;
      }
      const first = suffixes[string] ?? 0;
      if (code === next && written + length - 1 < count) out[written + length - 1] = first;
      written += length;
      if (previous >= 0 && next < 2 ** maxCodeSize) {
        prefixes[next] = previous;
        suffixes[next] = first;
        lengths[next] = (lengths[previous] ?? 0) + 1;
        next++;
        if (next === 2 ** size && size < maxCodeSize) size++;
      }
      previous = code;
    }
  }
  if (written < count) throw new DamagedPicture('its pixels are incomplete');
  return out;
}

function interlacedRows(height: number): number[] {
  const passes = [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const;
  const rows: number[] = [];
  for (const [first, step] of passes) for (let row = first; row < height; row += step) rows.push(row);
  return rows;
}
