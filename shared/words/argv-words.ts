// A command as people read it.

/** In one line, in which no argument reads as two: nearly as in a shell. */
export function argvWords(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./\\-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
}
