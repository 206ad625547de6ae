// How often a model reads the same lines, and in what order. Several shuffled readings find more than one, and what they agree on is
// right more often; on a few lines one reading finds the same. Pure.

/** What readings after the first were good for, with one model. */
export interface PassGain {
  /** Findings that were kept in reviews of several passes. */
  kept: number;
  /** Of these, those that the first pass did not make. */
  gained: number;
}

const maxPasses = 3;
/** Up to here one pass is as good: a change that fits one prompt. */
const maxLinesForOnePass = 60;
/** Beyond this a reading takes too long to be made more than once. */
const maxPromptsForMore = 8;
const minKeptToJudge = 20;
const minGain = 0.1;

export interface PassConditions {
  /** A model on this machine reads slowly, and one that is small agrees with itself in what is wrong. */
  isLocal: boolean;
  gain: PassGain | undefined;
  /** How many prompts one reading takes. */
  prompts: number;
  /** How many may be made. */
  maxPrompts: number;
}

/** How often to read a document. */
export function passesFor(lines: number, { isLocal, gain, prompts, maxPrompts }: PassConditions): number {
  if (isLocal || lines <= maxLinesForOnePass || prompts > maxPromptsForMore || prompts * maxPasses > maxPrompts)
    return 1;
  const isMeasured = gain !== undefined && gain.kept >= minKeptToJudge;
  return isMeasured && gain.gained / gain.kept < minGain ? 1 : maxPasses;
}

/** The items in the order of a pass: as they stand in the first, mixed by its number in the others. The same each time. */
export function inPassOrder<Item>(items: readonly Item[], pass: number): Item[] {
  const order = [...items];
  if (pass === 0) return order;
  let state = pass * 0x9e3779b1;
  for (let i = order.length - 1; i > 0; i--) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x297a2d39) >>> 0;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j] as Item, order[i] as Item];
  }
  return order;
}

/** What readings after the first have been good for, by model. Lives as long as the daemon. */
export class PassGains {
  readonly #byModel = new Map<string, PassGain>();

  of(model: string): PassGain | undefined {
    return this.#byModel.get(model);
  }

  add(model: string, { kept, gained }: PassGain): void {
    const known = this.#byModel.get(model) ?? { kept: 0, gained: 0 };
    this.#byModel.set(model, { kept: known.kept + kept, gained: known.gained + gained });
  }
}
