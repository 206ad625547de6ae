// Which generation of the key store was in use last. It is recorded outside the key store's files, since those could be
// replaced by older copies, whose seals are valid too.
import type { Log } from '../base/log.ts';

export interface GenerationWitness {
  /** The highest generation that was noted; 0 when none was. */
  latest(): Promise<number>;
  note(generation: number): Promise<void>;
}

/** For a key store without a record outside its files. */
export const noWitness: GenerationWitness = { latest: async () => 0, note: async () => {} };

/**
 * Lives as long as the keystore, its only writer. When the witness fails it is asked again next time, and keys stay
 * usable.
 */
export class Generations {
  readonly #witness: GenerationWitness;
  readonly #log: Log;
  #isAsked = false;
  #latest = 0;

  constructor(witness: GenerationWitness, log: Log) {
    this.#witness = witness;
    this.#log = log;
  }

  /** The highest generation known to have been in use. */
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
