// Which memories are sent with a question: all of them while they are few, else the most relevant.
import { LRUCache } from 'lru-cache';
import type { StoredMemory } from '../../storage/memories.ts';

/** How many facts, and how many estimated tokens, are sent with a question at most. */
export const maxUsed = { facts: 20, tokens: 1500 };

/** Those that are accepted, switched on, and for everywhere or for this project; the oldest first. */
export function usable(memories: readonly StoredMemory[], projectId: string | undefined): StoredMemory[] {
  return memories.filter(
    (memory) =>
      memory.state === 'accepted' &&
      memory.enabled &&
      (memory.projectId === undefined || memory.projectId === projectId),
  );
}

export function fitsWhole(memories: readonly StoredMemory[], estimateTokens: (text: string) => number): boolean {
  return memories.length <= maxUsed.facts && tokensOf(memories, estimateTokens) <= maxUsed.tokens;
}

/**
 * The best of too many: those that a search for the question found, then those of the project, then the newest. The
 * result keeps the order of creation, so that equal choices make equal prompts.
 */
export function chooseMostRelevant(
  memories: readonly StoredMemory[],
  hits: readonly string[],
  estimateTokens: (text: string) => number,
): StoredMemory[] {
  const rank = new Map(hits.map((id, index) => [id, index]));
  const byWorth = memories.toSorted((a, b) => {
    const [first, second] = [rank.get(a.id) ?? hits.length, rank.get(b.id) ?? hits.length];
    return (
      first - second ||
      Number(b.projectId !== undefined) - Number(a.projectId !== undefined) ||
      b.createdAt - a.createdAt ||
      (a.id < b.id ? 1 : -1)
    );
  });
  const chosen = new Set<string>();
  let tokens = 0;
  for (const memory of byWorth) {
    const more = tokensOf([memory], estimateTokens);
    if (chosen.size >= maxUsed.facts || tokens + more > maxUsed.tokens) break;
    tokens += more;
    chosen.add(memory.id);
  }
  return memories.filter(({ id }) => chosen.has(id));
}

/**
 * A chat keeps its last choice while that holds this many of the best hits, so that its prompts keep their beginning.
 */
const bestHits = 5;
const maxChats = 500;

/** The last choice for each chat. Lives as long as the daemon. */
export class LastChoices {
  readonly #byChat = new LRUCache<string, readonly string[]>({ max: maxChats });

  /** The last choice, if all of it may still be used and nothing better was found. */
  reuse(chatId: string, memories: readonly StoredMemory[], hits: readonly string[]): StoredMemory[] | undefined {
    const last = this.#byChat.peek(chatId);
    const chosen = last && memories.filter(({ id }) => last.includes(id));
    const isGood =
      chosen?.length === last?.length &&
      hits.slice(0, bestHits).every((id) => last?.includes(id) || !memories.some((memory) => memory.id === id));
    return isGood ? chosen : undefined;
  }

  keep(chatId: string, chosen: StoredMemory[]): StoredMemory[] {
    this.#byChat.set(
      chatId,
      chosen.map(({ id }) => id),
    );
    return chosen;
  }
}

function tokensOf(memories: readonly StoredMemory[], estimateTokens: (text: string) => number): number {
  return memories.reduce((sum, { text }) => sum + estimateTokens(text), 0);
}
