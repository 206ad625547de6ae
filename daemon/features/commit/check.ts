// A model's answer as a commit message: one subject of the repository's form, or why it can't be used. Pure.
import { cleanCode } from '../../base/clean-text.ts';
import { addsPlaceholder } from '../../models/secrets/placeholder.ts';
import { findSecrets } from '../../models/secrets/scanner.ts';
import { isForeign } from './language.ts';
import { maxSubjectChars } from './rules.ts';
import { type CommitStyle, cased, prefixOf } from './style.ts';

/** What no subject of ours says, each with why: the end of a sentence that begins with the answer. */
const refused: readonly [why: string, pattern: RegExp][] = [
  ['has a code fence', /```|~~~/],
  [
    'is no message',
    /^(?:sure|ok(?:ay)?|certainly|of course|here(?:'s| is| are)|the (?:commit )?message)\b.*[:.!]$|^[{[<]/iu,
  ],
  [
    'is no message',
    /^(?:i(?:'m| am|'ll| will| can't| cannot)\b|(?:as )?an? (?:ai|language model)\b|sorry\b|unfortunately\b)/iu,
  ],
  [
    'has instructions in it',
    /\b(?:ignore|disregard|forget) (?:\w+ ){0,3}(?:instructions?|prompts?|rules)\b|\b(?:you (?:must|should|need to)|please (?:run|execute|approve|merge|ignore))\b|\b(?:curl|wget)\b.*\||\brm -rf?\b|\bsudo \w/iu,
  ],
  [
    'tells CI or an issue tracker what to do',
    /\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]|\*\*\*NO_CI\*\*\*/iu,
  ],
  [
    'tells CI or an issue tracker what to do',
    /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:[\w.-]+\/[\w.-]+)?#\d+|(?:^|\s)@[a-z][\w-]+/iu,
  ],
  ['names an address', /\bhttps?:\/\//iu],
  ['claims who wrote it', /\b(?:signed-off-by|co-authored-by|reviewed-by|approved-by):/iu],
];

export function readSubject(
  answer: string,
  { style, prefix }: { style: CommitStyle; prefix: string },
): { subject: string } | { why: string } {
  const lines = linesOf(answer);
  const [line = ''] = lines;
  if (line === '') return { why: 'is empty' };
  if (lines.length > 1) return { why: 'has more than one line' };
  const broken = refused.find(([, pattern]) => pattern.test(line));
  if (broken) return { why: broken[0] };
  const subject = inForm(line, style, prefix);
  if (!/\p{L}{2}/u.test(prefixOf(subject)?.rest ?? subject)) return { why: 'is no message' };
  if ([...subject].length > maxSubjectChars) return { why: `is longer than ${maxSubjectChars} characters` };
  if (isForeign(prefixOf(subject)?.rest ?? subject, style.language))
    return { why: "isn't in the language of the earlier commits" };
  if (findSecrets(subject).length > 0 || addsPlaceholder(subject, '')) return { why: 'names a secret' };
  return { subject };
}

/** The lines of the first paragraph, without what models put around them: a fence, a label, quotation marks. What follows is a body. */
function linesOf(answer: string): string[] {
  const text = cleanCode(answer.toWellFormed()).trim();
  const [, fenced = text] = /^(?:```|~~~)[\w-]*\n([\s\S]*?)\n?(?:```|~~~)$/.exec(text) ?? [];
  const [subject = ''] = fenced.split(/\n\s*\n/);
  return subject
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
    .map((line) => bare(line));
}

function bare(line: string): string {
  const unlabeled = line.replace(/^(?:\*\*)?(?:commit )?(?:message|subject)(?:\*\*)?\s*:(?:\*\*)?\s*/iu, '');
  const [, quoted = unlabeled] = /^(?:"(.+)"|'(.+)'|`(.+)`|\*\*(.+)\*\*)$/u.exec(unlabeled)?.filter(Boolean) ?? [];
  return quoted.replace(/(?<![.。])[.。]$/u, '').trim();
}

/** With the prefix and the case that the repository's subjects have. */
function inForm(line: string, style: CommitStyle, prefix: string): string {
  const found = prefixOf(line);
  if (style.form === 'plain') return cased(found?.form === 'conventional' ? found.rest : line, style);
  if (!found || (style.form === 'conventional' && found.form === 'area')) return prefix + cased(line, style);
  const isOwn = found.form === style.form;
  const head = isOwn ? line.slice(0, line.length - found.rest.length) : prefix;
  return head + cased(found.rest, style);
}
