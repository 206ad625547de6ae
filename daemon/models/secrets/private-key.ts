// Private keys in PEM, PGP and PuTTY armour, whole or cut off at either end: as they are, behind something that is repeated on every
// line (a line's number, a quotation's `>`, a comment's `//`, a log's time), in strings of JSON or of a program, and in base64 once more.
import { looksRandom } from './randomness.ts';

/** Where one can be recognised. The last rows are how base64 of a key itself begins, whose header is left out or cut off. */
export const keyAnchors: readonly string[] = [
  '-----BEGIN ',
  '-----END ',
  '---- BEGIN SSH2 ',
  'Private-Lines: ',
  'LS0tLS1CRUdJTi',
  'b3BlbnNzaC1rZXkt',
  'MII',
  'MIG',
  'MC4CAQAwBQ',
  'MHcCAQEE',
];

const header =
  /-----BEGIN (?:(?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----|Private-Lines: \d{1,4}/y;
const footer = /-----END (?:(?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----/y;
/** What follows a header where there is a key on one line: perhaps `Proc-Type: …`, and its first characters, also inside a string literal. */
const beginning =
  /(?:(?:[\s"'`+,]|\\[nr])*[A-Za-z-]{3,24}: [^\n\\]{1,200}){0,5}(?:[\s"'`+,]|\\[nr]){0,80}[A-Za-z0-9+/]{24}/y;
/** PKCS #1 and #8 of RSA, PKCS #8 and SEC 1 of curves, OpenSSH. Certificates and public keys begin otherwise. */
const bareKey =
  /(?:MII[A-Za-z0-9+/]{3}IBA(?:AK[BC]|DANBgkqhkiG9w0B)|MIG[A-Za-z0-9+/]AgE(?:AMB[AM]GByqGSM49|BBD)|MC4CAQAwBQYDK2V[wu]BC|MHcCAQEEI|b3BlbnNzaC1rZXktdjEA)[A-Za-z0-9+/]{12}/y;
const wrappedHeader = /LS0tLS1CRUdJTi[A-Za-z0-9+/]{30,64}/y;
const maxKeyLength = 16_384;
const maxLineLength = 400;
const maxPrefixLength = 100;
const maxLinesBefore = 6; // `Proc-Type: …` and empty ones
const field = /(?:^|[^A-Za-z-])[A-Za-z-]{3,24}: /;
const nothing = /^[\s"'`+,;|*)\\]*$/;
const lineBreak = /\r?\n|(?:\\+r)?\\+n/g;

/** The private key that begins, or whose last line ends, here; undefined when there is none. A header alone is no key. */
export function privateKeyAt(text: string, at: number): { start: number; end: number } | undefined {
  if (text.startsWith('-----END ', at)) return endingAt(text, at);
  header.lastIndex = at;
  const end = header.test(text) ? endOfArmoured(text, at, header.lastIndex) : endOfBare(text, at);
  return end === undefined ? undefined : { start: at, end };
}

function endOfArmoured(text: string, at: number, body: number): number | undefined {
  beginning.lastIndex = body;
  const isOneLine = beginning.test(text);
  const read = Math.max(isOneLine ? cutOff(text, beginning.lastIndex) : -1, endOfBody(text, at, body) ?? -1);
  if (read < 0) return undefined;
  const dashes = text.indexOf('-----', body);
  footer.lastIndex = dashes;
  return dashes !== -1 && dashes - body <= maxKeyLength && footer.test(text) ? footer.lastIndex : read;
}

function endOfBare(text: string, at: number): number | undefined {
  bareKey.lastIndex = at;
  if (bareKey.test(text)) return Math.max(cutOff(text, at), endOfLines(text, at) ?? -1);
  wrappedHeader.lastIndex = at;
  const found = wrappedHeader.exec(text);
  if (!found || !/PRIVATE KEY/.test(atob(found[0].slice(0, found[0].length & ~3)))) return undefined;
  return Math.max(cutOff(text, at), endOfLines(text, at) ?? -1);
}

/** The key whose beginning was cut off: the lines of base64 before its footer. */
function endingAt(text: string, at: number): { start: number; end: number } | undefined {
  footer.lastIndex = at;
  if (!footer.test(text)) return undefined;
  const end = footer.lastIndex;
  const before = text.slice(Math.max(0, at - maxKeyLength), at);
  const lines = [...before.matchAll(lineBreak)].map(({ index, 0: { length } }) => ({ index, next: index + length }));
  let start: number | undefined;
  for (let i = lines.length - 1; i >= 0; i--) {
    const first = lines[i - 1]?.next ?? 0;
    const line = before.slice(first, lines[i]?.index);
    const isLast = i === lines.length - 1; // may be short
    if (line.length > maxLineLength || !(isKeyLine(line) || (isLast && /[A-Za-z0-9+/]={0,2}\W{0,4}$/.test(line))))
      break;
    if (isKeyLine(line)) start = first;
  }
  return start === undefined ? undefined : { start: at - before.length + start, end };
}

/** Three lines or more as PEM and OpenSSH break them, and the shorter one that may end them. */
const brokenLines =
  /^(?:[A-Za-z0-9+/]{64}\r?\n){3,}(?:[A-Za-z0-9+/]{1,64}={0,2}$)?|^(?:[A-Za-z0-9+/]{70}\r?\n){3,}(?:[A-Za-z0-9+/]{1,70}={0,2}$)?/gm;
const publicHeader = /-{4,5} ?BEGIN (?![^\n]*PRIVATE KEY)[^\n]{1,60}-{4,5}\s*$/;
const publicFooter = /^\s*-{4,5} ?END (?![^\n]*PRIVATE KEY)/;

/** Pieces from the middle of keys, whose header and footer were cut off. Certificates and public keys that show theirs are none. */
export function keyPieces(text: string): { start: number; end: number }[] {
  if (!hasBrokenLines(text)) return [];
  return [...text.matchAll(brokenLines)]
    .map(({ 0: lines, index }) => ({ start: index, end: index + lines.trimEnd().length }))
    .filter(({ start, end }) => {
      if (publicHeader.test(text.slice(Math.max(0, start - maxPrefixLength), start))) return false;
      if (publicFooter.test(text.slice(end, end + maxPrefixLength))) return false;
      return text.slice(start, end).split(/\r?\n/, 3).every(isOfKey);
    });
}

const brokenLine = /^(?:[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{70})\r?$/;

/** Whether two lines in a row are as a key has them. Few texts have any, and this is quicker to see than the whole pattern. */
function hasBrokenLines(text: string): boolean {
  let from = 0;
  let wasBroken = false;
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
    const length = end - from;
    const isBroken = length >= 64 && length <= 71 && brokenLine.test(text.slice(from, end));
    if (isBroken && wasBroken) return true;
    wasBroken = isBroken;
    from = end + 1;
  }
  return false;
}

/** Checksums in hexadecimal, and rows of one letter, are lines of the same length. */
function isOfKey(line: string): boolean {
  return /[a-z]/.test(line) && /[A-Z]/.test(line) && /[g-zG-Z]/.test(line) && looksRandom(line);
}

/** The end of the lines under a header, where nothing but fields and what begins every line stands between. */
function endOfBody(text: string, at: number, body: number): number | undefined {
  const before = text.slice(Math.max(0, at - maxPrefixLength), at);
  const prefixLength = before.length - (before.lastIndexOf('\n') + 1);
  let line = lineAt(text, body);
  if (!nothing.test(line.text)) return undefined;
  for (let others = 0; others <= maxLinesBefore && line.next !== undefined; others++) {
    const from = line.next;
    line = lineAt(text, from);
    if (isKeyLine(line.text)) return endOfLines(text, from);
    if (line.text.length > prefixLength + 2 && !field.test(line.text)) break;
  }
  return undefined;
}

/** The end of the last line that holds a part of the key, whatever stands before it on each. */
function endOfLines(text: string, from: number): number | undefined {
  let end: number | undefined;
  for (let at: number | undefined = from; at !== undefined && at - from < maxKeyLength; ) {
    const line = lineAt(text, at);
    if (!isKeyLine(line.text)) break;
    end = at + line.text.length;
    at = line.next;
  }
  return end;
}

function lineAt(text: string, at: number): { text: string; next?: number } {
  const part = text.slice(at, at + maxLineLength);
  lineBreak.lastIndex = 0;
  const found = lineBreak.exec(part);
  return found ? { text: part.slice(0, found.index), next: at + lineBreak.lastIndex } : { text: part };
}

/** Whether it ends in base64 of some length, but for what ends a literal, a comment or a cell. */
function isKeyLine(line: string): boolean {
  let end = line.length;
  while (end > 0 && ' \t\r"\'`,;)\\|*'.includes(line.charAt(end - 1))) end--;
  let start = end;
  while (start > 0 && isBase64(line.charCodeAt(start - 1))) start--;
  const run = line.slice(start, end);
  return run.length >= 16 && start <= maxPrefixLength && (run.length >= 60 || looksRandom(run));
}

function isBase64(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 47 && code <= 57) ||
    code === 43 ||
    code === 61
  );
}

/** The end of a key that was cut off: it reaches as far as its lines do. */
function cutOff(text: string, from: number): number {
  const line = /[A-Za-z0-9+/=]*(?:[\s"'`+,]|\\[nr]){0,80}(?=[A-Za-z0-9+/=]{16})|[A-Za-z0-9+/=]+/y;
  let end = from;
  line.lastIndex = from;
  while (line.test(text) && line.lastIndex > end && line.lastIndex - from < maxKeyLength) end = line.lastIndex;
  return end;
}
