// Which changes a request for a review asks for, in words. Pure.

/** Undefined where it asks for a file. In English and in German. */
export function changesAsked(prompt: string): 'staged' | 'unstaged' | undefined {
  if (/\b(?:unstaged|(?:nicht|un)\s?gestagte?[nrs]?)\b/i.test(prompt)) return 'unstaged';
  if (/\b(?:staged|gestagte?[nrs]?)\b/i.test(prompt)) return 'staged';
  return /\b(?:changes|diff|working tree|uncommitted)\b|(?<!\p{L})Änderungen\b/iu.test(prompt) ? 'unstaged' : undefined;
}
