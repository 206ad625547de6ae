// How many of something there are, in words.

/** `1 file`, `2 files`; `plural` is for nouns whose plural takes more than an s. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
