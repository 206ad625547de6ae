// Typing mistakes as people make them: a letter doubled, left out, swapped with the next, or hit beside its key.
import { createRandom } from '../../../daemon/models/router/learn/random.ts';

const rowsOfKeys = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
/** One mistake, and one more for each so many characters. */
const charactersPerTypo = 200;

export function withTypos(text: string, seed: number): string {
  const random = createRandom(seed);
  const letters = [...text];
  for (let left = 1 + Math.floor(text.length / charactersPerTypo); left > 0; left--) {
    const place = letterAfter(letters, Math.floor(random() * letters.length));
    if (place >= 0) mistype(letters, place, random);
  }
  return letters.join('');
}

function letterAfter(letters: readonly string[], from: number): number {
  return letters.findIndex((letter, place) => place >= from && /^[a-z]$/i.test(letter));
}

function mistype(letters: string[], place: number, random: () => number): void {
  const letter = letters[place] ?? '';
  const kind = Math.floor(random() * 4);
  if (kind === 0) letters[place] = letter + letter;
  else if (kind === 1) letters[place] = '';
  else if (kind === 2) [letters[place], letters[place + 1]] = [letters[place + 1] ?? '', letter];
  else letters[place] = besideOf(letter, random);
}

function besideOf(letter: string, random: () => number): string {
  const row = rowsOfKeys.find((keys) => keys.includes(letter.toLowerCase())) ?? '';
  const place = row.indexOf(letter.toLowerCase());
  return row[place === 0 ? 1 : place === row.length - 1 ? place - 1 : place + (random() < 0.5 ? -1 : 1)] ?? letter;
}
