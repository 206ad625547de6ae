// The mentions in a question: `@codebase`, `@file:src/cart.ts`, `@folder:"my docs"`, `@symbol:createRouter`,
// `@ocr:shot.png`, `@problems`, `@diff`, `@terminal`. Pure.

type MentionKind = 'codebase' | 'file' | 'folder' | 'symbol' | 'ocr' | 'problems' | 'diff' | 'terminal';

export interface Mention {
  kind: MentionKind;
  /** The file, folder or symbol; empty for kinds that name nothing. */
  name: string;
}

const bare: readonly MentionKind[] = ['codebase', 'problems', 'diff', 'terminal'];
const withName: readonly MentionKind[] = ['file', 'folder', 'symbol', 'ocr'];
// A mention does not begin inside a word (`user@diff`), and no more of a word may follow it (`@differ`,
// `@codebase.org`). A name ends at a blank; a name with blanks is in quotes.
const pattern = new RegExp(
  `(?<![\\p{L}\\p{N}_@/.\`-])@(?:(?<bare>${bare.join('|')})(?![\\p{L}\\p{N}_/-]|[.:]\\S)|(?<kind>${withName.join('|')}):(?:"(?<quoted>[^"\\n]+)"|(?<plain>[^\\s"\`]+)))`,
  'gu',
);
const code = /```[\s\S]*?(?:```|$)|`[^`\n]*`/g;
const trailing = new Set(',;!?)]}.'); // punctuation of the sentence around the name
const maxNameLength = 4096; // the longest path on Linux

const maxMentions = 20;

/** Each once, in the order of the text, at most 20. Code holds no mentions, since decorators look like them. */
export function mentionsOf(text: string): Mention[] {
  const outside = text.replace(code, (match) => ' '.repeat(match.length));
  const found = new Map<string, Mention>();
  for (const { groups = {} } of outside.matchAll(pattern)) {
    const kind = (groups['bare'] ?? groups['kind']) as MentionKind;
    const name = groups['quoted'] ?? withoutTrailing(groups['plain'] ?? '');
    if ((name === '' && withName.includes(kind)) || name.length > maxNameLength) continue;
    found.set(`${kind} ${name}`, { kind, name });
  }
  return [...found.values()].slice(0, maxMentions);
}

/** A loop, since a pattern anchored at the end is tried from every character and takes quadratic time. */
function withoutTrailing(name: string): string {
  let end = name.length;
  while (trailing.has(name.charAt(end - 1))) end--;
  return name.slice(0, end);
}

/** The question without its mentions, as a search query. */
export function withoutMentions(text: string): string {
  return text.replace(pattern, ' ').replace(/\s+/g, ' ').trim();
}
