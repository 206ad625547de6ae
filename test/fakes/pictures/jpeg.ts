// JPEG files of blocks of one color each: baseline and progressive, of one, three or four components, with EXIF.

export interface JpegOptions {
  /** In blocks of 8 × 8 pixels. */
  columns: number;
  rows: number;
  /** How many components: 1 is gray, 3 luma and two chromas, 4 CMYK as Adobe writes it. */
  components: 1 | 3 | 4;
  isProgressive?: boolean;
  /** 1 to 8. */
  orientation?: number;
  /** Whether its EXIF begins with the lowest byte. */
  isLittleEndian?: boolean;
  /** The components of a block, 0 to 255 each. */
  block(column: number, row: number): readonly number[];
}

export function jpeg(options: JpegOptions): Buffer {
  const { columns, rows, components, isProgressive = false, orientation, isLittleEndian = false } = options;
  const ids = Array.from({ length: components }, (_, index) => index + 1);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...(orientation === undefined ? [] : [exif(orientation, isLittleEndian)]),
    ...(components === 4 ? [segment(0xee, [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, 0])] : []),
    segment(0xdb, [0, ...new Array<number>(64).fill(8)]),
    segment(isProgressive ? 0xc2 : 0xc0, [
      8,
      ...word(rows * 8),
      ...word(columns * 8),
      components,
      ...ids.flatMap((id) => [id, 0x11, 0]),
    ]),
    segment(0xc4, [0x00, ...countsOf(4, 12), ...Array.from({ length: 12 }, (_, category) => category)]),
    segment(0xc4, [0x10, ...countsOf(1, 1), 0]),
    segment(0xda, [components, ...ids.flatMap((id) => [id, 0]), 0, isProgressive ? 0 : 63, 0]),
    Buffer.from(entropy(options)),
    Buffer.from([0xff, 0xd9]),
  ]);
}

function segment(marker: number, body: readonly number[]): Buffer {
  return Buffer.from([0xff, marker, ...word(body.length + 2), ...body]);
}

/** So many codes of one length. */
function countsOf(length: number, count: number): number[] {
  return Array.from({ length: 16 }, (_, index) => (index + 1 === length ? count : 0));
}

function entropy({ columns, rows, components, isProgressive, block }: JpegOptions): number[] {
  const bytes: number[] = [];
  let [held, bits] = [0, 0];
  const emit = (value: number, length: number): void => {
    for (let bit = length - 1; bit >= 0; bit--) {
      held = (held << 1) | ((value >> bit) & 1);
      if (++bits < 8) continue;
      bytes.push(held);
      if (held === 0xff) bytes.push(0);
      [held, bits] = [0, 0];
    }
  };
  const before = new Array<number>(components).fill(0);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      block(column, row).forEach((value, component) => {
        const level = value - 128;
        const difference = level - (before[component] ?? 0);
        before[component] = level;
        const size = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
        emit(size, 4);
        emit(difference < 0 ? difference + 2 ** size - 1 : difference, size);
        if (!isProgressive) emit(0, 1); // nothing but the mean
      });
  if (bits > 0) emit(0xff, 8 - bits);
  return bytes;
}

/** A directory of one entry. */
function exif(orientation: number, isLittleEndian: boolean): Buffer {
  const tiff = Buffer.alloc(26);
  const write = (value: number, at: number, length: number): unknown =>
    isLittleEndian ? tiff.writeUIntLE(value, at, length) : tiff.writeUIntBE(value, at, length);
  tiff.write(isLittleEndian ? 'II' : 'MM', 0, 'latin1');
  write(42, 2, 2);
  write(8, 4, 4);
  write(1, 8, 2);
  write(0x0112, 10, 2);
  write(3, 12, 2);
  write(1, 14, 4);
  write(orientation, 18, 2);
  return segment(0xe1, [...Buffer.from('Exif\0\0', 'latin1'), ...tiff]);
}

function word(value: number): number[] {
  return [value >> 8, value & 255];
}
