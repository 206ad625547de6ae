// How the sequences of a context share its next step. Whoever generates has a token in each; whoever reads a prompt gets as much as
// keeps the step short, so that the others go on meanwhile, and so that reading can be stopped.
import type { BatchItem, CustomBatchingPrioritizationStrategy, PrioritizedBatchItem } from 'node-llama-cpp';

/** A step's length while others generate: a stall of this length between two tokens is hardly seen. */
const sharedStepMs = 60;
/** A step's length while nobody waits for it: a cancelled prompt ends within it. */
const aloneStepMs = 1000;
const leastStepTokens = 16;
const warmUpSteps = 3;
/** Items of so few tokens are somebody's next token, or guesses at the next ones. */
const mostNextTokens = 8;

/** Lives as long as its context. */
export class BatchShares {
  /** Of reading, as measured: it falls at once, and grows slowly, as a pause between two steps is no step. */
  #msPerToken = 4;
  #last = { atMs: 0, tokens: 0 };
  #steps = 0;
  readonly #onStep: (generating: number) => void;
  readonly #now: () => number;

  /** `onStep` is called before each step with how many sequences generate in it; 0 where it also reads a prompt. */
  constructor(onStep: (generating: number) => void, now: () => number = performance.now.bind(performance)) {
    this.#onStep = onStep;
    this.#now = now;
  }

  /** Whether enough steps were made to know how long one takes: the first may also wait for a GPU to get ready. */
  get isWarm(): boolean {
    return this.#steps > warmUpSteps;
  }

  /** Milliseconds that a token of a prompt takes. */
  get msPerToken(): number {
    return this.#msPerToken;
  }

  readonly share: CustomBatchingPrioritizationStrategy = ({ items, size }) => {
    this.#steps++;
    this.#measure();
    const next = items.filter(({ tokens }) => tokens.length <= mostNextTokens);
    const prompts = items.filter(({ tokens }) => tokens.length > mostNextTokens);
    this.#onStep(items.every(({ tokens }) => tokens.length === 1) ? items.length : 0);
    const shares: PrioritizedBatchItem[] = byPriority(next).map((item) => ({
      item,
      processAmount: item.tokens.length,
    }));
    const left = size - shares.reduce((sum, { processAmount }) => sum + processAmount, 0);
    const stepMs = next.length > 0 ? sharedStepMs : aloneStepMs;
    const room = Math.min(left, Math.max(leastStepTokens, Math.floor(stepMs / this.#msPerToken)));
    shares.push(...shareEvenly(prompts, room));
    this.#last = { atMs: this.#now(), tokens: prompts.length > 0 ? Math.min(room, countOf(shares)) : 0 };
    return shares;
  };

  #measure(): void {
    const { atMs, tokens } = this.#last;
    if (tokens < leastStepTokens) return;
    const ms = (this.#now() - atMs) / tokens;
    this.#msPerToken = Math.min(ms, this.#msPerToken * 1.25);
  }
}

/** Prompts of the highest priority have all of the room, in equal parts. */
function shareEvenly(items: readonly BatchItem[], room: number): PrioritizedBatchItem[] {
  const highest = Math.max(...items.map(({ evaluationPriority }) => evaluationPriority));
  const first = items.filter(({ evaluationPriority }) => evaluationPriority === highest);
  const part = Math.floor(room / first.length);
  return first.flatMap((item) => (part > 0 ? [{ item, processAmount: Math.min(part, item.tokens.length) }] : []));
}

function byPriority(items: readonly BatchItem[]): BatchItem[] {
  return items.toSorted((a, b) => b.evaluationPriority - a.evaluationPriority);
}

function countOf(shares: readonly PrioritizedBatchItem[]): number {
  return shares.reduce((sum, { processAmount }) => sum + processAmount, 0);
}
