// Text of models and analysers, made safe to show: no character in it can steer a terminal, reorder a line or hide
// text.

const invisible =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\u{E0000}-\u{E007F}]/gu;

/** One paragraph of at most `maxChars` characters, without control, bidi or tag characters. */
export function cleanMessage(text: string, maxChars: number): string {
  const line = text
    .slice(0, maxChars * 4)
    .replace(/\s+/g, ' ')
    .replace(invisible, '')
    .trim();
  return line.length <= maxChars ? line : `${cutAtCharacter(line, maxChars - 1)}…`;
}

/** Keeps lines and tabs, and removes the characters that make code read differently from what it does. */
export function cleanCode(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(invisible, '');
}

/** Cuts without leaving half of a surrogate pair. */
function cutAtCharacter(text: string, length: number): string {
  const cut = text.slice(0, length);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}
