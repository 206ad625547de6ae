// Which changes a request for a review asks for, in words. Pure.

/** Undefined where it asks for a file. */
export function changesAsked(prompt: string): 'staged' | 'unstaged' | undefined {
  if (/\bunstaged\b/i.test(prompt)) return 'unstaged';
  if (/\bstaged\b/i.test(prompt)) return 'staged';
  return /\b(?:changes|diff|working tree|uncommitted)\b/i.test(prompt) ? 'unstaged' : undefined;
}
