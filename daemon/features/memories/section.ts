// Memories as a model is told of them: a part of the system prompt, the same for the same memories, so that providers can keep what
// they have read of it. Pure.

/** A memory that may go along with a question. */
export interface Fact {
  id: string;
  text: string;
}

export interface Section {
  /** To be added to the system prompt; empty without memories. */
  text: string;
  /** Ids of the memories in it. */
  memories: string[];
}

const heading =
  "The user asked you to remember these facts, in the user's own words. Follow them wherever they bear on the question, unless the user says otherwise in this conversation; do not repeat them unasked.";

/** At most this share of what a model holds is given to memories. */
const maxShare = 0.1;

/** `contextTokens`: what the model holds; undefined when it is unknown. */
export function sectionOf(
  facts: readonly Fact[],
  { contextTokens, estimateTokens }: { contextTokens: number | undefined; estimateTokens(text: string): number },
): Section {
  const lines: string[] = [];
  const memories: string[] = [];
  let room =
    contextTokens === undefined ? Number.POSITIVE_INFINITY : contextTokens * maxShare - estimateTokens(heading);
  for (const { id, text } of facts) {
    const line = `- ${text}`;
    room -= estimateTokens(`${line}\n`);
    if (room < 0) break;
    lines.push(line);
    memories.push(id);
  }
  return { text: lines.length === 0 ? '' : `\n\n${heading}\n${lines.join('\n')}`, memories };
}
