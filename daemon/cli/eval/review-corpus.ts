// The changes that reviews are measured with: flaws of public classes, each with the lines that are wrong and how they are put right, and
// changes that are fine. They are data in media/eval/review, a file for each language.
//
// A change begins with `# name class`, and each of its lines with a mark: `-` before the change and `+` after it, a blank in both. Of a
// flaw the text before the change is what is reviewed, `-` lines are the wrong ones, and `!` is a wrong line that stays as it is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const flawClasses = ['null', 'bounds', 'leak', 'async', 'security', 'logic'] as const;
export type FlawClass = (typeof flawClasses)[number];

export interface ReviewCase {
  /** `go/nil-map-write` */
  id: string;
  language: Language;
  fileName: string;
  /** Absent where the change is fine. */
  flaw?: FlawClass;
  /** What is reviewed. */
  text: string;
  /** The same put right; of a change that is fine, what was there before. */
  other: string;
  /** The wrong lines of `text`, from 0. Of a change that is fine there are none. */
  flawedLines: readonly number[];
}

/** TABLE of the files, with the ending that code of the language has. */
const languages = { typescript: 'ts', python: 'py', go: 'go', rust: 'rs', shell: 'sh' } as const;
export type Language = keyof typeof languages;

/** Every change of the folder, in a fixed order. Throws where a file is not of this form. */
export function readReviewCorpus(folder: string): ReviewCase[] {
  return (Object.keys(languages) as Language[]).flatMap((language) =>
    casesIn(readFileSync(join(folder, `${language}.txt`), 'utf8'), language),
  );
}

export function casesIn(text: string, language: Language): ReviewCase[] {
  const parts = text.replaceAll('\r\n', '\n').split(/^# /m);
  if (parts[0]?.trim() !== '') throw new Error(`${language}: a change begins with "# name class"`);
  return parts.slice(1).map((part) => caseFrom(part.trimEnd().split('\n'), language));
}

function caseFrom([title = '', ...lines]: string[], language: Language): ReviewCase {
  const [name = '', word = ''] = title.split(' ');
  const flaw = flawClasses.find((known) => known === word);
  if (!flaw && word !== 'clean') throw new Error(`${language}/${name}: no class "${word}"`);
  const [before, after] = [sideOf(lines, '-'), sideOf(lines, '+')];
  const [reviewed, other] = flaw ? [before, after] : [after, before];
  return {
    id: `${language}/${name}`,
    language,
    fileName: `${name.replaceAll('-', '_')}.${languages[language]}`,
    ...(flaw && { flaw }),
    text: reviewed.text,
    other: other.text,
    flawedLines: flaw ? reviewed.marked : [],
  };
}

/** One side of a change: its text, and which lines of it are marked. */
function sideOf(lines: readonly string[], mark: '-' | '+'): { text: string; marked: number[] } {
  const own = lines.filter((line) => line === '' || line.startsWith(mark) || /^[ !]/.test(line));
  const unknown = lines.find((line) => line !== '' && !/^[-+! ]/.test(line));
  if (unknown !== undefined) throw new Error(`a line without a mark: ${unknown}`);
  const marked = own.flatMap((line, at) => (line.startsWith('-') || line.startsWith('!') ? [at] : []));
  return { text: `${own.map((line) => line.slice(1)).join('\n')}\n`, marked };
}
