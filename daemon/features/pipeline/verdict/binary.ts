// Whether what was read as text is none. Pure.

const maxProbedChars = 64 * 1024;
/** Of a text in another encoding than UTF-8 single letters cannot be read; of a binary file much cannot. */
const maxUnreadable = 0.1;

export function isBinary(text: string): boolean {
  const head = text.slice(0, maxProbedChars);
  if (head.includes('\0')) return true;
  const unreadable = head.match(/[\uFFFD\x01-\x08\x0E-\x1A\x1C-\x1F]/g)?.length ?? 0;
  return unreadable > head.length * maxUnreadable;
}
