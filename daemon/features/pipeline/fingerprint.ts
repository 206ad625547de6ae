// A finding's identity across runs: it survives the code moving within its file, and the file within its folders.
import { createHash } from 'node:crypto';
import { fileNameOf } from './target.ts';
import type { Finding } from './types.ts';

/** 32 hex digits from the file's name, the rule (or, without one, the message's words) and the code. */
export function fingerprintOf(finding: Pick<Finding, 'uri' | 'source' | 'rule' | 'message' | 'evidence'>): string {
  const what = finding.rule === undefined ? wordsOf(finding.message).join(' ') : `${finding.source} ${finding.rule}`;
  const code = finding.evidence.replace(/\s+/g, ' ').trim();
  return createHash('sha256')
    .update(JSON.stringify([fileNameOf(finding.uri), what, code]))
    .digest('hex')
    .slice(0, 32);
}

/** A message's words: lower case, without digits and punctuation, which vary from run to run. */
export function wordsOf(message: string): string[] {
  return message.toLowerCase().match(/\p{L}+/gu) ?? [];
}
