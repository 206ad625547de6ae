// Characters that look the same in one picture are the same: what most of them were read as holds for all. Pure.
import type { Cell } from './grid.ts';
import type { Ink } from './ink.ts';
import type { Row } from './rows.ts';

/** How a character looks: a small picture in which its color and the size of its font do not show. */
export type Shape = Float32Array;

export interface Candidate {
  /** Undefined where the character is known, and has no vote. */
  shape: Shape | undefined;
  /** Undefined where nothing was read. */
  text: string | undefined;
  /** 0 to 1. */
  confidence: number;
}

const columns = 12;
const lines = 24;
/** Of the ink of both: more is another character. */
const maxDifference = 0.16;
/** What more of a group than this were read as holds for the whole group. */
const minMajority = 0.6;

export function shapeOf(ink: Ink, row: Row, cell: Cell): Shape {
  const width = (cell.right - cell.left) / columns;
  const height = (row.bottom - row.top) / lines;
  const shape = new Float32Array(columns * lines);
  let strongest = 1;
  for (let line = 0; line < lines; line++)
    for (let column = 0; column < columns; column++) {
      const value = mean(ink, {
        left: cell.left + column * width,
        right: cell.left + (column + 1) * width,
        top: row.top + line * height,
        bottom: row.top + (line + 1) * height,
      });
      shape[line * columns + column] = value;
      strongest = Math.max(strongest, value);
    }
  return shape.map((value) => value / strongest);
}

/** Of a place that need not begin or end at a whole pixel. */
function mean(
  ink: Ink,
  { left, right, top, bottom }: { left: number; right: number; top: number; bottom: number },
): number {
  let sum = 0;
  for (let y = Math.floor(top); y < bottom; y++) {
    if (y < 0 || y >= ink.height) continue;
    const high = Math.min(bottom, y + 1) - Math.max(top, y);
    for (let x = Math.floor(left); x < right; x++) {
      if (x < 0 || x >= ink.width) continue;
      const wide = Math.min(right, x + 1) - Math.max(left, x);
      sum += (ink.values[y * ink.width + x] ?? 0) * high * wide;
    }
  }
  return sum / ((right - left) * (bottom - top));
}

/** What each was read as, once those that look like it were asked. */
export function settled(candidates: readonly Candidate[]): (string | undefined)[] {
  const groups = grouped(candidates.map(({ shape }) => shape));
  const result = candidates.map(({ text }) => text);
  for (const group of groups) {
    const weights = new Map<string, number>();
    let total = 0;
    for (const index of group) {
      const { text, confidence } = candidates[index] ?? {};
      if (text === undefined) continue;
      const weight = 0.2 + (confidence ?? 0);
      weights.set(text, (weights.get(text) ?? 0) + weight);
      total += weight;
    }
    const [winner] = [...weights].sort(([, a], [, b]) => b - a);
    if (winner && winner[1] >= total * minMajority) for (const index of group) result[index] = winner[0];
  }
  return result;
}

/** Each joins the group whose first member it looks most like, or begins its own. */
function grouped(shapes: readonly (Shape | undefined)[]): number[][] {
  const groups: number[][] = [];
  for (const [index, shape] of shapes.entries()) {
    if (!shape) continue;
    let nearest: { group: number[]; difference: number } | undefined;
    for (const group of groups) {
      const first = shapes[group[0] ?? 0];
      const difference = first ? differenceOf(shape, first) : 1;
      if (difference <= maxDifference && difference < (nearest?.difference ?? 1)) nearest = { group, difference };
    }
    if (nearest) nearest.group.push(index);
    else groups.push([index]);
  }
  return groups;
}

/** 0 to 1, at the best of three places: letters are not always set on whole pixels. */
function differenceOf(a: Shape, b: Shape): number {
  return Math.min(...[-1, 0, 1].map((shift) => shifted(a, b, shift)));
}

function shifted(a: Shape, b: Shape, shift: number): number {
  let different = 0;
  let all = 0;
  for (let line = 0; line < lines; line++)
    for (let column = 0; column < columns; column++) {
      const from = column + shift;
      const value = a[line * columns + column] ?? 0;
      const other = from < 0 || from >= columns ? 0 : (b[line * columns + from] ?? 0);
      different += Math.abs(value - other);
      all += Math.max(value, other);
    }
  return all === 0 ? 0 : different / all;
}
