// Reads JSON that ends in the middle, as when the program was killed while it wrote: what stands before the cut is kept.
import { UnreadableChat } from './error.ts';

const closers: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/** A value, and whether its text was cut. Throws UnreadableChat where nothing of it is whole. */
export function parseCut(text: string): { value: unknown; isCut: boolean } {
  try {
    return { value: JSON.parse(text), isCut: false };
  } catch {
    const whole = wholePart(text);
    if (whole === undefined) throw new UnreadableChat("it isn't valid JSON");
    try {
      return { value: JSON.parse(whole), isCut: true };
    } catch {
      throw new UnreadableChat("it isn't valid JSON");
    }
  }
}

/** The text up to its last value that is whole, with what is open closed. Undefined where none is whole, or nothing is open. */
function wholePart(text: string): string | undefined {
  const open: string[] = [];
  let end = 0;
  let inString = false;
  let isValue = false; // whether the string that is read is a value, not a key
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (inString) {
      if (sign === '\\') at++;
      else if (sign === '"') {
        inString = false;
        if (isValue || open.at(-1) === ']') end = at + 1;
      }
    } else if (sign === '"') inString = true;
    else if (sign === '{' || sign === '[') {
      open.push(closers[sign] ?? '');
      end = at + 1;
    } else if (sign === '}' || sign === ']') {
      if (open.pop() !== sign) return undefined;
      end = at + 1;
    } else if (sign === ',') end = at;
    if (!inString && sign !== undefined && sign.trim() !== '') isValue = sign === ':';
  }
  return end > 0 && (inString || open.length > 0) ? text.slice(0, end) + open.reverse().join('') : undefined;
}
