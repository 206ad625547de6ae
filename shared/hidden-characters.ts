// THE list of characters that nobody sees: they steer a terminal, reorder a line, or hide text. Whatever prints, logs, notifies or shows
// code uses it. The list follows Unicode's Bidi_Control, Cc and Cf, and what TR36 and TR39 say about invisible characters.
import { inEnglish, type Translate } from './words/translate.ts';

/** Control characters but tab and newline, and the separators that some programs take for a newline. */
const controls = '\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028\\u2029';
const bidi = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';
/** Zero-width characters, fillers, tags, and the selectors that have no picture. */
const unseen =
  '\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u2060-\\u2065\\u206a-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb' +
  '\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}';
/** Joiners shape emoji and these scripts; anywhere else they are not seen. */
const shaped =
  '\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Mongolian}\\p{Script=Nko}' +
  '\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}\\p{Script=Gujarati}\\p{Script=Oriya}\\p{Script=Tamil}' +
  '\\p{Script=Telugu}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Sinhala}\\p{Script=Khmer}\\p{Script=Myanmar}';
const joiners = `(?<![${shaped}])[\\u200c\\u200d]`;
/** One variation selector shapes the character before it; a row of them carries bytes. */
const selectors = '(?<=[\\ufe00-\\ufe0f\\s])[\\ufe00-\\ufe0f]';

const hidden = new RegExp(`[${controls}${bidi}${unseen}]|${joiners}|${selectors}`, 'gu');

export interface HiddenCharacter {
  /** Offset in the text, in UTF-16 units. */
  index: number;
  character: string;
  /** As `U+202E`. */
  name: string;
}

/** Lines end in `\n` then. */
export function withoutHidden(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(hidden, '');
}

/** Each as the escape that JSON and JavaScript read as the character itself. */
export function escapeHidden(text: string): string {
  return text.replace(hidden, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** The hidden characters of a piece of code, in order. The ends of its lines are none. */
export function hiddenIn(code: string): HiddenCharacter[] {
  return [...code.matchAll(hidden)]
    .filter(({ 0: character, index }) => !(character === '\r' && code[index + 1] === '\n') && character !== '\f')
    .map(({ 0: character, index }) => ({
      index,
      character,
      name: `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
    }));
}

const maxNamed = 3;

/** What to tell the user before code with hidden characters is copied or applied; undefined where it has none. */
export function hiddenWarning(code: string, say: Translate = inEnglish): string | undefined {
  const found = hiddenIn(code);
  if (found.length === 0) return undefined;
  const first = found
    .slice(0, maxNamed)
    .map(({ index, name }) => say('{0} in line {1}', name, String(lineOf(code, index))))
    .join(', ');
  const named = found.length > maxNamed ? say('{0}, and {1} more', first, found.length - maxNamed) : first;
  return say(
    "This text contains characters you can't see: {0}. They can make code do something other than what it looks like.",
    named,
  );
}

function lineOf(code: string, index: number): number {
  return code.slice(0, index).split('\n').length;
}
