// Text of models and analysers, made safe to show: no character in it can steer a terminal, reorder a line or hide
// text.
import { withoutHidden } from '../../shared/hidden-characters.ts';

/** One paragraph of at most `maxChars` characters, without control, bidi or tag characters. */
export function cleanMessage(text: string, maxChars: number): string {
  const line = withoutHidden(text.slice(0, maxChars * 4).replace(/\s+/g, ' ')).trim();
  return line.length <= maxChars ? line : `${cutAtCharacter(line, maxChars - 1)}…`;
}

/** Keeps lines and tabs, and removes the characters that make code read differently from what it does. */
export function cleanCode(text: string): string {
  return withoutHidden(withLineFeeds(text));
}

export function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

/** What is compared: editors show no mark of the byte order, and have line ends of their own. */
export function plainText(text: string): string {
  return withLineFeeds(text.replace(/^\uFEFF/, ''));
}

/** Cuts without leaving half of a surrogate pair. */
function cutAtCharacter(text: string, length: number): string {
  const cut = text.slice(0, length);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}
