// Which state of the key store was in use last. It is remembered apart from its files, which somebody could replace by older ones that
// were sealed just as well.
import type { Log } from '../base/log.ts';

export interface GenerationWitness {
  /** The highest generation that was noted; 0 where none was. */
  latest(): Promise<number>;
  note(generation: number): Promise<void>;
}

/** For a key store of which nothing else knows. */
export const noWitness: GenerationWitness = { latest: async () => 0, note: async () => {} };

/** Lives as long as the keystore, the only one that writes it. A witness that cannot be asked is asked again next time; keys do not wait for it. */
export class Generations {
  readonly #witness: GenerationWitness;
  readonly #log: Log;
  #isAsked = false;
  #latest = 0;

  constructor(witness: GenerationWitness, log: Log) {
    this.#witness = witness;
    this.#log = log;
  }

  /** The highest one that was in use, as far as is known. */
  async latest(): Promise<number> {
    if (this.#isAsked) return this.#latest;
    try {
      this.#latest = Math.max(this.#latest, await this.#witness.latest());
      this.#isAsked = true;
    } catch (error) {
      this.#log.warn({ error: String(error) }, 'it is not known whether the stored keys are the newest');
    }
    return this.#latest;
  }

  async note(generation: number): Promise<void> {
    if (generation <= this.#latest) return;
    this.#latest = generation;
    try {
      await this.#witness.note(generation);
    } catch (error) {
      this.#log.warn({ error: String(error) }, 'the newest state of the stored keys was not noted');
    }
  }
}
