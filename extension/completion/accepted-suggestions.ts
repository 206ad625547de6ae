// Tells for how long accepted suggestions stay: their text is followed through edits, and looked at after half a minute and after five.
import * as vscode from 'vscode';
import { isStillThere, piecesLeft, type TextPiece } from './typing.ts';

const looksAfterMs = [30_000, 300_000];

interface AcceptedSuggestion {
  id: string;
  document: vscode.TextDocument;
  length: number;
  pieces: TextPiece[];
  timers: NodeJS.Timeout[];
}

/** Lives as long as the extension is active. Of a document that is closed, nothing more is known. */
export class AcceptedSuggestions implements vscode.Disposable {
  /** Called with 0 where the text has gone. */
  readonly #report: (id: string, keptAfterMs: number) => void;
  readonly #subscriptions: vscode.Disposable;
  readonly #accepted = new Set<AcceptedSuggestion>();

  constructor(report: (id: string, keptAfterMs: number) => void) {
    this.#report = report;
    this.#subscriptions = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        for (const accepted of this.#in(document)) accepted.pieces = piecesLeft(accepted.pieces, contentChanges);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        for (const accepted of this.#in(document)) this.#forget(accepted);
      }),
    );
  }

  follow(id: string, document: vscode.TextDocument, piece: TextPiece): void {
    const accepted: AcceptedSuggestion = { id, document, length: piece.end - piece.start, pieces: [piece], timers: [] };
    this.#accepted.add(accepted);
    accepted.timers = looksAfterMs.map((afterMs) => setTimeout(() => this.#look(accepted, afterMs), afterMs));
  }

  dispose(): void {
    for (const accepted of this.#accepted) this.#forget(accepted);
    this.#subscriptions.dispose();
  }

  #look(accepted: AcceptedSuggestion, afterMs: number): void {
    const isThere = isStillThere(accepted.pieces, accepted.length);
    const isFirst = afterMs === looksAfterMs[0];
    if (isThere || isFirst) this.#report(accepted.id, isThere ? afterMs : 0);
    if (!isThere || !isFirst) this.#forget(accepted);
  }

  #in(document: vscode.TextDocument): AcceptedSuggestion[] {
    return [...this.#accepted].filter((accepted) => accepted.document === document);
  }

  #forget(accepted: AcceptedSuggestion): void {
    for (const timer of accepted.timers) clearTimeout(timer);
    this.#accepted.delete(accepted);
  }
}
