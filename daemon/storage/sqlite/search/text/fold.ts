// One form for the many ways in which a character is written, so that what is typed finds what was said. Case is kept: it divides
// camelCase. Pure.

/** What Unicode does not decompose, but people write either way. */
const letters: Readonly<Record<string, string>> = {
  ß: 'ss',
  ẞ: 'SS',
  ı: 'i',
  ς: 'σ',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ł: 'l',
  Ł: 'L',
};
const written = new RegExp(`[${Object.keys(letters).join('')}]`, 'gu');
/** Full and half width, ligatures, letters of mathematics: shapes of other characters. Other compatibility forms mean something else. */
const shapes = /[\u3000\uFB00-\uFB4F\uFF01-\uFFEE\u{1D400}-\u{1D7FF}]+/gu;
/** Soft hyphens, joiners and marks of direction, which are not seen. */
const unseen = /[\u00AD\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]+/gu;

/** The same text without accents, ligatures, widths and what is not seen. */
export function folded(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text;
  return text
    .replace(unseen, '')
    .replace(shapes, (shape) => shape.normalize('NFKD'))
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .normalize('NFC')
    .replace(written, (letter) => letters[letter] ?? letter);
}

/** Small letters; a sigma at the end of a word is one like any other. */
export function lower(text: string): string {
  return text.toLowerCase().replaceAll('ς', 'σ');
}
