// Private keys in PEM and PGP armour, whole or cut off, also where a string of JSON or of a program holds them.

const header = /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/y;
const footer = /-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/y;
const longestKey = 16_384;
const keyText = /[A-Za-z0-9+/]{24}/;

/** Where a private key ends that begins here; undefined when none does. A header without a key is none. */
export function privateKeyEnd(text: string, start: number): number | undefined {
  header.lastIndex = start;
  if (!header.test(text)) return undefined;
  const body = header.lastIndex;
  const dashes = text.indexOf('-----', body);
  const end = dashes === -1 ? text.length : dashes;
  const limit = Math.min(end, body + longestKey);
  if (!keyText.test(text.slice(body, Math.min(limit, body + 1000)))) return undefined;
  footer.lastIndex = dashes;
  if (dashes !== -1 && limit === end && footer.test(text)) return footer.lastIndex;
  return cutOff(text, body, limit);
}

/** A key without its end: as far as there are lines of it. */
function cutOff(text: string, body: number, limit: number): number {
  const lines = /(?:[\s"'+,]|\\[nr])*[A-Za-z0-9+/=]{16,}/y;
  let end = body;
  lines.lastIndex = body;
  while (lines.lastIndex < limit && lines.test(text)) end = lines.lastIndex;
  return end === body ? limit : end;
}
