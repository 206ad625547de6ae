// Where rows stand: at multiples of one height, or after the measured and estimated heights of those before them. Knows no page.

export interface Keys {
  readonly count: number;
  key(index: number): string;
}

/** Lives as long as a list. Measured rows are few hundreds; rows of one height may be any number. */
export class Heights {
  readonly #known = new Map<string, number>();
  #keys: Keys = { count: 0, key: String };
  #estimate = 50;
  #isMeasured = false;
  /** Offsets of all rows and of the end; of measured rows only. */
  #offsets: number[] | undefined;

  /** Takes new rows, or the same in another order. Measured heights are kept. */
  begin({ keys, estimate, isMeasured }: { keys: Keys; estimate: number; isMeasured: boolean }): void {
    this.#keys = keys;
    this.#estimate = estimate;
    this.#isMeasured = isMeasured;
    this.#offsets = undefined;
    if (this.#known.size > maxKnown) this.#known.clear();
  }

  /** Returns whether the height differs from the known one. */
  measured(key: string, height: number): boolean {
    if (this.#known.get(key) === height) return false;
    this.#known.set(key, height);
    this.#offsets = undefined;
    return true;
  }

  /** Pixels above a row; of `count`, the whole height. */
  before(index: number): number {
    if (!this.#isMeasured) return Math.min(index, this.#keys.count) * this.#estimate;
    return this.#all()[Math.min(index, this.#keys.count)] ?? 0;
  }

  /** The row at a distance from the top; the last one beyond the end. */
  at(pixels: number): number {
    const last = Math.max(0, this.#keys.count - 1);
    if (!this.#isMeasured) return Math.max(0, Math.min(last, Math.floor(pixels / this.#estimate)));
    const offsets = this.#all();
    let [low, high] = [0, last];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((offsets[middle] ?? 0) <= pixels) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #all(): number[] {
    if (this.#offsets) return this.#offsets;
    const offsets = [0];
    for (let index = 0; index < this.#keys.count; index++)
      offsets.push((offsets[index] ?? 0) + (this.#known.get(this.#keys.key(index)) ?? this.#estimate));
    this.#offsets = offsets;
    return offsets;
  }
}

const maxKnown = 5000;
