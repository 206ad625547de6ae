// What of a review was looked at, and by whom: told apart from what was found. Pure.

/**
 * `failed`: it should have looked and did not; `partly`: at some of the lines. `untrusted`: it would have looked if the folder were
 * trusted. `left-out`: nobody was to look, by a rule of the user or since there is nothing to read.
 */
export type CoverageState = 'read' | 'partly' | 'failed' | 'untrusted' | 'left-out';

export interface CoverageEntry {
  uri: string;
  /** An analyser's name, or a model's id; `model` where no model was chosen. */
  by: string;
  state: CoverageState;
  why?: string;
}

const maxWhyChars = 500;

/** Lives as long as a review, or as the part of it that one model reads. Holds one entry for a document and a reader. */
export class Coverage {
  readonly #entries = new Map<string, CoverageEntry>();

  /** What is said twice of one reader and document is joined: read here and failed there is `partly`. */
  add(entry: CoverageEntry): void {
    const key = JSON.stringify([entry.uri, entry.by]);
    const known = this.#entries.get(key);
    this.#entries.set(key, known ? joined(known, entry) : entry);
  }

  has(uri: string, by: string): boolean {
    return this.#entries.has(JSON.stringify([uri, by]));
  }

  get entries(): CoverageEntry[] {
    return [...this.#entries.values()];
  }
}

function joined(known: CoverageEntry, next: CoverageEntry): CoverageEntry {
  const whys = [...new Set([known.why, next.why].filter((why) => why !== undefined))];
  const why = whys.join(' ').slice(0, maxWhyChars);
  const state = known.state === next.state ? known.state : 'partly';
  return { uri: known.uri, by: known.by, state, ...(why !== '' && { why }) };
}

/** Whether a clean result would claim more than was looked at. */
export function isGap({ state }: CoverageEntry): boolean {
  return state === 'failed' || state === 'partly' || state === 'untrusted';
}

export function isLook({ state }: CoverageEntry): boolean {
  return state === 'read' || state === 'partly';
}
