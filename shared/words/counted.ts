// How many of something there are, in words.

/** `1 file`, `2 files`; for nouns whose plural takes an s. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
