// What in a picture is written: how far each pixel is from the background around it, so that dark themes need no rule of their own. Rules,
// frames and indentation guides, which are longer than any letter, are taken out. Pure.
import type { PictureGrid } from '../pictures.ts';

export interface GrayPicture {
  width: number;
  height: number;
  /** A byte a pixel, row by row from the top left; 0 is black. */
  gray: Uint8Array;
}

export interface Ink {
  width: number;
  height: number;
  /** A byte a pixel: 0 is background, and the more the more it differs from it. */
  values: Uint8Array;
  /** Values from here on are ink rather than noise. */
  threshold: number;
  /** Median height of what hangs together, in pixels: about that of an x. */
  glyphHeight: number;
}

const tileSize = 48; // pixels; wide enough that background outnumbers letters
const minContrast = 24; // gray levels
const contrastShare = 0.2; // of the contrast in the picture
/** Longer runs of ink, in heights of an x, are no letters. */
const maxVerticalRun = 3;
const maxHorizontalRun = 14;

/** Undefined where nothing stands out from the background. */
export function inkOf(picture: PictureGrid): Ink | undefined {
  const { width, height } = picture;
  const values = differences(picture);
  const strongest = percentile(values, 0.995);
  if (strongest < minContrast) return undefined;
  const threshold = Math.max(minContrast / 2, strongest * contrastShare);
  const glyphHeight = medianHeight({ width, height, values }, threshold);
  if (glyphHeight === undefined) return undefined;
  const ink = { width, height, values, threshold, glyphHeight };
  eraseRules(ink);
  return ink;
}

/** Of each pixel from the background of the tile that it is in, in the channel where it is largest. */
function differences(picture: PictureGrid): Uint8Array {
  const { width, height } = picture;
  const rgb = opaque(picture);
  const values = new Uint8Array(width * height);
  const overall = backgroundOf(rgb, { left: 0, top: 0, right: width, bottom: height }, width);
  for (let top = 0; top < height; top += tileSize)
    for (let left = 0; left < width; left += tileSize) {
      const tile = { left, top, right: Math.min(width, left + tileSize), bottom: Math.min(height, top + tileSize) };
      const own = backgroundOf(rgb, tile, width);
      const [red, green, blue] = (own.share > 0.5 ? own : overall).color;
      for (let y = tile.top; y < tile.bottom; y++)
        for (let x = tile.left; x < tile.right; x++) {
          const at = (y * width + x) * 3;
          values[y * width + x] = Math.max(
            Math.abs((rgb[at] ?? 0) - red),
            Math.abs((rgb[at + 1] ?? 0) - green),
            Math.abs((rgb[at + 2] ?? 0) - blue),
          );
        }
    }
  return values;
}

/** On white, or on black where what can be seen is light. */
function opaque({ rgba }: PictureGrid): Uint8Array {
  let [light, opacity] = [0, 0];
  for (let at = 0; at < rgba.length; at += 4) {
    light += lightness(rgba, at) * (rgba[at + 3] ?? 0);
    opacity += rgba[at + 3] ?? 0;
  }
  const isTransparent = opacity < (rgba.length / 4) * 254;
  const behind = isTransparent && light > opacity * 128 ? 0 : 255;
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const share = (rgba[from + 3] ?? 0) / 255;
    for (let channel = 0; channel < 3; channel++)
      rgb[to + channel] = Math.round((rgba[from + channel] ?? 0) * share + behind * (1 - share));
  }
  return rgb;
}

/** Rec. 601. */
function lightness(pixels: Uint8Array, at: number): number {
  return Math.round((pixels[at] ?? 0) * 0.299 + (pixels[at + 1] ?? 0) * 0.587 + (pixels[at + 2] ?? 0) * 0.114);
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

interface Background {
  color: [number, number, number];
  /** Of the pixels that have it, or nearly. */
  share: number;
}

/** The mean color of the commonest lightness. */
function backgroundOf(rgb: Uint8Array, { left, top, right, bottom }: Box, width: number): Background {
  const counts = new Uint32Array(256);
  const sums = new Float64Array(256 * 3);
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const at = (y * width + x) * 3;
      const level = lightness(rgb, at);
      counts[level] = (counts[level] ?? 0) + 1;
      for (let channel = 0; channel < 3; channel++)
        sums[level * 3 + channel] = (sums[level * 3 + channel] ?? 0) + (rgb[at + channel] ?? 0);
    }
  let best = 0;
  for (let level = 1; level < 256; level++) if ((counts[level] ?? 0) > (counts[best] ?? 0)) best = level;
  const count = counts[best] || 1;
  const color = [0, 1, 2].map((channel) => (sums[best * 3 + channel] ?? 0) / count) as Background['color'];
  let near = 0;
  for (let level = Math.max(0, best - 2); level <= Math.min(255, best + 2); level++) near += counts[level] ?? 0;
  return { color, share: near / ((right - left) * (bottom - top)) };
}

