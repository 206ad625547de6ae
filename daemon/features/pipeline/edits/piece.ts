// TABLE of what an answer may be that is no piece of code for its place: a row per form, with what the user is told of it. Pure.
// What the document has in the same form already (a diff in a file of diffs, prose in a README) is no reason against.
import { fencedBlocks } from './fences.ts';

/** Where a piece of code would go. */
export interface PiecePlace {
  /** Of the document. */
  languageId: string;
  /** Whole lines before, in and after what the code would replace. */
  before: readonly string[];
  replaced: readonly string[];
  after: readonly string[];
}

/** The code, or why there is none: the end of a sentence that begins with the answer. */
export type Piece = { code: string } | { why: string };

interface Form {
  why: string;
  isIn(lines: readonly string[], place: PiecePlace, code: string): boolean;
}

/** Reads an answer that should hold one piece of code and nothing that is not meant for the document. */
export function pieceIn(answer: string, place: PiecePlace): Piece {
  const blocks = fencedBlocks(answer);
  const [block] = blocks;
  if (blocks.length > 1) return { why: 'has several code blocks' };
  const code = block?.code ?? withoutTicks(answer, place);
  if (block && /^(?:diff|patch|udiff)\b/.test(block.info) && !isTextOf(place, 'diff')) return { why: isDiff };
  return soundCode(code, place);
}

/** Code that was read from an answer, if it is a piece for its place. */
export function soundCode(code: string, place: PiecePlace): Piece {
  if (code.trim() === '' || isNothing(code, place)) return { why: 'has no code' };
  const lines = code.split(/\r?\n/);
  const form = forms.find(({ isIn }) => isIn(lines, place, code));
  return form ? { why: form.why } : { code };
}

/** Markdown's code within a line. */
function withoutTicks(answer: string, { replaced }: PiecePlace): string {
  const inline = /^`([^`\n]+)`$/.exec(answer.trim())?.[1];
  return inline === undefined || replaced.join('').includes('`') ? answer : inline;
}

const minLongChars = 12;

/** A model's word for no code, in place of more than a word. */
function isNothing(code: string, { replaced }: PiecePlace): boolean {
  return (
    /^\s*(?:null|undefined|none|nil|nothing|n\/a)\s*$/i.test(code) && replaced.join('').trim().length >= minLongChars
  );
}

const isDiff = 'is a diff instead of the new code';

const forms: readonly Form[] = [
  {
    why: isDiff,
    isIn: (lines, place) => !isTextOf(place, 'diff') && looksLikeDiff(lines, place),
  },
  {
    why: 'has fences or tags around the code',
    isIn: (lines, place) => lines.some((line) => isMarkup(line)) && !place.replaced.some((line) => isMarkup(line)),
  },
  {
    why: 'has line numbers in its code',
    isIn: (lines, place) => isNumbered(lines) && !isNumbered(place.replaced),
  },
  {
    why: 'is JSON instead of code',
    isIn: (_lines, place, code) =>
      !/^json/.test(place.languageId) && isJsonOfCode(code) && !isJsonOfCode(place.replaced.join('\n')),
  },
  {
    why: 'replaces some code with a placeholder such as "the rest"',
    isIn: (lines, place) => hasNew(lines, place, isPlaceholder),
  },
  {
    why: 'has sentences instead of code',
    isIn: (lines, place) => !isProseLanguage(place) && hasProse(lines, place),
  },
  {
    why: 'repeats code from around that place',
    isIn: (lines, place) => repeatsSurroundings(lines, place),
  },
];

function isTextOf({ languageId }: PiecePlace, ...languages: string[]): boolean {
  return languages.includes(languageId);
}

/** Whether a line is of a form that no replaced line has. */
function hasNew(lines: readonly string[], { replaced }: PiecePlace, isOfForm: (line: string) => boolean): boolean {
  const known = new Set(replaced.map((line) => line.trim()));
  return lines.some((line) => isOfForm(line) && !known.has(line.trim()));
}

const patchLine =
  /^(?:@@ .*@@|diff --git |index [0-9a-f]{7,}\.\.|--- (?:a\/|\/dev\/null|\S+\.\w+)|\+\+\+ (?:b\/|\/dev\/null|\S+\.\w+)|\*\*\* (?:Begin|End|Update|Add|Delete)\b|<{5,} ?|={7}$|>{5,} ?)/;

/** A unified diff, a patch in a model's own form, conflict markers, or lines that are marked as removed or added. */
function looksLikeDiff(lines: readonly string[], { replaced, languageId }: PiecePlace): boolean {
  if (lines.some((line) => patchLine.test(line)) && !replaced.some((line) => patchLine.test(line))) return true;
  const removed = lines.filter((line) => /^\s*-(?!-)/.test(line)).map((line) => compact(line.replace('-', '')));
  const had = new Set(replaced.map(compact));
  if (removed.some((line) => line !== '' && had.has(line))) return true;
  if (/^(?:yaml|markdown|plaintext|restructuredtext|asciidoc)/.test(languageId)) return false;
  // All lines are marked, or begin with a space as those of a diff that stay.
  const isMarked = (line: string): boolean => /^[+-](?![+-])\s*\S/.test(line);
  const isOfDiff = lines.every((line) => line.trim() === '' || line.startsWith(' ') || isMarked(line));
  return isOfDiff && lines.some(isMarked) && !replaced.some(isMarked);
}

