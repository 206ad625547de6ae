// What a model is shown beside a piece of code: the heads of what the piece stands in, and what it calls. Definitions come from the
// file itself, then from the index of the project; without one of them, the file's imports tell what they can.
import type { Declaration, Outlines } from '../../../code-index/syntax-checker.ts';
import type { ModelGate } from '../../../ignore/gate.ts';
import type { Code, CodePiece } from '../../../storage/code.ts';
import { type LineSpan, lineAt, type ReviewTarget } from '../target.ts';

export interface SurroundingCodeDeps {
  outlines: Outlines;
  /** The index of code of the review's profile. */
  code: Pick<Code, 'symbols'>;
  gate: ModelGate;
  /** The folders, as URIs without a slash at their end. */
  roots: readonly string[];
  signal: AbortSignal;
}

const maxNames = 12; // that a piece calls
const maxDefinitionLines = 12;
const maxImports = 10;
const maxLineChars = 200;

/** Lives as long as one review. */
export class SurroundingCode {
  readonly #deps: SurroundingCodeDeps;
  readonly #outlines = new Map<ReviewTarget, Promise<Declaration[]>>();
  readonly #definitions = new Map<string, Promise<CodePiece | undefined>>();

  constructor(deps: SurroundingCodeDeps) {
    this.#deps = deps;
  }

  /** Empty where there is nothing to show; definitions are the first to be left out. Does not tell where in its document the piece stands. */
  async of(target: ReviewTarget, window: LineSpan, maxChars: number): Promise<string> {
    const outline = await this.#outlineOf(target);
    const definitions: string[] = [];
    let unknown = 0;
    for (const name of namesCalled(target, window)) {
      const definition =
        definedIn(outline, target, { name, window }) ?? (await this.#definitionElsewhere(target, name));
      if (definition === undefined) unknown++;
      else definitions.push(definition);
    }
    const imports = unknown > 0 ? importsFor(target, window) : [];
    return fitting([...headsAround(outline, target, window), ...imports, ...definitions], maxChars);
  }

  #outlineOf(target: ReviewTarget): Promise<Declaration[]> {
    const { uri, languageId, text } = target.snippet;
    const known =
      this.#outlines.get(target) ??
      this.#deps.outlines.outline({ uri, languageId, text }, this.#deps.signal).then((outline) => outline ?? []);
    this.#outlines.set(target, known);
    return known;
  }

  async #definitionElsewhere(target: ReviewTarget, name: string): Promise<string | undefined> {
    const known = this.#definitions.get(name) ?? this.#lookUp(name);
    this.#definitions.set(name, known);
    const piece = await known;
    return piece && piece.uri !== target.snippet.uri ? firstLines(piece.text.split('\n')) : undefined;
  }

  /** A name that several pieces have names none of them. */
  async #lookUp(name: string): Promise<CodePiece | undefined> {
    const { code, gate, roots } = this.#deps;
    for (const root of roots) {
      const pieces = await code.symbols(root, name, 2).catch(() => []);
      const [piece, other] = pieces.filter(({ symbol }) => symbol === name);
      if (!piece || other) continue;
      const refusal = await gate.refusal(piece.uri, roots, "wasn't sent to a model");
      if (refusal === undefined) return piece;
    }
    return undefined;
  }
}

/** The heads of classes and functions that begin before the piece and hold its first line. */
function headsAround(outline: readonly Declaration[], target: ReviewTarget, { first }: LineSpan): string[] {
  const holder = outline.find(({ startLine, endLine }) => startLine < first && endLine > first);
  const inner = outline.find(({ startLine, endLine }) => startLine <= first && endLine > first);
  const own = holder && headLine(target, holder);
  return [...(inner?.around ?? []), ...(own === undefined || inner?.around.includes(own.trim()) ? [] : [own])];
}

/** The first line of a declaration behind the comment above it. */
function headLine(target: ReviewTarget, { startLine, endLine }: Declaration): string | undefined {
  for (let line = startLine; line < endLine; line++) {
    const text = lineAt(target, line);
    if (!/^\s*(?:$|\/\/|\/?\*|#(?!include)|--|@|""")/.test(text)) return text.slice(0, maxLineChars);
  }
  return undefined;
}

const keywords = new Set(
  'if for while switch catch return function await typeof super sizeof match print elif not and def assert with'.split(
    ' ',
  ),
);

/** What is called in the piece, the first first. */
function namesCalled(target: ReviewTarget, { first, last }: LineSpan): string[] {
  const names = new Set<string>();
  for (let line = first; line <= last && names.size < maxNames; line++)
    for (const [, name = ''] of lineAt(target, line).matchAll(/(?<![\w$])([A-Za-z_$][\w$]{2,})\s*\(/g))
      if (!keywords.has(name)) names.add(name);
  return [...names].slice(0, maxNames);
}

/** Undefined where the file has none; empty where the piece itself has it. */
function definedIn(
  outline: readonly Declaration[],
  target: ReviewTarget,
  { name, window }: { name: string; window: LineSpan },
): string | undefined {
  const found = outline.find(({ symbol }) => symbol === name || symbol.endsWith(`.${name}`));
  if (!found) return undefined;
  if (found.startLine <= window.last && found.endLine > window.first) return '';
  const lines = Array.from({ length: found.endLine - found.startLine }, (_, i) => lineAt(target, found.startLine + i));
  return firstLines(lines);
}

function firstLines(lines: readonly string[]): string {
  const shown = lines.slice(0, maxDefinitionLines).map((line) => line.slice(0, maxLineChars));
  return [...shown, ...(lines.length > maxDefinitionLines ? ['…'] : [])].join('\n');
}

/** Lines that import something which the piece names. */
function importsFor(target: ReviewTarget, window: LineSpan): string[] {
  const words = new Set<string>();
  for (let line = window.first; line <= window.last; line++)
    for (const [word] of lineAt(target, line).matchAll(/[A-Za-z_$][\w$]+/g)) words.add(word);
  const imports: string[] = [];
  for (let line = 0; line < window.first && imports.length < maxImports; line++) {
    const text = lineAt(target, line);
    const isImport = /^\s*(?:import|from|use|using|#include|(?:const|let|var) .*require\()/.test(text);
    const isUsed = [...text.matchAll(/[A-Za-z_$][\w$]+/g)].some(([word]) => words.has(word) && !importWords.has(word));
    if (isImport && isUsed) imports.push(text.slice(0, maxLineChars));
  }
  return imports;
}

const importWords = new Set([
  'import',
  'from',
  'use',
  'using',
  'include',
  'const',
  'let',
  'var',
  'require',
  'type',
  'as',
]);

function fitting(parts: readonly string[], maxChars: number): string {
  const fit: string[] = [];
  let chars = 0;
  for (const part of new Set(parts)) {
    if (part === '' || chars + part.length + 1 > maxChars) continue;
    chars += part.length + 1;
    fit.push(part);
  }
  return fit.join('\n');
}
