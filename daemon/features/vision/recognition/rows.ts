// Where the lines of a text are in a picture, when they are set at one distance, as an editor and a terminal do it. Pure.
import type { Ink } from './ink.ts';

export interface Row {
  top: number;
  bottom: number;
  /** False for an empty line between others. */
  hasInk: boolean;
}

// Distances of lines in heights of an x; an x is about half of its font's size.
const minPitch = 1.75;
const maxPitch = 5;
/** Of the mean ink of a row of pixels: more on the cuts between lines means that there is no one distance. */
const maxCutShare = 0.12;
/** Of the mean: cuts with less are good, whatever others have. Twice the distance cuts through as little, so the smallest is taken. */
const goodCutShare = 0.06;
/** How far from the smallest good distance the best one is looked for. */
const basin = 1.1;

/** Undefined where the lines have no one distance. Empty lines at the ends are left out. */
export function rowsOf(ink: Ink): Row[] | undefined {
  const inked = inkOfRows(ink);
  const first = inked.findIndex((count) => count > 0);
  const last = inked.findLastIndex((count) => count > 0);
  if (first < 0) return undefined;
  const text = inked.subarray(first, last + 1);
  const cuts = bestCuts(text, ink.glyphHeight);
  if (!cuts) return undefined;
  const rows = cuts.slice(1).map((bottom, index) => {
    const top = cuts[index] ?? 0;
    const hasInk = text.subarray(Math.max(0, top), bottom).some((count) => count > 0);
    return { top: Math.max(0, first + top), bottom: Math.min(ink.height, first + bottom), hasInk };
  });
  return withoutEveryOther(
    rows.slice(
      rows.findIndex(({ hasInk }) => hasInk),
      rows.findLastIndex(({ hasInk }) => hasInk) + 1,
    ),
  );
}

/** Pixels with ink, by row of pixels. */
function inkOfRows({ width, height, values, threshold }: Ink): Float64Array {
  const counts = new Float64Array(height);
  for (let y = 0; y < height; y++) {
    let count = 0;
    for (let x = 0; x < width; x++) if ((values[y * width + x] ?? 0) >= threshold) count++;
    counts[y] = count;
  }
  return counts;
}

/** Where lines are cut from each other, the first before the text and the last behind it. */
function bestCuts(text: Float64Array, glyphHeight: number): number[] | undefined {
  const smooth = smoothed(text, Math.max(1, Math.round(glyphHeight / 4)));
  const mean = text.reduce((sum, count) => sum + count, 0) / text.length;
  const found: { pitch: number; cost: number; cuts: number[] }[] = [];
  const step = Math.min(0.5, (0.5 * glyphHeight) / text.length);
  for (let pitch = glyphHeight * minPitch; pitch <= glyphHeight * maxPitch; pitch += step)
    found.push({ pitch, ...cheapestPhase(smooth, pitch) });
  const least = Math.min(...found.map(({ cost }) => cost));
  if (least > mean * maxCutShare) return undefined;
  const good = found.filter(({ cost }) => cost <= Math.max(least, mean * goodCutShare));
  const smallest = good[0]?.pitch ?? 0;
  const near = good.filter(({ pitch }) => pitch <= smallest * basin);
  return near.reduce((best, each) => (each.cost < best.cost ? each : best)).cuts;
}

function cheapestPhase(smooth: Float64Array, pitch: number): { cost: number; cuts: number[] } {
  let best: { cost: number; cuts: number[] } | undefined;
  for (let phase = -Math.floor(pitch) + 1; phase <= 0; phase++) {
    const cuts: number[] = [];
    let sum = 0;
    for (let index = 0; ; index++) {
      const cut = Math.round(phase + index * pitch);
      cuts.push(cut);
      sum += smooth[cut] ?? 0;
      if (cut >= smooth.length) break;
    }
    const cost = sum / (cuts.length - 1);
    if (!best || cost < best.cost) best = { cost, cuts };
  }
  return best ?? { cost: Infinity, cuts: [] };
}

/** Weights fall to both sides, so that the middle of a gap is the cheapest cut. */
function smoothed(values: Float64Array, radius: number): Float64Array {
  return values.map((_, at) => {
    let sum = 0;
    for (let off = -radius; off <= radius; off++) sum += (values[at + off] ?? 0) * (1 - Math.abs(off) / (radius + 1));
    return sum / (radius + 1);
  });
}

/** Widely set lines look like lines of half the distance of which every other one is empty. */
function withoutEveryOther(rows: Row[]): Row[] {
  const others = rows.filter((_, index) => index % 2 === 1);
  if (others.length < 2 || others.some(({ hasInk }) => hasInk)) return rows;
  return rows.flatMap((row, index) =>
    index % 2 === 0 ? [{ ...row, bottom: rows[index + 1]?.bottom ?? row.bottom }] : [],
  );
}
