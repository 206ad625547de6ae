// THE gate of edits: what a model or a tool would change in a document becomes an edit only here. It must be one piece of code for its
// place, and the document must parse no worse with it. What does not pass is advice to read, with a sentence of why.
import { cleanCode } from '../../../base/clean-text.ts';
import { offsetAt, type Range, textIn } from '../../../base/snippet.ts';
import { isNoWorse, type Syntax } from '../../../code-index/syntax-checker.ts';
import { lineAt, type ReviewTarget, wholeLines } from '../target.ts';
import { type Piece, type PiecePlace, pieceIn, soundCode } from './piece.ts';
import { placings, type TextEdit } from './placing.ts';

/** The edit, or why there is none: the end of a sentence that begins with the answer. */
export type EditVerdict = { edit: TextEdit } | { why: string };

interface EditedPlace {
  target: ReviewTarget;
  /** What the code was asked, or is said, to replace. */
  range: Range;
  signal: AbortSignal;
}

interface ProposedCode extends EditedPlace {
  /** A model's answer: code, in one fenced block or in none. */
  answer: string;
}

/** Lives as long as the daemon. */
export class EditGate {
  readonly #syntax: Syntax;

  constructor({ syntax }: { syntax: Syntax }) {
    this.#syntax = syntax;
  }

  /** What a model wrote. Throws CancelledError. */
  async admit({ answer, ...place }: ProposedCode): Promise<EditVerdict> {
    return this.#placed(pieceIn(cleanCode(answer), placeOf(place.target, place.range)), place);
  }

  /** The new text of the whole range, as it was read from a model's answer already. Throws CancelledError. */
  async admitCode({ code, ...place }: EditedPlace & { code: string }): Promise<EditVerdict> {
    return this.#placed(soundCode(code, placeOf(place.target, place.range)), place);
  }

  async #placed(piece: Piece, { target, range, signal }: EditedPlace): Promise<EditVerdict> {
    if ('why' in piece) return piece;
    for (const edit of placings(target, range, piece.code))
      if (await this.parsesNoWorse(target, edit, signal)) return { edit };
    return { why: "would leave code that doesn't parse" };
  }

  /** What is wrong with code whose place is known: the end of a sentence that begins with it. Undefined where it may go there. */
  faultOf(target: ReviewTarget, { range, newText }: TextEdit): string | undefined {
    if (newText.trim() === '') return undefined; // lines may go
    const piece = soundCode(newText.replace(/\r?\n$/, ''), placeOf(target, range, maxLinesAround));
    return 'why' in piece ? piece.why : undefined;
  }

  /** Whether the document has no more syntax errors with the edit than without. True where its language has no parser here. */
  async parsesNoWorse({ snippet, starts }: ReviewTarget, edit: TextEdit, signal: AbortSignal): Promise<boolean> {
    const { uri, languageId, text } = snippet;
    const [start, end] = [offsetAt(text, edit.range.start, starts), offsetAt(text, edit.range.end, starts)];
    const edited = text.slice(0, start) + edit.newText + text.slice(end);
    const faults = await this.#syntax.faults({ uri, languageId, texts: [text, edited] }, signal);
    const [before, after] = faults ?? [];
    return !before || !after || isNoWorse(before, after, edit.newText.length);
  }
}

const maxLinesAround = 300; // one answer may hold hundreds of changes

function placeOf(target: ReviewTarget, range: Range, around = Number.POSITIVE_INFINITY): PiecePlace {
  const { first, last } = wholeLines(range);
  const lines = (from: number, until: number): string[] =>
    Array.from({ length: Math.max(0, until - from) }, (_, i) => lineAt(target, from + i));
  return {
    languageId: target.snippet.languageId,
    before: lines(Math.max(0, first - around), first),
    replaced: isPartOfLine(target, range) ? textIn(target.snippet.text, range).split(/\r?\n/) : lines(first, last + 1),
    after: lines(last + 1, Math.min(target.starts.length, last + 1 + around)),
  };
}

function isPartOfLine(target: ReviewTarget, { start, end }: Range): boolean {
  return (
    lineAt(target, start.line).slice(0, start.character).trim() !== '' ||
    lineAt(target, end.line).slice(end.character).trim() !== ''
  );
}
