// Where lines that an answer quotes stand in a file: as they are, else with other white space. Pure.

type Form = (line: string) => string;

const forms: readonly Form[] = [(line) => line.trimEnd(), (line) => line.trim().replace(/\s+/g, ' ')];

/** The first of the lines, counted from 0. */
type LinePlace = { at: number } | { why: string };

/** Lives as long as one reading of an answer. */
export class LineIndex {
  readonly #lines: readonly string[];
  /** The places of each line, by form. */
  readonly #places: (Map<string, number[]> | undefined)[] = [];

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  /** `wanted`: which of several places is meant. */
  placeOf(quoted: readonly string[], wanted?: number): LinePlace {
    if (quoted.every((line) => line.trim() === '')) return { why: "doesn't say which lines it replaces" };
    for (const [which, form] of forms.entries()) {
      const found = this.#find(quoted.map(form), which);
      const [at] = found;
      if (at === undefined) continue;
      if (found.length === 1) return { at };
      if (wanted !== undefined && found.includes(wanted)) return { at: wanted };
      return { why: `fits ${found.length} places in the file. Ask for one with more lines around it` };
    }
    return { why: "doesn't match the file as it is now. Ask for a change of the current version" };
  }

  #find(quoted: readonly string[], which: number): number[] {
    const places = this.#placesIn(which);
    const [rarest] = quoted
      .map((line, offset) => ({ offset, at: places.get(line) ?? [] }))
      .sort((a, b) => a.at.length - b.at.length);
    const form = forms[which] ?? ((line) => line);
    return (rarest?.at ?? [])
      .map((at) => at - (rarest?.offset ?? 0))
      .filter((start) => quoted.every((line, i) => form(this.#lines[start + i] ?? '\0') === line));
  }

  #placesIn(which: number): Map<string, number[]> {
    const known = this.#places[which];
    if (known) return known;
    const places = new Map<string, number[]>();
    const form = forms[which] ?? ((line) => line);
    for (const [at, line] of this.#lines.entries()) {
      const key = form(line);
      const others = places.get(key);
      if (others) others.push(at);
      else places.set(key, [at]);
    }
    this.#places[which] = places;
    return places;
  }
}
