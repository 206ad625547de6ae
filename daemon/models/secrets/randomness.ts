// Whether a text could be a secret, or is a dummy value that stands for one. Pure, and linear in the text's length.

const dummies =
  /x{6}|\*{3}|\.{3}|…|example|sample|placeholder|change-?_?me|replace|insert|dummy|your[-_a-z]|redacted|123456789|abcdefgh/i;
const templates = /\$\{|\{\{|\$\(|<%|%s|#\{|^\$[A-Za-z_]|^<.*>$|^%\w+%$|^\{.*\}$|^@/;

/** Whether it is a dummy value: a template, `your-key-here`, `xxxx`, or too few different characters. */
export function isDummy(value: string): boolean {
  return dummies.test(value) || templates.test(value) || hasFewCharacters(value);
}

function hasFewCharacters(value: string): boolean {
  const enough = Math.min(6, value.length / 2);
  const seen = new Set<string>();
  for (const character of value.slice(0, 256)) {
    if (seen.add(character).size >= enough) return false;
  }
  return seen.size < enough;
}

const word = /^(?:[A-Za-z]+\d{0,4}|\d{1,4})$/;
const hexadecimal = /(?<![A-Za-z0-9])[0-9a-f]{24,}(?![A-Za-z0-9])/;
const minPieces = 0.32; // for each character; names made of words stay below, random letters and digits reach 0.4 and more
const minPiecesWithDigits = 0.28;

/** Whether letters, capitals and digits alternate as only random ones do. Words, however joined, and numbers are not random. */
export function looksRandom(value: string): boolean {
  if (hexadecimal.test(value)) return true;
  const share = piecesOf(value) / value.length;
  if (share < minPiecesWithDigits) return false;
  const parts = value.split(/[^A-Za-z0-9]+/).filter((part) => part !== '');
  if (parts.every((part) => part.length <= 4 || (word.test(part) && piecesOf(part) / part.length < 0.4))) return false;
  const digits = value.match(/\d/g)?.length ?? 0;
  return share >= minPieces || (digits >= 2 && digits < value.length);
}

/** How many words and numbers it falls into: `getUserToken2` is four. */
function piecesOf(value: string): number {
  return value.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g)?.length ?? 0;
}
