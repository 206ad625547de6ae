// What a question mentions: `@codebase`, `@file:src/cart.ts`, `@folder:"my docs"`, `@symbol:createRouter`, `@problems`, `@diff`, `@terminal`. Pure.

export type MentionKind = 'codebase' | 'file' | 'folder' | 'symbol' | 'problems' | 'diff' | 'terminal';

export interface Mention {
  kind: MentionKind;
  /** The file, folder or symbol; empty for kinds that name nothing. */
  name: string;
}

const bare: readonly MentionKind[] = ['codebase', 'problems', 'diff', 'terminal'];
const withName: readonly MentionKind[] = ['file', 'folder', 'symbol'];
// Not inside a word (an address, `user@diff`), nor where more of a word follows (`@differ`, `@codebase.org`). A name ends at a blank;
// one with blanks stands in quotes.
const pattern = new RegExp(
  `(?<![\\p{L}\\p{N}_@/.\`-])@(?:(?<bare>${bare.join('|')})(?![\\p{L}\\p{N}_/-]|[.:]\\S)|(?<kind>${withName.join('|')}):(?:"(?<quoted>[^"\\n]+)"|(?<plain>[^\\s"\`]+)))`,
  'gu',
);
const code = /```[\s\S]*?(?:```|$)|`[^`\n]*`/g;
const trailing = new Set(',;!?)]}.'); // a sentence goes on behind the name
const maxNameLength = 4096; // as of a path

const maxMentions = 20;

/** Each once, in the order of the text; at most 20. Inside code nothing is a mention: decorators look like them. */
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

/** By hand, since a pattern that ends at the end is tried anew from each of its characters. */
function withoutTrailing(name: string): string {
  let end = name.length;
  while (trailing.has(name.charAt(end - 1))) end--;
  return name.slice(0, end);
}

/** The question without its mentions, for a search: they are no words of what is looked for. */
export function withoutMentions(text: string): string {
  return text.replace(pattern, ' ').replace(/\s+/g, ' ').trim();
}
