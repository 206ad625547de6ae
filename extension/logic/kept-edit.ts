// Whether what an edit put into a document is still there. Pure.

/** Each piece that says something still stands in the text, whatever line ends and indentation became of it. */
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
