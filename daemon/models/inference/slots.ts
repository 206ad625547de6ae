// The sequences of a loaded model. Each is a slot that one answer uses at a time, and what was read into it stays for the next turn of
// the same chat. A chat that loses its slot keeps its state on disk, where reading it all again would take longer.
import type { LlamaContext, LlamaContextSequence, Token } from 'node-llama-cpp';
import { FairQueue, type Priority } from '../../base/fair-queue.ts';
import { commonLength, prefixKeyOf, type SavedStates, type StateKey } from './saved-states.ts';

/** Fewer tokens are read again sooner than a state is written and found. */
const leastKeptTokens = 64;

/** Who wants a slot, and what for. */
export interface SlotClaim {
  /** What one owner has read is never used for another, nor could its time or counts tell of it. */
  owner: string;
  /** The chat or the work that the prompt belongs to; what has none leaves no state on disk. */
  key?: string | undefined;
  priority: Priority;
  /** By which it can be preferred. */
  id?: string;
  prompt: readonly Token[];
  signal: AbortSignal;
  /** Called when it must wait, with how many answers are before it. */
  onWait?(ahead: number): void;
}

/** A slot in use. Its sequence holds the first `cachedTokens` tokens of the prompt, and nothing else. */
export interface SlotLease extends Disposable {
  readonly sequence: LlamaContextSequence;
  readonly cachedTokens: number;
}

interface Slot {
  readonly sequence: LlamaContextSequence;
  owner: string | undefined;
  key: string | undefined;
  priority: Priority;
  isBusy: boolean;
  lastUsed: number;
  /** Tokens of it that are on disk already. */
  savedTokens: number;
}

export interface SlotsDeps {
  context: LlamaContext;
  /** Left out, no state leaves the memory. */
  states?: SavedStates | undefined;
  /** Names the model file, its build and its settings: a state fits no others. */
  model: string;
}

/** Lives as long as its context. */
export class Slots {
  readonly #deps: SlotsDeps;
  readonly #slots: Slot[];
  readonly #queue: FairQueue;
  #uses = 0;
  /** Changes of sequences under way, and what resolves when there are none. */
  #changes = 0;
  #changed = Promise.withResolvers<void>();

