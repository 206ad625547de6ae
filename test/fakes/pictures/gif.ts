// GIF files with real LZW: codes that grow, and a table that begins anew.

interface GifFrame {
  left?: number;
  top?: number;
  width: number;
  height: number;
  isInterlaced?: boolean;
  hidden?: number;
  /** The index of a color. */
  pixel(x: number, y: number): number;
}

export interface GifOptions {
  width: number;
  height: number;
  /** Three bytes a color; 2 to 256 of them, a power of two. */
  palette: readonly number[];
  frames: readonly GifFrame[];
}

export function gif({ width, height, palette, frames }: GifOptions): Buffer {
  const bits = Math.log2(palette.length / 3);
  const loops = [0x21, 0xff, 11, ...Buffer.from('NETSCAPE2.0'), 3, 1, 0, 0, 0];
  return Buffer.from([
    ...Buffer.from('GIF89a'),
    ...word(width),
    ...word(height),
    0x80 | (bits - 1),
    0,
    0,
    ...palette,
    ...(frames.length > 1 ? loops : []),
    ...frames.flatMap((frame) => frameBytes(frame, Math.max(2, bits))),
    0x3b,
  ]);
}

function frameBytes(frame: GifFrame, minCodeSize: number): number[] {
  const { left = 0, top = 0, width, height, isInterlaced = false, hidden, pixel } = frame;
  const rows = isInterlaced
    ? [0, 1, 2, 3].flatMap((pass) => {
        const [first, step] = [[0, 8] as const, [4, 8] as const, [2, 4] as const, [1, 2] as const][pass] ?? [0, 1];
        return Array.from({ length: Math.max(0, Math.ceil((height - first) / step)) }, (_, row) => first + row * step);
      })
    : Array.from({ length: height }, (_, row) => row);
  const indexes = rows.flatMap((y) => Array.from({ length: width }, (_, x) => pixel(x, y)));
  return [
    ...[0x21, 0xf9, 4, hidden === undefined ? 0 : 1, 10, 0, hidden ?? 0, 0],
    ...[0x2c, ...word(left), ...word(top), ...word(width), ...word(height), isInterlaced ? 0x40 : 0],
    minCodeSize,
    ...blocks(compressed(indexes, minCodeSize)),
  ];
}

function compressed(indexes: readonly number[], minCodeSize: number): number[] {
  const clear = 2 ** minCodeSize;
  const bytes: number[] = [];
  let [held, bits, size] = [0, 0, minCodeSize + 1];
  const emit = (code: number): void => {
    held |= code << bits;
    for (bits += size; bits >= 8; bits -= 8, held >>>= 8) bytes.push(held & 255);
  };
  let table = new Map<string, number>();
  let next = clear + 2;
  emit(clear);
  let string = '';
  const codeOf = (text: string): number => (text.includes(',') ? (table.get(text) ?? 0) : Number(text));
  for (const index of indexes) {
    const longer = string === '' ? `${index}` : `${string},${index}`;
    if (string === '' || table.has(longer)) {
      string = longer;
      continue;
    }
    emit(codeOf(string));
    if (next === 4096) {
      emit(clear);
      table = new Map();
      [next, size] = [clear + 2, minCodeSize + 1];
    } else {
      table.set(longer, next);
      if (next === 2 ** size) size++;
      next++;
    }
    string = `${index}`;
  }
  emit(codeOf(string));
  emit(clear + 1);
  if (bits > 0) bytes.push(held & 255);
  return bytes;
}

function blocks(bytes: readonly number[]): number[] {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const block = bytes.slice(at, at + 255);
    out.push(block.length, ...block);
  }
  return [...out, 0];
}

function word(value: number): number[] {
  return [value & 255, value >> 8];
}
