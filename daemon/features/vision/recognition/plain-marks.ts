// Characters that are known by where their ink is, which Tesseract leaves out or takes for others: it was trained on prose. Pure.
import type { Cell } from './grid.ts';
import type { Ink } from './ink.ts';
import type { Row } from './rows.ts';

interface Extent {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** Where letters stand and end, in pixels from a row's top. */
export interface LetterLines {
  /** The first row of pixels below them. */
  base: number;
  /** The first row of pixels of an x. */
  middle: number;
}

const minBarWidth = 0.55; // of a cell
const maxQuoteWidth = 0.65;
const maxSingleWidth = 0.42; // an asterisk is wider

/** Most characters end on the base line, and most small ones begin at the middle line. Undefined for next to no text. */
export function letterLines(ink: Ink, places: readonly { row: Row; cell: Cell }[]): LetterLines | undefined {
  const bottoms = new Map<number, number>();
  const tops = new Map<number, number>();
  const count = (counts: Map<number, number>, at: number): void => void counts.set(at, (counts.get(at) ?? 0) + 1);
  for (const { row, cell } of places) {
    const extent = extentOf(ink, row, cell);
    if (!extent || extent.bottom - extent.top < ink.glyphHeight * 0.8) continue;
    count(bottoms, extent.bottom - row.top);
    count(tops, extent.top - row.top);
  }
  const base = commonest(bottoms);
  const middle = commonest(
    new Map([...tops].filter(([at]) => base !== undefined && base - at < ink.glyphHeight * 1.25)),
  );
  return base === undefined || middle === undefined ? undefined : { base, middle };
}

/** `_`, or a quotation mark; undefined for all others. */
export function plainMark(ink: Ink, { row, cell }: { row: Row; cell: Cell }, lines: LetterLines): string | undefined {
  const extent = extentOf(ink, row, cell);
  if (!extent) return undefined;
  const wide = (extent.right - extent.left) / (cell.right - cell.left);
  if (extent.top - row.top >= lines.base && wide >= minBarWidth) return '_';
  const isHigh = extent.bottom - row.top <= lines.base - ink.glyphHeight * 0.5;
  const isUpright = (extent.bottom - extent.top) * 1.2 >= extent.right - extent.left;
  if (!isHigh || !isUpright || wide > maxQuoteWidth) return undefined;
  const quote = quoteOf(ink, extent);
  return quote === '"' || wide <= maxSingleWidth ? quote : undefined;
}

const minSlant = 0.08; // of the height

function quoteOf(ink: Ink, { top, bottom, left, right }: Extent): string {
  const columns = sums(right - left, (x) => sumOf(bottom - top, (y) => at(ink, left + x, top + y)));
  const strongest = Math.max(...columns);
  const first = columns.findIndex((value) => value > strongest * 0.6);
  const last = columns.findLastIndex((value) => value > strongest * 0.6);
  if (columns.slice(first, last + 1).some((value) => value < strongest * 0.35)) return '"';
  const half = (bottom - top) / 2;
  const upper = middleOf(ink, { top, bottom: Math.ceil(top + half), left, right });
  const lower = middleOf(ink, { top: Math.floor(top + half), bottom, left, right });
  return lower - upper > minSlant * (bottom - top) ? '`' : "'";
}

/** Of the ink, from the left. */
function middleOf(ink: Ink, { top, bottom, left, right }: Extent): number {
  let [weighted, total] = [0, 0];
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      weighted += at(ink, x, y) * (x - left);
      total += at(ink, x, y);
    }
  return total === 0 ? 0 : weighted / total;
}

function extentOf(ink: Ink, { top, bottom }: Row, cell: Cell): Extent | undefined {
  const [left, right] = [Math.max(0, Math.round(cell.left)), Math.min(ink.width, Math.round(cell.right))];
  let strongest = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) strongest = Math.max(strongest, at(ink, x, y));
  const extent = { top: bottom, bottom: top, left: right, right: left };
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      if (at(ink, x, y) < strongest * 0.4) continue;
      extent.top = Math.min(extent.top, y);
      extent.bottom = Math.max(extent.bottom, y + 1);
      extent.left = Math.min(extent.left, x);
      extent.right = Math.max(extent.right, x + 1);
    }
  return extent.top < extent.bottom ? extent : undefined;
}

function at({ width, values }: Ink, x: number, y: number): number {
  return values[y * width + x] ?? 0;
}

function sums(length: number, of: (index: number) => number): number[] {
  return Array.from({ length }, (_, index) => of(index));
}

function sumOf(length: number, of: (index: number) => number): number {
  return sums(length, of).reduce((sum, value) => sum + value, 0);
}

function commonest(counts: ReadonlyMap<number, number>): number | undefined {
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
