// Which memories go along with a question: all of them while they are few, else the most relevant. Pure.
import type { StoredMemory } from '../memory/memories/types.ts';

/** So many facts, and so many tokens by the estimate, go along with a question. */
export const mostUsed = { facts: 20, tokens: 1500 };

/** Accepted, switched on, and of everywhere or of this project; the oldest first. */
export function usable(memories: readonly StoredMemory[], projectId: string | undefined): StoredMemory[] {
  return memories.filter((memory) => memory.state === 'accepted' && memory.enabled && (memory.projectId === undefined || memory.projectId === projectId));
}

export function fitsWhole(memories: readonly StoredMemory[], estimateTokens: (text: string) => number): boolean {
  return memories.length <= mostUsed.facts && tokensOf(memories, estimateTokens) <= mostUsed.tokens;
}

/**
 * The best of too many: those that a search for the question found, then those of the project, then the newest. They are told in the
 * order in which they were made, whatever the question was, so that equal choices make equal prompts.
 */
export function mostRelevant(memories: readonly StoredMemory[], found: readonly string[], estimateTokens: (text: string) => number): StoredMemory[] {
  const rank = new Map(found.map((id, index) => [id, index]));
  const byWorth = memories.toSorted((a, b) => {
    const [first, second] = [rank.get(a.id) ?? found.length, rank.get(b.id) ?? found.length];
    return first - second || Number(b.projectId !== undefined) - Number(a.projectId !== undefined) || b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);
  });
  const chosen = new Set<string>();
  let tokens = 0;
  for (const memory of byWorth) {
    const more = tokensOf([memory], estimateTokens);
    if (chosen.size >= mostUsed.facts || tokens + more > mostUsed.tokens) break;
    tokens += more;
    chosen.add(memory.id);
  }
  return memories.filter(({ id }) => chosen.has(id));
}

function tokensOf(memories: readonly StoredMemory[], estimateTokens: (text: string) => number): number {
  return memories.reduce((sum, { text }) => sum + estimateTokens(text), 0);
}