  constructor(deps: SlotsDeps) {
    this.#deps = deps;
    const { context } = deps;
    this.#slots = Array.from({ length: context.totalSequences }, () => ({
      sequence: context.getSequence(),
      owner: undefined,
      key: undefined,
      priority: 'background',
      isBusy: false,
      lastUsed: 0,
      savedTokens: 0,
    }));
    // Background work starts only where a question that comes meanwhile still finds a slot.
    this.#queue = new FairQueue({ concurrency: this.#slots.length, spare: 1 });
  }

  /** Of each slot. */
  get contextTokens(): number {
    return this.#deps.context.contextSize;
  }

  /** How many answers run and wait. */
  get load(): { running: number; waiting: number } {
    return this.#queue.load;
  }

  /**
   * Resolves when others have changed their sequences; undefined when none does. Whoever generates waits for it before each token: a
   * context that always has a next step to do would let nobody change anything.
   */
  get pause(): Promise<void> | undefined {
    return this.#changes > 0 ? this.#changed.promise : undefined;
  }

  /** Has a claim that waits go before its owner's others. */
  prefer(id: string): void {
    this.#queue.prefer(id);
  }

  /** Waits for its turn. Throws CancelledError. */
  async take(claim: SlotClaim): Promise<SlotLease> {
    const turn = await this.#queue.take(claim);
    const slot = this.#choose(claim);
    slot.isBusy = true;
    const leave = (): void => {
      slot.isBusy = false;
      slot.lastUsed = ++this.#uses;
      turn[Symbol.dispose]();
    };
    try {
      await this.#change(() => this.#prepare(slot, claim));
      return { sequence: slot.sequence, cachedTokens: slot.sequence.nextTokenIndex, [Symbol.dispose]: leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Keeps the tokens read so far beside the chats' own states, as other prompts of this owner begin with them too. */
  async keepPrefix({ sequence }: SlotLease, owner: string): Promise<void> {
    const key = prefixKeyOf(sequence.contextTokens);
    await this.#change(async () => this.#deps.states?.save(this.#deps.model, { owner, key }, sequence));
  }

  /** Saves what is worth it, before the memory is given back. */
  async rest(): Promise<void> {
    await this.#change(async () => {
      for (const slot of this.#slots) if (!slot.isBusy) await this.#save(slot);
    });
  }

  /** Empties the slots of an owner, or of one of its keys, as far as they are not in use. */
  async forget({ owner, key }: Partial<StateKey>): Promise<void> {
    await this.#change(async () => {
      for (const slot of this.#slots) {
        if (slot.owner === undefined || slot.owner !== (owner ?? slot.owner) || slot.key !== (key ?? slot.key))
          continue;
        slot.key = undefined; // what is in use leaves nothing behind either
        if (!slot.isBusy) await slot.sequence.clearHistory();
      }
    });
  }

  async #change(change: () => Promise<void>): Promise<void> {
    if (this.#changes++ === 0) this.#changed = Promise.withResolvers();
    try {
      await change();
    } finally {
      if (--this.#changes === 0) this.#changed.resolve();
    }
  }

  /** Its own slot, where it has one; else an empty one; else the one whose loss costs the least. */
  #choose({ owner, key, prompt }: SlotClaim): Slot {
    const free = this.#slots.filter(({ isBusy }) => !isBusy);
    const own = free
      .filter((slot) => slot.owner === owner && slot.key === key)
      .toSorted((a, b) => commonWith(b, owner, prompt) - commonWith(a, owner, prompt))[0];
    const [cheapest] = free.toSorted((a, b) => lossOf(a) - lossOf(b) || a.lastUsed - b.lastUsed);
    const slot = own ?? cheapest;
    if (!slot) throw new Error('a turn came without a free slot');
    return slot;
  }

  async #prepare(slot: Slot, claim: SlotClaim): Promise<void> {
    const { owner, key, priority, prompt } = claim;
    const { sequence } = slot;
    const tokens = prompt.slice(0, -1); // the last one is evaluated when the answer starts
    if (slot.key !== key || slot.owner !== owner) await this.#save(slot);
    const here = commonWith(slot, owner, tokens);
    const { state, common } = await this.#bestState(slot, owner, tokens);
    const isLoaded = state && common >= here + leastKeptTokens && (await this.#deps.states?.load(state, sequence));
    if (!isLoaded && slot.owner !== owner) await sequence.clearHistory();
    slot.savedTokens = isLoaded && common === state.tokens.length ? common : 0;
    Object.assign(slot, { owner, key, priority });
    await sequence.adaptStateToTokens(tokens, false);
  }

  /**
   * What begins this prompt, on disk. A chat that was forked begins with what another slot holds: through the disk it comes over sooner
   * than by reading.
   */
  async #bestState(slot: Slot, owner: string, tokens: readonly Token[]) {
    const { states, model } = this.#deps;
    const best = (await states?.best(model, owner, tokens)) ?? { state: undefined, common: 0 };
    const least = Math.max(commonWith(slot, owner, tokens), best.common) + leastKeptTokens;
    const other = this.#slots.find(
      (candidate) => candidate !== slot && !candidate.isBusy && commonWith(candidate, owner, tokens) >= least,
    );
    if (!states || !other) return best;
    await this.#save(other);
    return await states.best(model, owner, tokens);
  }

  async #save(slot: Slot): Promise<void> {
    const { owner, key, sequence, savedTokens } = slot;
    const length = sequence.nextTokenIndex;
    if (owner === undefined || key === undefined || length < leastKeptTokens || length === savedTokens) return;
    await this.#deps.states?.save(this.#deps.model, { owner, key }, sequence);
    slot.savedTokens = length;
  }
}

function commonWith(slot: Slot, owner: string, tokens: readonly Token[]): number {
  return slot.owner === owner ? commonLength(slot.sequence.contextTokens, tokens) : 0;
}

/** Of what a user comes back to, more is lost. */
function lossOf({ sequence, priority }: Slot): number {
  if (sequence.nextTokenIndex === 0) return 0;
  return { background: 1, steady: 2, completion: 2, interactive: 3 }[priority];
}