/** Of the values that are not 0. */
function percentile(values: Uint8Array, share: number): number {
  const counts = new Uint32Array(256);
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  const total = values.length - (counts[0] ?? 0);
  let seen = 0;
  for (let value = 1; value < 256; value++) {
    seen += counts[value] ?? 0;
    if (seen >= total * share) return value;
  }
  return 0;
}

type Values = Pick<Ink, 'width' | 'height' | 'values'>;

const minGlyphHeight = 4; // pixels; less is a dot or a dash

/** Of the pieces of ink that hang together; undefined where none is as high as a letter. */
function medianHeight(values: Values, threshold: number): number | undefined {
  const heights = pieceHeights(values, threshold).filter((height) => height >= minGlyphHeight);
  heights.sort((a, b) => a - b);
  return heights[Math.floor(heights.length / 2)];
}

/** Runs of each row are joined with those of the row above that they touch. */
function pieceHeights({ width, height, values }: Values, threshold: number): number[] {
  const parents: number[] = [];
  const tops: number[] = [];
  const bottoms: number[] = [];
  const rootOf = (piece: number): number => {
    let root = piece;
    while (parents[root] !== root) root = parents[root] ?? root;
    parents[piece] = root;
    return root;
  };
  let above: { from: number; to: number; piece: number }[] = [];
  for (let y = 0; y < height; y++) {
    const runs: typeof above = [];
    let next = 0;
    for (const { from, to } of runsOf(values.subarray(y * width, (y + 1) * width), threshold)) {
      let piece: number | undefined;
      while ((above[next]?.to ?? Infinity) < from) next++;
      for (let at = next; (above[at]?.from ?? Infinity) <= to; at++) {
        const other = rootOf(above[at]?.piece ?? 0);
        if (piece === undefined) piece = other;
        else if (other !== piece) {
          parents[other] = piece;
          tops[piece] = Math.min(tops[piece] ?? y, tops[other] ?? y);
          bottoms[piece] = Math.max(bottoms[piece] ?? y, bottoms[other] ?? y);
        }
      }
      piece ??= parents.push(parents.length) - 1;
      tops[piece] ??= y;
      bottoms[piece] = y;
      runs.push({ from, to, piece });
    }
    above = runs;
  }
  return parents.flatMap((parent, piece) => (parent === piece ? [(bottoms[piece] ?? 0) - (tops[piece] ?? 0) + 1] : []));
}

function* runsOf(row: Uint8Array, threshold: number): Generator<{ from: number; to: number }> {
  let from = -1;
  for (let x = 0; x <= row.length; x++) {
    const isInk = x < row.length && (row[x] ?? 0) >= threshold;
    if (isInk && from < 0) from = x;
    if (!isInk && from >= 0) {
      yield { from, to: x };
      from = -1;
    }
  }
}

function eraseRules({ width, height, values, threshold, glyphHeight }: Ink): void {
  const erased: { at: number; step: number; length: number }[] = [];
  const find = (
    lines: number,
    length: number,
    place: (line: number) => { start: number; step: number; max: number },
  ) => {
    for (let line = 0; line < lines; line++) {
      const { start, step, max } = place(line);
      let run = 0;
      for (let index = 0; index <= length; index++) {
        if (index < length && (values[start + index * step] ?? 0) >= threshold) run++;
        else {
          if (run > max) erased.push({ at: start + (index - run) * step, step, length: run });
          run = 0;
        }
      }
    }
  };
  find(width, height, (x) => ({ start: x, step: width, max: glyphHeight * maxVerticalRun }));
  find(height, width, (y) => ({ start: y * width, step: 1, max: glyphHeight * maxHorizontalRun }));
  for (const { at, step, length } of erased) for (let index = 0; index < length; index++) values[at + index * step] = 0;
}
