// How much of what a model claims its own second look disproves with evidence. A noisy model's findings need more that speaks for them.

const minWeighed = 20; // below, chance decides
/** More than half of the claims were wrong. */
const maxRefutedShare = 0.5;

/** What the refuter did. */
export interface WeighedClaims {
  weighed: number;
  refuted: number;
}

/** What was disproved of each model. Lives as long as the daemon. */
export class ModelNoise {
  readonly #byModel = new Map<string, WeighedClaims>();

  add(model: string, { weighed, refuted }: WeighedClaims): void {
    const known = this.#byModel.get(model) ?? { weighed: 0, refuted: 0 };
    this.#byModel.set(model, { weighed: known.weighed + weighed, refuted: known.refuted + refuted });
  }

  isNoisy(model: string): boolean {
    const { weighed, refuted } = this.#byModel.get(model) ?? { weighed: 0, refuted: 0 };
    return weighed >= minWeighed && refuted / weighed > maxRefutedShare;
  }
}
