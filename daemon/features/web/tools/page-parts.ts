// A long text in parts that a model is shown one at a time, cut where a paragraph, else a line ends. Pure.

const partChars = 5500; // less than a quotation may have

/** At least one. */
export function partsOfText(text: string): string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest.length > partChars) {
    const head = rest.slice(0, partChars);
    const end = [head.lastIndexOf('\n\n'), head.lastIndexOf('\n')].find((at) => at > partChars / 2) ?? partChars;
    parts.push(rest.slice(0, end).toWellFormed());
    rest = rest.slice(end).trimStart();
  }
  return [...parts, rest];
}
