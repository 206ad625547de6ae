// Functions and the comments that document them, out of a folder of code. No parser: a comment, the line that begins a function, and
// what follows up to the next comment or the length of a screen is what counts.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative } from 'node:path';

export interface DocumentedFunction {
  /** The file and the line. */
  reference: string;
  title: string;
  language: string;
  /** What the comment says, in one line, without its tags. */
  comment: string;
  /** The function without any comment. */
  text: string;
}

interface Style {
  language: string;
  /** Groups: the comment, and the line that declares a function, whose name is the group `name`. */
  pattern: RegExp;
  /** What is no code. */
  comments: RegExp;
}

const cLike = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;
const javaScript: Style = {
  language: 'typescript',
  pattern:
    /\/\*\*(?<comment>(?:(?!\*\/)[\s\S]){20,1500})\*\/[ \t]*\r?\n[ \t]*(?<head>(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:public\s+|private\s+|protected\s+)?(?:static\s+)?(?:async\s+)?(?:function\s*\*?\s*(?<name>[\w$]+)|(?:const|let|var)\s+(?<constant>[\w$]+)\s*=\s*(?:async\s*)?(?:function|\([^)\n]*\)\s*=>)|(?<method>(?!if|for|while|switch|return|catch)[\w$]+)\s*\([^)\n]*\)\s*\{).*)/g,
  comments: cLike,
};
const go: Style = {
  language: 'go',
  pattern: /(?<comment>(?:^\/\/.*\r?\n){1,20})(?<head>func\s+(?:\([^)]*\)\s*)?(?<name>\w+).*)/gm,
  comments: cLike,
};
const python: Style = {
  language: 'python',
  pattern:
    /^[ \t]*(?<head>(?:async\s+)?def\s+(?<name>\w+)\s*\((?:[^()]|\([^()]*\))*\)[^:\n]*:)\s*\r?\n\s*(?:r|u)?"""(?<comment>(?:(?!""")[\s\S]){20,1500})"""/gm,
  comments: /"""[\s\S]*?"""|#.*$/gm,
};

const styles: Readonly<Record<string, Style>> = {
  '.ts': javaScript,
  '.mts': javaScript,
  '.tsx': javaScript,
  '.js': { ...javaScript, language: 'javascript' },
  '.mjs': { ...javaScript, language: 'javascript' },
  '.cjs': { ...javaScript, language: 'javascript' },
  '.go': go,
  '.py': python,
};

const maxFunctionLength = 2500;
const largestFile = 300_000;
const minWords = 5;
const skipped = /^(\.git|dist-test|test|tests|__tests__)$|\.min\.|\.d\.[cm]?ts$/;

/** At most so many, spread evenly over all there are. The same folder gives the same ones. */
export function readCorpus(folder: string, max: number): DocumentedFunction[] {
  const found = new Map<string, DocumentedFunction>(); // by comment, so that each query has one answer
  const repeated = new Set<string>();
  for (const file of filesOf(folder)) {
    for (const one of functionsOf(file, relative(folder, file))) {
      const known = found.get(one.comment);
      if (known || [...repeated].includes(one.comment)) repeated.add(one.comment);
      found.set(one.comment, one);
    }
  }
  for (const comment of repeated) found.delete(comment);
  const all = [...found.values()];
  const step = Math.max(1, all.length / max);
  return Array.from(
    { length: Math.min(max, all.length) },
    (_, place) => all[Math.floor(place * step)] as DocumentedFunction,
  );
}

function* filesOf(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (skipped.test(entry.name) || entry.isSymbolicLink()) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesOf(path);
    else if (styles[extname(entry.name)] && statSync(path).size < largestFile) yield path;
  }
}

function functionsOf(file: string, name: string): DocumentedFunction[] {
  const style = styles[extname(file)];
  if (!style) return [];
  const source = readFileSync(file, 'utf8');
  const matches = [...source.matchAll(style.pattern)];
  return matches.flatMap((match, place) => {
    const { comment = '', head = '', name: named, constant, method } = match.groups ?? {};
    const query = sentenceOf(comment);
    const start = match.index + match[0].indexOf(head, style === python ? 0 : comment.length);
    const end = Math.min(matches[place + 1]?.index ?? source.length, start + maxFunctionLength);
    const text = source
      .slice(start, end)
      .replace(style.comments, ' ')
      .replace(/\n\s*\n/g, '\n');
    if (query.split(' ').length < minWords || text.length < 60) return [];
    return [
      {
        reference: `${name}:${source.slice(0, start).split('\n').length}`,
        title: named ?? constant ?? method ?? '',
        language: style.language,
        comment: query,
        text,
      },
    ];
  });
}

/** The first paragraph, without the stars of a comment and without its tags. */
function sentenceOf(comment: string): string {
  const lines = comment.split(/\r?\n/).map((line) => line.replace(/^\s*(?:\*|\/\/)?\s?/, '').trim());
  const tag = lines.findIndex((line) => /^(@|:param|Args:|Returns:|Parameters)/.test(line));
  const [first = ''] = (tag < 0 ? lines : lines.slice(0, tag))
    .join('\n')
    .trim()
    .split(/\n\s*\n/);
  return first
    .replace(/\{@link\s+([^}]*)\}/g, '$1')
    .replace(/["`]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 600);
}
