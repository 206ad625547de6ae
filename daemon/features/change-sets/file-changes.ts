// What an answer changes in one file. Each edit is placed in the file as it is now, by itself, and passes the gate of edits; two of one
// place are one too many. What is left is cut into hunks.

import { setImmediate } from 'node:timers/promises';
import type { SaidEdit } from '../../../shared/edits/answer-edits.ts';
import { indentOffset } from '../../../shared/edits/unified-diff.ts';
import { cleanCode } from '../../base/clean-text.ts';
import type { Snippet } from '../../base/snippet.ts';
import type { Outlines } from '../../code-index/syntax-checker.ts';
import { addsPlaceholder } from '../../models/secrets/placeholder.ts';
import type { EditGate } from '../pipeline/edits/gate.ts';
import type { TextEdit } from '../pipeline/edits/placing.ts';
import { type ReviewTarget, targetOf } from '../pipeline/target.ts';
import { placeCode } from './code-place.ts';
import { LineIndex } from './line-index.ts';
import { differences, type Hunk, hunkOf, type LineEdit, type TextLines, textLines } from './text-lines.ts';

export interface FileChanges {
  hunks: Hunk[];
  /** Why an edit is none: the end of a sentence that begins with it. */
  refused: { edit: SaidEdit; why: string }[];
}

export interface FileDeps {
  edits: EditGate;
  outlines: Outlines;
}

/** One edit of the answer, and the lines that it changes. */
interface PlacedEdit {
  said: SaidEdit;
  edits: LineEdit[];
}

type Placed = { edits: LineEdit[] } | { why: string };

export async function changesOf(
  said: readonly SaidEdit[],
  snippet: Snippet,
  deps: FileDeps & { signal: AbortSignal },
): Promise<FileChanges> {
  return new FileReading(snippet, deps).changes(said);
}

const maxSingleChecks = 30; // each parses the file

/** Lives as long as one file of an answer is read. */
class FileReading {
  readonly #snippet: Snippet;
  readonly #deps: FileDeps & { signal: AbortSignal };
  readonly #text: TextLines;
  readonly #target: ReviewTarget;
  readonly #index: LineIndex;
  readonly #known: ReadonlySet<string>;
  readonly #refused: FileChanges['refused'] = [];

  constructor(snippet: Snippet, deps: FileDeps & { signal: AbortSignal }) {
    this.#snippet = snippet;
    this.#deps = deps;
    this.#text = textLines(snippet.text);
    this.#target = targetOf(snippet);
    this.#index = new LineIndex(this.#text.lines);
    this.#known = new Set(this.#text.lines);
  }

  async changes(said: readonly SaidEdit[]): Promise<FileChanges> {
    const placed: PlacedEdit[] = [];
    // What quotes the file is surer of its place than code that doesn't.
    for (const edit of said.toSorted((a, b) => Number(a.kind === 'code') - Number(b.kind === 'code'))) {
      await setImmediate(); // others have their turn between hundreds of edits
      const place = await this.#place(edit);
      const why = 'why' in place ? place.why : this.#whyNot(place.edits, placed);
      if (why !== undefined) this.#refused.push({ edit, why });
      else if ('edits' in place) placed.push({ said: edit, edits: place.edits });
    }
    const parsed = await this.#parsed(placed);
    const edits = parsed.flatMap((each) => each.edits).sort((a, b) => a.first - b.first);
    return { hunks: edits.map((edit) => hunkOf(this.#text, edit)), refused: this.#refused };
  }

  async #place(edit: SaidEdit): Promise<Placed> {
    const place = edit.kind === 'code' ? await this.#placeCode(edit.code) : this.#placeLines(edit);
    if ('why' in place) return place;
    const changed = place.edits.flatMap(({ first, end, lines }) =>
      differences(this.#text.lines.slice(first, end), this.#cleaned(lines)).map((part) => ({
        first: first + part.first,
        end: first + part.end,
        lines: part.lines,
      })),
    );
    if (changed.length === 0) return { why: 'is already in the file' };
    const fault = this.#faultOf(place.edits);
    return fault === undefined ? { edits: changed } : { why: fault };
  }

