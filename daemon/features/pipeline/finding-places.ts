// Where the findings of a document stand in its current text. A keystroke costs a look at each finding's own place, not a search of the
// document.
import { anchorOffset } from '../../base/anchor.ts';
import type { Position } from '../../base/snippet.ts';
import type { Finding } from './types.ts';

/** A document as a client has it open: one object for all of its versions, which knows its own lines. */
export interface OpenDocument {
  readonly version: number;
  getText(): string;
  offsetAt(position: Position): number;
  positionAt(offset: number): Position;
}

type SearchText = typeof anchorOffset;

/** Lives as long as the document is open. */
export class FindingPlaces {
  readonly #document: OpenDocument;
  readonly #search: SearchText;
  /** Where each finding stood last. */
  #offsets = new Map<string, number>();
  #placed: { version: number; length: number; findings: readonly Finding[]; result: Finding[] } | undefined;

  constructor(document: OpenDocument, search: SearchText = anchorOffset) {
    this.#document = document;
    this.#search = search;
  }

  /** Each finding at its evidence. Those whose code is gone are left out. */
  of(findings: readonly Finding[]): Finding[] {
    const { version } = this.#document;
    if (this.#placed?.version === version && this.#placed.findings === findings) return this.#placed.result;
    const text = this.#document.getText();
    const grown = text.length - (this.#placed?.length ?? text.length);
    const offsets = new Map<string, number>();
    const result = findings.flatMap((finding) => {
      const { id, evidence, range } = finding;
      const before = this.#offsets.get(id);
      const offset =
        this.#still(text, evidence, { before, grown }) ??
        this.#search(text, evidence, before ?? this.#document.offsetAt(range.start));
      if (offset !== undefined || before !== undefined) offsets.set(id, offset ?? before ?? 0);
      return offset === undefined ? [] : [this.#at(finding, offset)];
    });
    this.#offsets = offsets;
    this.#placed = { version, length: text.length, findings, result };
    return result;
  }

  /** Evidence before what was typed is where it was; evidence behind it has moved by as much as the document grew. */
  #still(text: string, evidence: string, { before, grown }: { before: number | undefined; grown: number }) {
    if (before === undefined || evidence === '') return undefined;
    return [before, before + grown].find((offset) => offset >= 0 && text.startsWith(evidence, offset));
  }

  #at(finding: Finding, offset: number): Finding {
    const start = this.#document.positionAt(offset);
    return { ...finding, range: { start, end: this.#document.positionAt(offset + finding.evidence.length) } };
  }
}
