// The passages of a page that bear on a question. Pure.

const minWordChars = 3;

/** Those with most of the question's words, in the order of the page, within so many characters. */
export function passagesFor(question: string, text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const words = new Set(wordsIn(question));
  const paragraphs = text.split(/\n{2,}/).map((paragraph, place) => {
    const own = new Set(wordsIn(paragraph));
    return { paragraph, place, score: [...words].filter((word) => own.has(word)).length };
  });
  const chosen: typeof paragraphs = [];
  let room = maxChars;
  for (const each of paragraphs.toSorted((a, b) => b.score - a.score || a.place - b.place)) {
    if (each.paragraph.length + 2 > room) continue;
    room -= each.paragraph.length + 2;
    chosen.push(each);
  }
  if (chosen.length === 0) return text.slice(0, maxChars).toWellFormed();
  return chosen
    .toSorted((a, b) => a.place - b.place)
    .map(({ paragraph }) => paragraph)
    .join('\n\n');
}

function wordsIn(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []).filter((word) => word.length >= minWordChars);
}
