// A decoded picture: turned as its camera was held, scaled down, put on white. Pure.
import type { PictureGrid } from '../pictures.ts';

/** What a decoder throws for bytes that are no whole picture of its kind; the message is a clause about the picture. */
export class DamagedPicture extends Error {}

/** For each orientation of EXIF, from where a pixel of the turned picture comes. */
const sources: Record<number, (x: number, y: number, last: { x: number; y: number }) => [number, number]> = {
  2: (x, y, last) => [last.x - x, y],
  3: (x, y, last) => [last.x - x, last.y - y],
  4: (x, y, last) => [x, last.y - y],
  5: (x, y) => [y, x],
  6: (x, y, last) => [y, last.y - x],
  7: (x, y, last) => [last.x - y, last.y - x],
  8: (x, y, last) => [last.x - y, x],
};

/** As it is seen: EXIF's 2 to 8 are mirrored or lie on a side. */
export function turned(grid: PictureGrid, orientation: number): PictureGrid {
  const source = sources[orientation];
  if (!source) return grid;
  const from = pixelsOf(grid.rgba);
  const [width, height] = orientation >= 5 ? [grid.height, grid.width] : [grid.width, grid.height];
  const to = new Uint32Array(width * height);
  const last = { x: grid.width - 1, y: grid.height - 1 };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = source(x, y, last);
      to[y * width + x] = from[fromY * grid.width + fromX] ?? 0;
    }
  return { width, height, rgba: new Uint8Array(to.buffer) };
}

function pixelsOf(rgba: Uint8Array): Uint32Array {
  const aligned = rgba.byteOffset % 4 === 0 ? rgba : new Uint8Array(rgba);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** Its longest edge is at most so many pixels; a smaller picture stays as it is. Each pixel is the mean of those that it stands for. */
export function scaledTo(grid: PictureGrid, longestEdge: number): PictureGrid {
  const factor = longestEdge / Math.max(grid.width, grid.height);
  if (factor >= 1) return grid;
  const width = Math.max(1, Math.round(grid.width * factor));
  const height = Math.max(1, Math.round(grid.height * factor));
  const rgba = new Uint8Array(width * height * 4);
  const lines = new NarrowedLines(grid, width);
  const sums = new Float32Array(width * 4);
  const ratio = grid.height / height;
  for (let y = 0; y < height; y++) {
    const [top, bottom] = [y * ratio, Math.min(grid.height, (y + 1) * ratio)];
    sums.fill(0);
    for (let old = Math.floor(top); old < bottom; old++) {
      const share = Math.min(old + 1, bottom) - Math.max(old, top);
      const values = lines.at(old);
      for (let place = 0; place < sums.length; place++) sums[place] = (sums[place] ?? 0) + (values[place] ?? 0) * share;
    }
    writeLine(rgba.subarray(y * width * 4), sums, (bottom - top) * (grid.width / width));
  }
  return { width, height, rgba };
}

/** A picture's lines with fewer pixels: sums of color times opacity, so that what can't be seen gives no color. Keeps the last one. */
class NarrowedLines {
  readonly #grid: PictureGrid;
  readonly #sums: Float32Array;
  readonly #ratio: number;
  #y = -1;

  constructor(grid: PictureGrid, width: number) {
    this.#grid = grid;
    this.#sums = new Float32Array(width * 4);
    this.#ratio = grid.width / width;
  }

  at(y: number): Float32Array {
    if (y === this.#y) return this.#sums;
    this.#y = y;
    const { width, rgba } = this.#grid;
    for (let place = 0; place < this.#sums.length; place += 4) {
      const left = (place / 4) * this.#ratio;
      const right = Math.min(width, left + this.#ratio);
      let red = 0;
      let green = 0;
      let blue = 0;
      let opacity = 0;
      for (let old = Math.floor(left); old < right; old++) {
        const from = (y * width + old) * 4;
        const part = (Math.min(old + 1, right) - Math.max(old, left)) * (rgba[from + 3] ?? 0);
        red += (rgba[from] ?? 0) * part;
        green += (rgba[from + 1] ?? 0) * part;
        blue += (rgba[from + 2] ?? 0) * part;
        opacity += part;
      }
      this.#sums[place] = red;
      this.#sums[place + 1] = green;
      this.#sums[place + 2] = blue;
      this.#sums[place + 3] = opacity;
    }
    return this.#sums;
  }
}

function writeLine(to: Uint8Array, sums: Float32Array, pixels: number): void {
  for (let place = 0; place < sums.length; place += 4) {
    const opacity = sums[place + 3] ?? 0;
    for (let color = place; color < place + 3; color++)
      to[color] = opacity > 0 ? Math.round((sums[color] ?? 0) / opacity) : 0;
    to[place + 3] = Math.round(opacity / pixels);
  }
}

/** As a page shows it: for formats that know no opacity. */
export function onWhite({ width, height, rgba }: PictureGrid): PictureGrid {
  const flat = new Uint8Array(rgba.length);
  for (let at = 0; at < rgba.length; at += 4) {
    const opacity = (rgba[at + 3] ?? 0) / 255;
    for (let color = at; color < at + 3; color++)
      flat[color] = Math.round((rgba[color] ?? 0) * opacity + 255 * (1 - opacity));
    flat[at + 3] = 255;
  }
  return { width, height, rgba: flat };
}

export function isOpaque({ rgba }: PictureGrid): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 255) return false;
  return true;
}
