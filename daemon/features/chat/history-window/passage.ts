// Chooses the part of a long message that is quoted again: the one with most of a question's words. Also finds those words. Pure.

/** Words that say nothing about a question's subject. */
const common = new Set(
  (
    'a about after again all also am an and any are as ask at be been before but by can could did do does done for from get give got had has have he her here him his how i if in into is it its just ' +
    'let like me more my need no not now of on one only or our out over please said say she should so some still tell than thank thanks that the their them then there these they this those to too ' +
    'up us use used was we were what when where which while who why will with would yes you your again okay ok hello hi'
  ).split(' '),
);
const maxWords = 24;

/** The words a question is about, in lower case and each once; none for a greeting. */
export function wordsOf(question: string): string[] {
  const words = (question.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []).filter(
    (word) => word.length > 1 && !common.has(word),
  );
  return [...new Set(words)].slice(0, maxWords);
}

/** Whether a text has one of the words. */
export function hasAny(text: string, words: readonly string[]): boolean {
  const wanted = new Set(words);
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}_]+/gu)) if (wanted.has(word)) return true;
  return false;
}

const maxScannedCharacters = 200_000;
const before = 0.2; // share of what is shown that stands before the first word

/** At most this many characters of a text, beginning at a line or a word. Cuts are marked. */
export function passage(text: string, words: readonly string[], most: number): string {
  if (text.length <= most) return text;
  const room = Math.max(0, most - 2); // the marks
  const start = startOf(text, bestStart(text.slice(0, maxScannedCharacters), words, room), room);
  const end = Math.min(text.length, start + room);
  return `${start > 0 ? '…' : ''}${text.slice(start, end).toWellFormed().replaceAll('\uFFFD', '')}${end < text.length ? '…' : ''}`;
}

/** Where a window begins that holds the most different words; the earliest of equals. */
function bestStart(text: string, words: readonly string[], length: number): number {
  const wanted = new Set(words);
  const places = [...text.toLowerCase().matchAll(/[\p{L}\p{N}_]+/gu)]
    .filter(([word]) => wanted.has(word))
    .map(({ index, 0: word }) => ({ index, word }));
  const inside = new Map<string, number>();
  let best = { index: 0, different: 0 };
  let last = 0;
  for (const [first, { index, word }] of places.entries()) {
    for (; last < places.length && (places[last]?.index ?? 0) < index + length * (1 - before); last++)
      inside.set(places[last]?.word ?? '', (inside.get(places[last]?.word ?? '') ?? 0) + 1);
    if (inside.size > best.different) best = { index, different: inside.size };
    const left = (inside.get(word) ?? 1) - 1;
    if (left === 0) inside.delete(word);
    else inside.set(word, left);
    last = Math.max(last, first + 1);
  }
  return best.index;
}

/** A little before what was found, at the beginning of a line or at least of a word. */
function startOf(text: string, found: number, length: number): number {
  const from = Math.max(0, found - Math.floor(length * before));
  if (from === 0) return 0;
  const line = text.slice(from, found).indexOf('\n');
  if (line >= 0) return from + line + 1;
  const space = text.slice(from, found).search(/\s/);
  return space < 0 ? from : from + space + 1;
}
