// Whether what an edit put into a document is still there. Pure.

/** Whether all lines of all pieces still stand in the text. Line ends and indentation may have changed; blank lines do not count. */
export function isKept(text: string, pieces: readonly string[]): boolean {
  const lines = new Set(linesOf(text));
  return pieces.every((piece) => linesOf(piece).every((line) => lines.has(line)));
}

function linesOf(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
