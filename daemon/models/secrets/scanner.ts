// Finds secrets in a text before it leaves this machine: in the text as it is sent, and in what a reader sees in it. A table of character
// pairs says where a secret could begin, and patterns are tried only there, so the time is linear in the length of any text.

import { commands } from './commands.ts';
import { type Format, formats } from './formats.ts';
import { assignedAt, flagAt, urlPasswordAt } from './named.ts';
import { placeholderFor } from './placeholder.ts';
import { plainReading } from './plain-reading.ts';
import { keyAnchors, keyPieces, privateKeyAt } from './private-key.ts';
import { isDummy, looksRandom } from './randomness.ts';
import type { Judgement, Secret } from './secret.ts';

/** All secrets, in order and apart from each other. Offsets are in UTF-16 code units. */
export function findSecrets(text: string): Secret[] {
  const found = scan(text);
  const plain = plainReading(text);
  if (plain) {
    for (const { start, end, ...secret } of scan(plain.text))
      found.push({ ...secret, start: plain.origin(start), end: plain.origin(end - 1) + 1 });
  }
  return apart(found);
}

function scan(text: string): Secret[] {
  const secrets: Secret[] = [];
  const bytes = Buffer.from(text, 'latin1'); // a character's low byte is enough to see where to look, and quicker to read
  let judgedUntil = 0;
  for (let i = nextPlace(bytes, 0); i < bytes.length; i = nextPlace(bytes, i + 1)) {
    if (i >= judgedUntil) {
      const judged = namedAt(text, i);
      if (judged) judgedUntil = judged.end;
      if (judged?.secret) secrets.push(judged.secret);
    }
    const found = knownAt(text, i, ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
    if (!found) continue;
    if (found.secret) secrets.push(found.secret);
    i = found.end - 1; // also past a match that was no secret: trying again within it would make hostile text cost quadratic time
  }
  for (const piece of keyPieces(text)) secrets.push({ kind: privateKey.kind, ...piece, confidence: 0.9 });
  return secrets;
}

/** The text with each secret replaced by a placeholder. The result depends on the text alone, and has as many lines. */
export function redact(text: string): { text: string; secrets: Secret[] } {
  const secrets = findSecrets(text);
  let clean = '';
  let at = 0;
  for (const { start, end, kind } of secrets) {
    const lines = text.slice(start, end).split('\n').length - 1;
    clean += `${text.slice(at, start)}${placeholderFor(kind)}${'\n'.repeat(lines)}`;
    at = end;
  }
  return { text: secrets.length === 0 ? text : clean + text.slice(at), secrets };
}

const privateKey = { kind: 'private key', anchors: keyAnchors } as const;
type SecretCandidate = Format | typeof privateKey;

interface SecretBeginning {
  anchor: string;
  /** The code of the anchor's third character; of two characters it has none. */
  third?: number;
  candidate: SecretCandidate;
}

/** What begins with a pair of characters; the first row is for pairs that begin nothing, the second for those that only name it. */
const rows: SecretBeginning[][] = [[], []];
/** For each pair of characters its row. Few pairs of a text have one. */
const rowOf = new Uint16Array(256 * 256);
for (const sign of '=:>') rowOf.fill(1, sign.charCodeAt(0) << 8, (sign.charCodeAt(0) + 1) << 8);
rowOf[pairOf('--')] = 1;
for (const candidate of [privateKey, ...formats, ...commands]) {
  for (const anchor of candidate.anchors) {
    const pair = pairOf(anchor);
    if ((rowOf[pair] ?? 0) < 2) rowOf[pair] = rows.push([]) - 1;
    rows[rowOf[pair] ?? 0]?.push({ anchor, candidate, ...(anchor.length > 2 && { third: anchor.charCodeAt(2) }) });
  }
}

function pairOf(text: string): number {
  return (text.charCodeAt(0) << 8) | text.charCodeAt(1);
}

/** A function of its own, since it is where the time goes: it is compiled while a long text is still being read. */
function nextPlace(bytes: Uint8Array, from: number): number {
  let code = bytes[from] ?? 0;
  for (let at = from; at < bytes.length; at++) {
    const next = bytes[at + 1] ?? 0;
    if (rowOf[(code << 8) | next] !== 0) return at;
    code = next;
  }
  return bytes.length;
}

/** `pair`: the low bytes of the two characters there. */
function knownAt(text: string, at: number, pair: number): Judgement | undefined {
  const code = text.charCodeAt(at + 2);
  for (const { anchor, third = code, candidate } of rows[rowOf[pair] ?? 0] ?? []) {
    if (third !== code || !text.startsWith(anchor, at)) continue;
    if (!('pattern' in candidate)) {
      const key = privateKeyAt(text, at);
      if (key) return { end: key.end, secret: { kind: candidate.kind, ...key, confidence: 0.99 } };
      continue;
    }
    const attempt = tokenAt(text, at, { anchor, format: candidate });
    if (attempt) return attempt;
  }
  return undefined;
}

function tokenAt(
  text: string,
  at: number,
  { anchor, format }: { anchor: string; format: Format },
): Judgement | undefined {
  const { kind, pattern, isLoose } = format;
  const isInWord = !format.hasLead && !isBoundary(text, at);
  const isTooPlain = isLoose || format.holdsValue;
  if (isInWord && (isTooPlain || !canFollowWord(text, at, anchor))) return undefined; // first, since a pattern may read far
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (!match) return undefined;
  const end = pattern.lastIndex;
  const start = format.holdsValue
    ? end - (match.groups?.['value']?.length ?? 0)
    : at - (match.groups?.['lead']?.length ?? 0);
  const token = text.slice(start, end);
  const isSecret = !isDummy(token) && ((!isLoose && !isInWord) || looksRandom(token));
  return { end, ...(isSecret && { secret: { kind, start, end, confidence: isLoose ? 0.9 : 0.98 } }) };
}

const maxWordBefore = 24;

/** Whether it is told from the word before it: by a beginning that no word has, and a word that is in small letters or a number. */
function canFollowWord(text: string, at: number, anchor: string): boolean {
  if (!(anchor.endsWith('_') || anchor === 'eyJ' || (anchor.length >= 4 && /[A-Z]|.{4}[-_.]/.test(anchor))))
    return false;
  let first = at;
  while (first > 0 && at - first <= maxWordBefore && isAlphanumeric(text.charCodeAt(first - 1))) first--;
  return at - first <= maxWordBefore && /^(?:[A-Z]?[a-z]*|[A-Z]+|\d+)$/.test(text.slice(first, at));
}

/** Whether a token can begin here: after anything but a letter or digit, or after an escape such as `\n`, `\u0022` or `%3D`. */
function isBoundary(text: string, at: number): boolean {
  if (at === 0 || !isAlphanumeric(text.charCodeAt(at - 1))) return true;
  if (text[at - 3] === '%' || (text[at - 2] === '\\' && 'nrt'.includes(text[at - 1] ?? ''))) return true;
  return text.startsWith('\\u', at - 6);
}

function isAlphanumeric(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57);
}

/** A secret named before a sign: `=`, `:`, `>` or `--`. */
function namedAt(text: string, at: number): Judgement | undefined {
  const code = text.charCodeAt(at);
  const next = text.charCodeAt(at + 1);
  if (code === 45) return next === 45 && text.charCodeAt(at - 1) !== 45 ? flagAt(text, at) : undefined;
  if (code === 58 && next === 47) return text.charCodeAt(at + 2) === 47 ? urlPasswordAt(text, at) : undefined;
  const isSign = code === 61 || code === 62 || (code === 58 && next !== 58);
  return isSign ? assignedAt(text, at) : undefined;
}

/** Without overlaps. Of two that overlap, the surer one gives the kind, and both are covered. */
function apart(secrets: Secret[]): Secret[] {
  const kept: Secret[] = [];
  for (const secret of secrets.sort((a, b) => a.start - b.start || b.confidence - a.confidence)) {
    const last = kept.at(-1);
    if (!last || secret.start >= last.end) {
      kept.push(secret);
      continue;
    }
    const surer = secret.confidence > last.confidence ? secret : last;
    kept[kept.length - 1] = { ...surer, start: last.start, end: Math.max(last.end, secret.end) };
  }
  return kept;
}
