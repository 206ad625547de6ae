// Memories as a section of the system prompt. The same memories give the same text, so that providers can cache the
// prompt. Pure.

/** A memory that may be sent with a question. */
export interface Fact {
  id: string;
  text: string;
}

export interface MemorySection {
  /** Appended to the system prompt; empty without memories. */
  text: string;
  /** Ids of the memories in it. */
  memories: string[];
}

const heading =
  "The user asked you to remember these facts, in the user's own words. Follow them wherever they bear on the question, unless the user says otherwise in this conversation; do not repeat them unasked.";

/** The largest share of a model's context that memories may take. */
const maxShare = 0.1;

/** `contextTokens` is the size of the model's context; undefined when it is unknown. */
export function sectionOf(
  facts: readonly Fact[],
  { contextTokens, estimateTokens }: { contextTokens: number | undefined; estimateTokens(text: string): number },
): MemorySection {
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
