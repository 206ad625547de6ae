// The words of a finding's message, and how many of them two messages share. Pure.

/** Half of the words of both messages together: from here on they say the same. */
export const minSharedWords = 0.5;

/** In lower case, without digits and punctuation, which vary from run to run. */
export function messageWords(message: string): string[] {
  return message.toLowerCase().match(/\p{L}+/gu) ?? [];
}

/** The share of the words of both messages that stand in both: 0 to 1. */
export function sharedWords(one: string, other: string): number {
  const [words, others] = [new Set(messageWords(one)), new Set(messageWords(other))];
  const common = [...words].filter((word) => others.has(word)).length;
  return common / Math.max(1, words.size + others.size - common);
}
