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
  let judgedUntil = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (signs[code] === 1 && i >= judgedUntil) {
      const judged = namedAt(text, i, code);
      if (judged) judgedUntil = judged.end;
      if (judged?.secret) secrets.push(judged.secret);
    }
    const candidates = code < 128 ? byPair[(code << 7) | (text.charCodeAt(i + 1) & 127)] : undefined;
    if (!candidates) continue;
    const found = knownAt(text, i, candidates);
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

const byPair = indexByPair([privateKey, ...formats, ...commands]);

function indexByPair(candidates: readonly SecretCandidate[]): readonly (SecretCandidate[] | undefined)[] {
  const table: (SecretCandidate[] | undefined)[] = new Array(128 * 128).fill(undefined);
  for (const candidate of candidates) {
    const pairs = new Set(candidate.anchors.map((anchor) => (anchor.charCodeAt(0) << 7) | anchor.charCodeAt(1)));
    for (const pair of pairs) table[pair] = [...(table[pair] ?? []), candidate];
  }
  return table;
}

function knownAt(text: string, at: number, candidates: readonly SecretCandidate[]): Judgement | undefined {
  for (const candidate of candidates) {
    if (!candidate.anchors.some((anchor) => text.startsWith(anchor, at))) continue;
    if (!('pattern' in candidate)) {
      const key = privateKeyAt(text, at);
      if (key) return { end: key.end, secret: { kind: candidate.kind, ...key, confidence: 0.99 } };
      continue;
    }
    const attempt = tokenAt(text, at, candidate);
    if (attempt) return attempt;
  }
  return undefined;
}

function tokenAt(text: string, at: number, format: Format): Judgement | undefined {
  const { kind, pattern, isLoose } = format;
  const isInWord = !format.hasLead && !isBoundary(text, at);
  if (isInWord && !canFollowWord(text, at, format)) return undefined; // first, since a pattern may read far
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
function canFollowWord(text: string, at: number, { anchors, isLoose, holdsValue }: Format): boolean {
  if (isLoose || holdsValue) return false;
  const anchor = anchors.find((each) => text.startsWith(each, at)) ?? '';
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

/** The signs at which a named secret can stand: `=`, `:`, `>` and `-`. */
const signs = new Uint8Array(128);
for (const sign of '=:>-') signs[sign.charCodeAt(0)] = 1;

function namedAt(text: string, at: number, code: number): Judgement | undefined {
  const next = text.charCodeAt(at + 1);
  if (code === 45) return next === 45 && text.charCodeAt(at - 1) !== 45 ? flagAt(text, at) : undefined;
  if (code === 58 && next === 47) return text.charCodeAt(at + 2) === 47 ? urlPasswordAt(text, at) : undefined;
  if (code === 58 && next === 58) return undefined;
  return assignedAt(text, at);
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
