// How far a text that was read is from the one that is in the picture.

export interface Score {
  /** Characters that must be put in, taken out, or changed, spaces and line ends included. */
  errors: number;
  characters: number;
  /** Lines that are not empty, and how many of them begin with exactly their spaces. */
  lines: number;
  indented: number;
}

export function scoreOf(expected: string, read: string): Score {
  const [wanted, found] = [expected.split('\n'), read.split('\n')];
  const written = wanted.flatMap((line, index) => (line.trim() === '' ? [] : [{ line, index }]));
  return {
    errors: distance(expected, read),
    characters: expected.length,
    lines: written.length,
    indented: written.filter(({ line, index }) => indentation(found[index] ?? '') === indentation(line)).length,
  };
}

function indentation(line: string): number {
  return line.trim() === '' ? -1 : line.length - line.trimStart().length;
}

/** Levenshtein. */
function distance(a: string, b: string): number {
  let before = Uint32Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const row = new Uint32Array(b.length + 1);
    row[0] = i + 1;
    for (let j = 0; j < b.length; j++) {
      const changed = (before[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      row[j + 1] = Math.min(changed, (before[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1);
    }
    before = row;
  }
  return before[b.length] ?? 0;
}
