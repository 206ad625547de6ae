// Whether a text could be a secret or was written by somebody to stand for one. Pure, and linear in the text's length.

const standIns = /x{4}|\*{3}|\.{3}|…|example|sample|placeholder|change-?_?me|replace|insert|dummy|your[-_a-z]|redacted|todo|123456789|abcdefgh/i;
const templates = /\$\{|\{\{|\$\(|<%|%s|#\{|^\$[A-Za-z_]|^<.*>$|^%\w+%$|^\{.*\}$|^@/;

/** Whether it is a stand-in: a template, `your-key-here`, `xxxx`, or too few different characters. */
export function isStandIn(value: string): boolean {
  return standIns.test(value) || templates.test(value) || distinctCharacters(value) < Math.min(6, value.length / 2);
}

function distinctCharacters(value: string): number {
  return new Set(value.slice(0, 256)).size;
}

const word = /^(?:[A-Za-z]+|\d{1,4}|v\d+)$/;

/** Whether the characters change kind as often as only random ones do. Words, however joined, and numbers are not random. */
export function looksRandom(value: string): boolean {
  if (value.split(/[-_./+ ]/).every((part) => part === '' || word.test(part) && changes(part) < 0.4)) return false;
  const digits = value.match(/\d/g)?.length ?? 0;
  const share = changes(value);
  return (digits >= 2 && digits < value.length && share >= 0.2) || share >= 0.4;
}

/** The share of neighbours that are of different kinds: lower case, upper case, digit, other. */
function changes(value: string): number {
  if (value.length < 2) return 0;
  let count = 0;
  for (let i = 1; i < value.length; i++) if (kindOf(value.charCodeAt(i)) !== kindOf(value.charCodeAt(i - 1))) count++;
  return count / (value.length - 1);
}

function kindOf(code: number): number {
  if (code >= 97 && code <= 122) return 0;
  if (code >= 65 && code <= 90) return 1;
  return code >= 48 && code <= 57 ? 2 : 3;
}