const tag =
  /^\s*<\/?(?:answer|code|output|response|result|replacement|solution|tool_call|function_call|think|thinking|invoke|parameter|file)(?:\s[^>]*)?>/i;

function isMarkup(line: string): boolean {
  return /^\s*(?:`{3,}|~{3,})/.test(line) || (tag.test(line) && !/^\s*<(?:code|output)\b.*<\//i.test(line));
}

/** `12| code` in every line that says something, as prompts number them; a lone number and colon may be code. */
function isNumbered(lines: readonly string[]): boolean {
  const said = lines.filter((line) => line.trim() !== '');
  if (said.length > 0 && said.every((line) => /^\s*>?\s*\d+\s*[|│]/.test(line))) return true;
  const numbers = said.map((line) => /^\s*(\d+)(?:[:.)\t]|\s{2,}|\s)\s*\S/.exec(line)?.[1]).map(Number);
  return numbers.length > 1 && numbers.every((number, i) => number === (numbers[0] ?? 0) + i);
}

function isJsonOfCode(code: string): boolean {
  try {
    const value: unknown = JSON.parse(code);
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return (typeof first === 'object' && first !== null) || (typeof value === 'string' && /[;{}()=<>]/.test(value));
  } catch {
    return false;
  }
}

const comment =
  /^\s*(?:\/\/+|#+|--+|;+|%+|\/?\*+|<!--|\{\/\*|\(\*|"""|'''|rem\b|')\s*(.*?)\s*(?:\*+\/\}?|-->|\*\)|"""|''')?\s*$/i;
const wholePlaceholder = /^[\s[({<]*(?:\.{3,}|…)[\s\])}>;,]*$/;
const nouns =
  'code|implementation|methods?|functions?|class(?:es)?|lines?|logic|imports?|body|fields?|properties|content|parts?|tests?|cases?|statements?|members?|file';
const left = 'here|above|below|unchanged|unmodified|stays?|remains?|goes|as before|continues?|omitted|kept|the same';
const placeholderWords: readonly RegExp[] = [
  /^[[({<]*\s*(?:\.{2,}|…)/,
  /\b(?:rest|remainder|remaining|other|existing|previous|original|same|unchanged)\b.*(?:\.{3}|…)\W*$/i,
  /^\W*(?:the\s+|your\s+)?(?:rest|remainder) (?:of (?:the|your|this|it)\b|is |stays|remains|as |goes|unchanged|omitted)/i,
  /^\W*(?:the )?rest\W*$/i,
  new RegExp(
    `^\\W*(?:the\\s+|your\\s+|all\\s+)?(?:existing|previous|original|other|remaining|unchanged|same|current|your)\\s+(?:\\w+\\s+)?(?:${nouns})(?:\\W*$|\\s+(?:is\\s+|are\\s+)?(?:${left})\\b.{0,30}$)`,
    'i',
  ),
  new RegExp(
    `^\\W*(?:(?:the\\s+)?(?:${nouns}|everything(?: else)?|all(?: else)?)\\s+)?(?:(?:is|are|remains?|stays?)\\s+)?(?:unchanged|unmodified|the same|as before|same as (?:before|above)|omitted|elided|truncated|snipped|abbreviated)\\W*$`,
    'i',
  ),
  /\bfor brevity\b/i,
  /^\W*(?:snip|etc|no changes?(?: here| needed| required)?|code continues(?: here)?|keep (?:the )?(?:rest|existing)\b.{0,20}|(?:your (?:code|logic)|implementation) (?:goes )?here|implement(?: me| this| here)?)\W*$/i,
  /^\W*(?:其余|其他代码|省略|以下不变|残り|以下同じ|rest(?:licher)? (?:code )?(?:unverändert|bleibt)|(?:le )?reste (?:du|inchangé)|(?:el )?resto (?:del|do|sin)|остальн)/i,
];

/** A comment, or dots, that stand for code which was left out. */
function isPlaceholder(line: string): boolean {
  if (wholePlaceholder.test(line)) return true;
  const whole = comment.exec(line)?.[1] ?? /^\s*([[<{(].*[\])}>])\s*$/.exec(line)?.[1];
  const within = [...line.matchAll(/\/\*\s*(.*?)\s*\*\//g)].map(([, words]) => words ?? '');
  return [...(whole === undefined ? [] : [whole]), ...within].some((said) => {
    const words = said.replace(/^(?:TODO|FIXME|NOTE)\b[:\s]*/i, '');
    return words.length <= 100 && placeholderWords.some((form) => form.test(words));
  });
}

function isProseLanguage({ languageId }: PiecePlace): boolean {
  return /^(?:plaintext|markdown|mdx?|restructuredtext|asciidoc|latex|tex|html|xml|git-commit|text|vue|svelte)/.test(
    languageId,
  );
}

/** A sentence before, after, or instead of the code; not one within it, as in a comment of several lines. */
function hasProse(lines: readonly string[], { replaced }: PiecePlace): boolean {
  if (replaced.some(isSentence)) return false;
  const said = lines.filter((line) => line.trim() !== '');
  return [said[0], said.at(-1)].some((line) => line !== undefined && isSentence(line));
}

const excuse = /^(?:I'm |I am |I can|I will |I've |Sorry\b|Sure[,!.]|Okay[,!.]|Certainly\b|Here(?:'s| is| are)\b)/i;
const wordsOnly = /^[\p{L}\p{N}\p{M}\s,.;:!?'’"“”`\-–—、。，！？：…（）()]+$/u;
const capitalised = /^\p{Lu}\p{Ll}[\p{L}'’]*(?:[\s,]+[\p{L}\p{N}'’`-]+)*/u;

const advice = /^(?:Use|Change|Replace|Consider|Remove|Add|Try|Should|You|The|This|It|Please|Make)\s+\S+\s+\S.*\.$/;
const oneWord =
  /^(?:OK|LGTM|N\/A|Done|Fixed|Perfect|Great|Good|Correct|Yes|No|Nothing|None needed|No changes?\b.*)[.!]*$/i;

const opening =
  /^(?:(?:ok|okay|lgtm|sure|yes)\b[,.!\s]+\p{L}|(?:No|None|Nothing|Looks|Everything|All|Correct|Already)\s+\p{Ll}{2})/iu;

/** Words as people write them: a capital or an uncased letter first, and the end of a sentence or three more words. */
function isSentence(line: string): boolean {
  const bullet = /^\s*(?:[-*•>]\s+)?(?:\d+[.)]\s+)?(?:[*_\s]|\uFE0F|\p{Extended_Pictographic})*/u;
  const text = line.replace(bullet, '').replace(/[*_\s]+$/, '');
  if (excuse.test(text) || advice.test(text) || oneWord.test(text)) return true;
  if (opening.test(text) && wordsOnly.test(text)) return true;
  if (/^\p{Lo}/u.test(text)) return /[。！？]$/u.test(text) || wordsOnly.test(text);
  if (/^\p{Lu}[\p{Ll}']*(?:,? [\p{Ll}'’]+){3,}(?:[\s.,:!?]|$)/u.test(text)) return true;
  const words = capitalised.exec(text)?.[0].split(/[\s,]+/).length ?? 0;
  return words >= 2 && wordsOnly.test(text) && /[.!?:…]$/.test(text) && !/\w\(/.test(text);
}

const minWordedChars = 3;
const maxRepeated = 50; // lines of the surroundings that are looked for

/**
 * The lines around the place, at an end of the code: put in, they would stand there twice. Lines that say little (a bracket, `else`)
 * do not count, nor what the replaced lines began or ended with themselves.
 */
function repeatsSurroundings(lines: readonly string[], { before, replaced, after }: PiecePlace): boolean {
  const said = saying(lines);
  const had = saying(replaced);
  const [above, below] = [saying(before), saying(after)];
  const first = said[0];
  if (meets(above, said) && first !== had[0]) return true;
  if (meets(said, below) && said.at(-1) !== had.at(-1)) return true;
  const around = new Set([...before, ...after].map(declarationIn));
  const own = new Set(replaced.map(declarationIn));
  if (lines.map(declarationIn).some((name) => name !== undefined && around.has(name) && !own.has(name))) return true;
  // The whole file, or the function around: what it begins with stands above the place.
  const others = new Set([...above, ...below]);
  for (const line of had) others.delete(line);
  const repeated = new Set(said.filter((line) => others.has(line))).size;
  return above.length > 0 && first === above[0] && first !== had[0] && repeated > 1
    ? true
    : repeated >= 3 && repeated * 2 >= new Set(said).size;
}

/** The function or type that a line declares. */
function declarationIn(line: string): string | undefined {
  return /^\s*(?:[a-z]+\s+)*(?:function\*?|class|interface|def|fn|func|struct|enum|trait)\s+([\p{L}_$][\p{L}\p{N}_$]*)/u.exec(
    line,
  )?.[1];
}

/** Whether the second begins with the lines that the first ends with. */
function meets(one: readonly string[], other: readonly string[]): boolean {
  return one.slice(-maxRepeated).some((_, i, end) => {
    const shared = end.slice(i);
    return shared.length <= other.length && shared.every((line, k) => line === other[k]);
  });
}

function saying(lines: readonly string[]): string[] {
  return lines.map(compact).filter((line) => (line.match(/[\p{L}\p{N}_]/gu) ?? []).length >= minWordedChars);
}

function compact(line: string): string {
  return line.replace(/\s+/g, '');
}
