// Private keys in PEM and PGP armour, whole or cut off, also where a string of JSON or of a program holds them.

const header = /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/y;
const footer = /-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/y;
/** What follows a header where there is a key: perhaps `Proc-Type: …` lines, and its first line, also inside a string literal. */
const beginning =
  /(?:(?:[\s"'`+,]|\\[nr])*[A-Za-z-]{3,24}: [^\n\\]{1,200}){0,5}(?:[\s"'`+,]|\\[nr]){0,80}[A-Za-z0-9+/]{24}/y;
const maxKeyLength = 16_384;

/** The end of the private key that begins here; undefined when none does. A header alone is no key. */
export function privateKeyEnd(text: string, start: number): number | undefined {
  header.lastIndex = start;
  if (!header.test(text)) return undefined;
  const body = header.lastIndex;
  beginning.lastIndex = body;
  if (!beginning.test(text)) return undefined;
  const dashes = text.indexOf('-----', body);
  footer.lastIndex = dashes;
  if (dashes !== -1 && dashes - body <= maxKeyLength && footer.test(text)) return footer.lastIndex;
  return cutOff(text, beginning.lastIndex);
}

/** The end of a key that was cut off: it reaches as far as its lines do. */
function cutOff(text: string, from: number): number {
  const line = /[A-Za-z0-9+/=]*(?:[\s"'`+,]|\\[nr]){0,80}(?=[A-Za-z0-9+/=]{16})|[A-Za-z0-9+/=]+/y;
  let end = from;
  line.lastIndex = from;
  while (line.test(text) && line.lastIndex > end && line.lastIndex - from < maxKeyLength) end = line.lastIndex;
  return end;
}
