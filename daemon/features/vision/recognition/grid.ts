// The columns of a text in a monospaced font: how wide a character is and where the first column begins. From these come indentation and
// spaces, exactly, whatever is read in the cells. Pure.
import type { Ink } from './ink.ts';
import type { Row } from './rows.ts';

export interface Grid {
  /** Width of a character in pixels; not a whole number. */
  cell: number;
  /** Where the column 0 begins. */
  left: number;
}

/** A place in a line that holds a character. */
export interface Cell {
  column: number;
  /** In pixels. */
  left: number;
  right: number;
}

// Width of a character in heights of an x; both are near half of the font's size.
const minCell = 0.75;
const maxCell = 1.7;
/** How much more ink is in the middles of cells than at their borders, from 0 to 1: proportional fonts have next to none. */
const minStrength = 0.16;
/** The part of a cell that only its own character reaches. */
const innerFrom = 0.2;
const innerTo = 0.8;
const minInk = 0.9; // pixels of full ink; a dot has more

/** Undefined where the font is not monospaced, or there is too little text to tell. */
export function gridOf(ink: Ink, rows: readonly Row[]): Grid | undefined {
  const columns = inkOfColumns(ink, rows);
  const total = columns.reduce((sum, value) => sum + value, 0);
  const first = columns.findIndex((value) => value > 0);
  const span = columns.findLastIndex((value) => value > 0) - first + 1;
  let best = { strength: 0, frequency: 0, phase: 0 };
  const step = 0.1 / span;
  for (
    let frequency = 1 / (ink.glyphHeight * maxCell);
    frequency <= 1 / (ink.glyphHeight * minCell);
    frequency += step
  ) {
    const { real, imaginary } = transform(columns, frequency);
    const strength = Math.hypot(real, imaginary) / total;
    if (strength > best.strength) best = { strength, frequency, phase: Math.atan2(imaginary, real) };
  }
  if (best.strength < minStrength) return undefined;
  const cell = 1 / best.frequency;
  const middle = ((best.phase / (2 * Math.PI)) * cell + cell) % cell; // of a column
  const offset = (((middle - cell / 2) % cell) + cell) % cell;
  return { cell, left: firstColumn(ink, rows, { cell, left: offset - cell }) };
}

/** The characters of a row, from the left. */
export function cellsOf(ink: Ink, { top, bottom }: Row, { cell, left }: Grid): Cell[] {
  const cells: Cell[] = [];
  for (let column = 0; left + column * cell < ink.width; column++) {
    const start = left + column * cell;
    const from = Math.max(0, Math.round(start + cell * innerFrom));
    const to = Math.min(ink.width, Math.round(start + cell * innerTo));
    let sum = 0;
    let strongest = 0;
    for (let y = top; y < bottom; y++)
      for (let x = from; x < to; x++) {
        const value = ink.values[y * ink.width + x] ?? 0;
        sum += value;
        strongest = Math.max(strongest, value);
      }
    if (strongest >= ink.threshold && sum >= strongest * minInk)
      cells.push({ column, left: start, right: start + cell });
  }
  return cells;
}

function inkOfColumns({ width, values, threshold }: Ink, rows: readonly Row[]): Float64Array {
  const sums = new Float64Array(width);
  for (const { top, bottom } of rows)
    for (let y = top; y < bottom; y++)
      for (let x = 0; x < width; x++) {
        const value = values[y * width + x] ?? 0;
        if (value >= threshold / 2) sums[x] = (sums[x] ?? 0) + value;
      }
  return sums;
}

/** Of the pixels' middles; the angle is where in a period most of the ink lies. */
function transform(columns: Float64Array, frequency: number): { real: number; imaginary: number } {
  let real = 0;
  let imaginary = 0;
  for (let x = 0; x < columns.length; x++) {
    const value = columns[x] ?? 0;
    if (value === 0) continue;
    const angle = 2 * Math.PI * frequency * (x + 0.5);
    real += value * Math.cos(angle);
    imaginary += value * Math.sin(angle);
  }
  return { real, imaginary };
}

/** The leftmost column with a character becomes the column 0. */
function firstColumn(ink: Ink, rows: readonly Row[], grid: Grid): number {
  const firsts = rows.filter(({ hasInk }) => hasInk).flatMap((row) => cellsOf(ink, row, grid)[0]?.left ?? []);
  return firsts.length === 0 ? grid.left : Math.min(...firsts);
}
