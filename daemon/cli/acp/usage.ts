// What a session has cost so far and how full the model's context is, as the protocol's updates.
import type { SessionUpdate } from '@agentclientprotocol/sdk';
import type { AgentPart } from '../../../shared/protocol/agent.ts';
import type { Message } from '../../../shared/protocol/chat.ts';
import type { Model } from '../../../shared/protocol/models.ts';

type Usage = NonNullable<Message['usage']>;
type Spent = Extract<AgentPart, { kind: 'spent' }>;

/** Lives as long as a session. */
export class SessionUsage {
  /** US dollars of each answer, by its run or its message; undefined where they aren't known. */
  readonly #costs = new Map<string, number | undefined>();
  /** What the last run had spent when a round of it ended. */
  #last: (Pick<Spent, 'usage' | 'rounds'> & { jobId: string }) | undefined;
  #used = 0;
  #model: string | undefined;

  /** Which model answers, as `provider/model`. */
  answeredBy(model: string): void {
    this.#model = model;
  }

  /** An answer that is complete. */
  add({ id, jobId, usage, cost, decision }: Pick<Message, 'id' | 'jobId' | 'usage' | 'cost' | 'decision'>): void {
    if (!usage) return;
    this.#costs.set(jobId ?? id, cost);
    this.#model = decision?.model ?? this.#model;
    if (jobId === undefined) this.#used = sumOf(usage);
  }

  /** All that a run has spent so far. */
  spent(jobId: string, { usage, cost, rounds }: Spent): void {
    const before = this.#last?.jobId === jobId ? this.#last : undefined;
    if (rounds === (before?.rounds ?? 0) + 1) this.#used = sumOf(usage) - (before ? sumOf(before.usage) : 0); // else it isn't one round's
    this.#last = { jobId, usage, rounds };
    this.#costs.set(jobId, cost);
  }

  /** Nothing where the size of the model's context isn't known: the protocol has no update without it. */
  updates(models: readonly Model[]): SessionUpdate[] {
    const size = models.find(({ id }) => id === this.#model)?.contextTokens;
    if (size === undefined) return [];
    const costs = [...this.#costs.values()];
    const amount = costs.reduce<number | undefined>(
      (sum, cost) => (sum === undefined || cost === undefined ? undefined : sum + cost),
      0,
    );
    const cost = amount !== undefined && { cost: { amount, currency: 'USD' } };
    return [{ sessionUpdate: 'usage_update', used: this.#used, size, ...cost }];
  }
}

function sumOf({ input, cacheRead, cacheWrite, output, reasoning }: Usage): number {
  return input + cacheRead + cacheWrite + output + reasoning;
}
