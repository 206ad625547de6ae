// Where lines that an answer quotes stand in a file: as they are, else with other white space. Pure.

type Form = (line: string) => string;

const forms: readonly Form[] = [(line) => line.trimEnd(), (line) => line.trim().replace(/\s+/g, ' ')];

/** The first of the lines, counted from 0. */
type LinePlace = { at: number } | { why: string };

/** The lines in one form, and where each of them stands. */
interface FormedLines {
  lines: readonly string[];
  places: ReadonlyMap<string, readonly number[]>;
}

/** Lives as long as one reading of an answer. */
export class LineIndex {
  readonly #lines: readonly string[];
  readonly #formed = new Map<Form, FormedLines>();

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  /** `wanted`: which of several places is meant. */
  placeOf(quoted: readonly string[], wanted?: number): LinePlace {
    if (quoted.every((line) => line.trim() === '')) return { why: "doesn't say which lines it replaces" };
    for (const form of forms) {
      const found = this.#find(quoted.map(form), form);
      const [at] = found;
      if (at === undefined) continue;
      if (found.length === 1) return { at };
      if (wanted !== undefined && found.includes(wanted)) return { at: wanted };
      return { why: `fits ${found.length} places in the file. Ask for one with more lines around it` };
    }
    return { why: "doesn't match the file as it is now. Ask for a change of the current version" };
  }

  /** Looks where the rarest of the lines stands. */
  #find(quoted: readonly string[], form: Form): number[] {
    const { lines, places } = this.#in(form);
    const [rarest] = quoted
      .map((line, offset) => ({ offset, at: places.get(line) ?? [] }))
      .sort((a, b) => a.at.length - b.at.length);
    if (!rarest) return [];
    const starts = rarest.at.map((at) => at - rarest.offset);
    return starts.filter((start) => quoted.every((line, i) => lines[start + i] === line));
  }

  #in(form: Form): FormedLines {
    const known = this.#formed.get(form);
    if (known) return known;
    const lines = this.#lines.map(form);
    const formed = { lines, places: Map.groupBy(lines.keys(), (at) => lines[at] ?? '') };
    this.#formed.set(form, formed);
    return formed;
  }
}
