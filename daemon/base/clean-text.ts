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
  return withoutHidden(text.replace(/\r\n?/g, '\n'));
}

/** Cuts without leaving half of a surrogate pair. */
function cutAtCharacter(text: string, length: number): string {
  const cut = text.slice(0, length);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}
