// One line of a picture as it is given to Tesseract: black on white, as large as Tesseract was trained for, and without long gaps. Pure.
import type { Cell, Grid } from './grid.ts';
import type { GrayPicture, Ink } from './ink.ts';
import type { Row } from './rows.ts';

export interface LinePicture extends GrayPicture {
  /** For each cell the middle of its place, in pixels of this picture. */
  middles: number[];
  /** Width of a cell, in pixels of this picture. */
  cell: number;
}

const fontSize = 42; // pixels: that of twelve points at 250 dots an inch
const cellsInFontSize = 0.6; // width of a monospaced character
const maxGap = 2; // empty cells

export function linePicture(ink: Ink, row: Row, { cells, grid }: { cells: readonly Cell[]; grid: Grid }): LinePicture {
  const scale = (fontSize * cellsInFontSize) / grid.cell;
  const { places, count } = placed(cells);
  const cell = grid.cell * scale;
  const margin = Math.round(cell);
  const width = Math.round(count * cell) + 2 * margin;
  const inner = Math.round((row.bottom - row.top) * scale);
  const height = inner + 2 * margin;
  const gray = new Uint8Array(width * height).fill(255);
  const strengths = localStrengths(ink, row, Math.round(grid.cell));
  for (let x = 0; x < width; x++) {
    const place = places[Math.floor((x - margin) / cell)];
    if (place === undefined) continue;
    const within = (x + 0.5 - margin) / cell - Math.floor((x - margin) / cell);
    const sourceX = grid.left + (place + within) * grid.cell - 0.5;
    const strength = Math.max(ink.threshold, strengths[Math.max(0, Math.min(ink.width - 1, Math.round(sourceX)))] ?? 0);
    for (let y = 0; y < inner; y++) {
      const sourceY = row.top + (y + 0.5) / scale - 0.5;
      const value = (sampled(ink, row, sourceX, sourceY) * 255) / strength;
      gray[(y + margin) * width + x] = 255 - Math.max(0, Math.min(255, Math.round(value)));
    }
  }
  const at = new Map(places.map((column, index) => [column, index]));
  const middles = cells.map(({ column }) => margin + ((at.get(column) ?? 0) + 0.5) * cell);
  return { width, height, gray, middles, cell };
}

/** The columns that are drawn, from the left; long gaps are cut short. */
function placed(cells: readonly Cell[]): { places: number[]; count: number } {
  const places: number[] = [];
  let last: number | undefined;
  for (const { column } of cells) {
    const gap = last === undefined ? 0 : column - last - 1;
    for (let empty = Math.min(gap, maxGap); empty > 0; empty--) places.push(column - empty);
    places.push(column);
    last = column;
  }
  return { places, count: places.length };
}

/** Of the strongest ink near each column of pixels, so that dim words get as black as bright ones. */
function localStrengths(ink: Ink, { top, bottom }: Row, radius: number): Uint8Array {
  const strongest = new Uint8Array(ink.width);
  for (let y = top; y < bottom; y++)
    for (let x = 0; x < ink.width; x++) strongest[x] = Math.max(strongest[x] ?? 0, ink.values[y * ink.width + x] ?? 0);
  return strongest.map((_, x) =>
    strongest.subarray(Math.max(0, x - radius), x + radius + 1).reduce((most, value) => Math.max(most, value), 0),
  );
}

/** Bicubic (Catmull-Rom); outside of the row is no ink. */
function sampled(ink: Ink, row: Row, x: number, y: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const acrossX = weights(x - left);
  const acrossY = weights(y - top);
  let sum = 0;
  for (let row4 = 0; row4 < 4; row4++) {
    const sourceY = top - 1 + row4;
    if (sourceY < row.top || sourceY >= row.bottom) continue;
    for (let column4 = 0; column4 < 4; column4++) {
      const sourceX = left - 1 + column4;
      if (sourceX < 0 || sourceX >= ink.width) continue;
      sum += (ink.values[sourceY * ink.width + sourceX] ?? 0) * (acrossX[column4] ?? 0) * (acrossY[row4] ?? 0);
    }
  }
  return sum;
}

/** Catmull and Rom, 1974: of the four pixels around a place between the second and the third. */
function weights(t: number): [number, number, number, number] {
  return [
    -0.5 * t + t * t - 0.5 * t ** 3,
    1 - 2.5 * t * t + 1.5 * t ** 3,
    0.5 * t + 2 * t * t - 1.5 * t ** 3,
    -0.5 * t * t + 0.5 * t ** 3,
  ];
}