  /** What is wrong with the new lines, each list of them in place of those that it replaces. */
  #faultOf(edits: readonly LineEdit[]): string | undefined {
    for (const edit of edits) {
      const { range, oldText, newText } = hunkOf(this.#text, { ...edit, lines: this.#cleaned(edit.lines) });
      if (addsPlaceholder(newText, oldText)) return 'has a placeholder in place of a secret';
      const end =
        edit.end > edit.first
          ? { line: edit.end - 1, character: this.#text.lines[edit.end - 1]?.length ?? 0 }
          : range.end;
      const fault = this.#deps.edits.faultOf(this.#target, { range: { start: range.start, end }, newText });
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #placeCode(code: string): Promise<Placed> {
    const { uri, languageId } = this.#snippet;
    return placeCode(code.split('\n'), { uri, languageId, lines: this.#text.lines }, this.#deps);
  }

  #placeLines({ old: quoted, new: said, line }: SaidEdit & { kind: 'lines' }): Placed {
    const isEmpty = this.#text.lines.every((each) => each.trim() === '');
    if (isEmpty && quoted.every((each) => each.trim() === ''))
      return { edits: [{ first: 0, end: this.#text.lines.length, lines: said }] };
    const { old, now } = withoutSharedBlanks(quoted, said);
    const place = this.#index.placeOf(old, line === undefined ? undefined : line + quoted.indexOf(old[0] ?? ''));
    if ('why' in place) return place;
    const { at } = place;
    const here = this.#text.lines.slice(at, at + old.length);
    const sure = old.findIndex((each) => each.trim() !== '');
    const indent = indentOffset(here[sure] ?? '', old[sure] ?? '');
    const own = new Map(old.map((each, i) => [each, here[i] ?? each]));
    const lines = now.map((each) => own.get(each) ?? (each.trim() === '' ? each : indent + each));
    return { edits: [{ first: at, end: at + old.length, lines }] };
  }

  /** Lines that the file has stay as it has them; in others nothing is hidden. */
  #cleaned(lines: readonly string[]): string[] {
    return lines.map((line) => (this.#known.has(line) ? line : cleanCode(line)));
  }

  #whyNot(edits: readonly LineEdit[], placed: readonly PlacedEdit[]): string | undefined {
    const taken = placed.flatMap((each) => each.edits);
    return edits.some((edit) => taken.some((other) => meets(edit, other)))
      ? 'changes the same lines as another one in this answer'
      : undefined;
  }

  /** All of them where the file parses no worse with all; else those that are no worse alone and together. */
  async #parsed(placed: readonly PlacedEdit[]): Promise<readonly PlacedEdit[]> {
    if (placed.length === 0 || (await this.#parsesWith(placed))) return placed;
    const sound: PlacedEdit[] = [];
    for (const [index, edit] of placed.entries())
      if (index < maxSingleChecks && placed.length > 1 && (await this.#parsesWith([...sound, edit]))) sound.push(edit);
    for (const { said } of placed.filter((edit) => !sound.includes(edit)))
      this.#refused.push({ edit: said, why: "would leave code that doesn't parse" });
    return sound;
  }

  #parsesWith(placed: readonly PlacedEdit[]): Promise<boolean> {
    const { edits, signal } = this.#deps;
    return edits.parsesNoWorse(this.#target, this.#asOneEdit(placed), signal);
  }

  /** From the first line that changes to the last. */
  #asOneEdit(placed: readonly PlacedEdit[]): TextEdit {
    const edits = placed.flatMap((each) => each.edits).sort((a, b) => a.first - b.first);
    const first = edits[0]?.first ?? 0;
    let at = first;
    const lines: string[] = [];
    for (const edit of edits) {
      lines.push(...this.#text.lines.slice(at, edit.first), ...edit.lines);
      at = edit.end;
    }
    return hunkOf(this.#text, { first, end: at, lines });
  }
}

/** Whether they have a line in common, or begin at the same one. */
function meets(one: LineEdit, other: LineEdit): boolean {
  return one.first === other.first || (one.first < other.end && other.first < one.end);
}

/** Blank lines at the ends that stay as they are say nothing of the place. */
function withoutSharedBlanks(old: readonly string[], now: readonly string[]): { old: string[]; now: string[] } {
  const [a, b] = [[...old], [...now]];
  while (a[0]?.trim() === '' && b[0]?.trim() === '' && a.length > 1) {
    a.shift();
    b.shift();
  }
  while (a.at(-1)?.trim() === '' && b.at(-1)?.trim() === '' && a.length > 1) {
    a.pop();
    b.pop();
  }
  return { old: a, now: b };
}
