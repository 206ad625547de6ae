// A text as whoever wrote it reads it: without what numbers, quotes or comments its lines, without characters that nobody sees, and with
// literals that a program joins in one piece. What spans lines or pieces is found there. The way back to the text itself comes along.

export interface PlainReading {
  text: string;
  /** Where in the text itself a character of the reading stands. */
  origin(offset: number): number;
}

const invisible =
  '[\\u00ad\\u034f\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufe00-\\ufe0f\\ufeff]+';
const stamp =
  '\\[?\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(?::\\d\\d)?[\\d.,Z+:-]{0,16}\\]?[ \\t]{1,4}(?:\\[?[A-Za-z]{3,8}\\]?:?[ \\t]{1,4})?';
/** Base64 as keys are broken: its first characters may look like a mark. */
const keyLine = '(?:[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{70})(?![A-Za-z0-9+/=])';
const mark = `(?!${keyLine})(?:\\d{1,6}(?:\\t| ?[|:)] ?)|>|//+|#+|;+|\\||[-+](?![-+])|\\*(?=[ \\t])|--(?=[ \\t])|${stamp})`;
const prefix = `(?:[ \\t]{0,12}${mark}[ \\t]?){1,4}`;
const joint = `["'\`][ \\t]*(?:(?:\\+|\\.\\.?|<>|&|~|\\|\\||\\\\)[ \\t]*(?:\\r?\\n(?:${prefix})?[ \\t]*)?|\\r?\\n(?:${prefix})?[ \\t]*(?:\\+|\\.\\.?|<>|&|~)?[ \\t]*|[ \\t])["'\`]`;
const continued = `(?:\\\\\\r?\\n|(?<=\\w)=\\r?\\n(?=\\w))(?:[ \\t]{0,12}(?:\\d{1,6}(?:\\t| ?[|:)] ?)|>[ \\t]))?[ \\t]{0,16}`;

/** Everything that is left out. What stands at a line's beginning is taken with the line's break, which stays. */
const leftOut = new RegExp(`${invisible}|${joint}|${continued}|(?<=\\n|^)${prefix}`, 'g');
const lookAlike = /[\uff01-\uff5e\u0391-\u03c9\u0405-\u0458]/g;
const alike = new Map(
  Object.entries({
    ΑАаα: 'Aa',
    ΒВ: 'B',
    СсϹ: 'Cc',
    ΕЕе: 'Ee',
    ΗН: 'H',
    ΙІі: 'Ii',
    Јј: 'Jj',
    ΚК: 'K',
    ΜМ: 'M',
    Ν: 'N',
    ΟОоο: 'Oo',
    ΡРр: 'Pp',
    Ѕѕ: 'Ss',
    ΤТ: 'T',
    ΧХх: 'Xx',
    ΥУу: 'Yy',
  }).flatMap(([signs, [capital = '', small = capital]]) =>
    Array.from(signs, (sign) => [sign, sign === sign.toUpperCase() ? capital : small] as const),
  ),
);

/** Undefined where the text is read as it stands. */
export function plainReading(text: string): PlainReading | undefined {
  const letters = text.replace(lookAlike, ordinary); // one for one
  const cuts: number[] = []; // in pairs: the offset in the reading from which on so much in all was left out
  let plain = '';
  let at = 0;
  leftOut.lastIndex = 0;
  for (let found = leftOut.exec(letters); found; found = leftOut.exec(letters)) {
    plain += letters.slice(at, found.index);
    at = leftOut.lastIndex;
    cuts.push(plain.length, at - plain.length);
  }
  if (cuts.length === 0) return letters === text ? undefined : { text: letters, origin: (offset) => offset };
  return { text: plain + letters.slice(at), origin: (offset) => offset + leftOutBefore(cuts, offset) };
}

function ordinary(sign: string): string {
  const code = sign.charCodeAt(0);
  return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : (alike.get(sign) ?? sign);
}

function leftOutBefore(cuts: readonly number[], offset: number): number {
  let low = 0;
  let high = cuts.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cuts[middle * 2] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : (cuts[low * 2 - 1] ?? 0);
}
