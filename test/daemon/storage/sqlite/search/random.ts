// Seeded texts and vectors: the same ones every time.

export interface Random {
  /** From 0 to 1, without 1. */
  next(): number;
  below(limit: number): number;
}

/** Mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, below: (limit) => Math.floor(next() * limit) };
}

const vocabulary = 20_000;

/** Words `w0`, `w1`, …: each about as frequent as its number's inverse, as words of a language are. */
export function zipfText(random: Random, shortest = 4, longest = 24): string {
  const length = shortest + random.below(longest - shortest);
  return Array.from({ length }, () => `w${Math.floor(vocabulary ** random.next()) - 1}`).join(' ');
}

/** A direction: any, or one near a centre, at an angle of about 45 degrees. */
export function unitVector(random: Random, dimensions: number, centre?: Float32Array): Float32Array {
  const vector = new Float32Array(dimensions);
  for (let i = 0; i < dimensions; i++) vector[i] = normal(random) / Math.sqrt(dimensions) + (centre?.[i] ?? 0);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
