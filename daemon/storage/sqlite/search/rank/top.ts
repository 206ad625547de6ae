// The best of many, without sorting all of them: a heap whose top is the worst that is still kept.

export interface RankedDocument {
  document: number;
  score: number;
}

/** Of equal scores the newer document, which has the higher number, is the better. */
export class Top {
  readonly #scores: Float64Array;
  readonly #documents: Uint32Array;
  size = 0;

  constructor(most: number) {
    this.#scores = new Float64Array(most);
    this.#documents = new Uint32Array(most);
  }

  /** What a score must reach to be kept. */
  get least(): number {
    return this.size < this.#scores.length ? -Infinity : (this.#scores[0] ?? -Infinity);
  }

  offer(document: number, score: number): void {
    if (this.size < this.#scores.length) return this.#rise(this.size++, document, score);
    if (!this.#isWorse(0, document, score)) return;
    this.#sink(document, score);
  }

  /** Best first. */
  ranked(): RankedDocument[] {
    const all = Array.from({ length: this.size }, (_, i) => ({
      document: this.#documents[i] ?? 0,
      score: this.#scores[i] ?? 0,
    }));
    return all.sort((a, b) => b.score - a.score || b.document - a.document);
  }

  #isWorse(place: number, document: number, score: number): boolean {
    const own = this.#scores[place] ?? 0;
    return own < score || (own === score && (this.#documents[place] ?? 0) < document);
  }

  #set(place: number, document: number, score: number): void {
    this.#documents[place] = document;
    this.#scores[place] = score;
  }

  #rise(from: number, document: number, score: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#isWorse(parent, document, score)) break;
      this.#set(place, this.#documents[parent] ?? 0, this.#scores[parent] ?? 0);
      place = parent;
    }
    this.#set(place, document, score);
  }

  #sink(document: number, score: number): void {
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && this.#isWorse(child + 1, this.#documents[child] ?? 0, this.#scores[child] ?? 0))
        child++;
      if (!this.#isWorse(child, document, score)) break;
      this.#set(place, this.#documents[child] ?? 0, this.#scores[child] ?? 0);
      place = child;
    }
    this.#set(place, document, score);
  }
}
