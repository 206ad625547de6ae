// A preview of what a model is still writing: a diff that grows. It can only be discarded, which stops the model; `Edits` takes it over
// once the whole edit is there.
import * as vscode from 'vscode';
import type { CodeAction } from '../../shared/protocol/code.ts';
import type { Part } from '../../shared/protocol/define.ts';
import { cleanTexts } from '../logic/clean-shown.ts';
import { type DraftPlace, draftText } from '../logic/draft-text.ts';
import type { VirtualDocuments } from './virtual-documents.ts';

const updateMs = 100; // VS Code computes the diff anew each time

/** Lives until its edit is shown, or the answer has ended without one. */
export class DraftPreview {
  /** Absent until something of the code has come. */
  uri: vscode.Uri | undefined;
  /** Whether its whole edit is shown in its place. */
  isTaken = false;
  readonly #documents: VirtualDocuments;
  readonly #title: string;
  readonly #discarded = new AbortController();
  #document: vscode.TextDocument | undefined;
  #place: DraftPlace | undefined;
  #isWholeFile = false;
  #opening: Thenable<unknown> | undefined;
  #answer = '';
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  constructor(documents: VirtualDocuments, title: string) {
    this.#documents = documents;
    this.#title = title;
  }

  /** Aborted when the user wants none of it. */
  get signal(): AbortSignal {
    return this.#discarded.signal;
  }

  choose(choice: 'apply' | 'discard'): void {
    if (choice === 'discard') this.#discarded.abort();
  }

  /** More of the answer, where it goes, or that what had come is no part of it. */
  hear(part: Part<typeof CodeAction>): void {
    if (part.kind === 'place') {
      const { start, end } = part.range;
      this.#place = { first: start.line, last: part.isInsertion ? start.line - 1 : end.line };
      void openOrNew(vscode.Uri.parse(part.uri)).then((document) => {
        this.#document = document;
        this.#update();
      }, noDraft);
    }
    if (part.kind === 'format') this.#isWholeFile = part.format === 'file';
    this.#answer = part.kind === 'text' ? this.#answer + part.text : '';
    this.#update();
  }

  /** Nothing is drawn any more. Resolves when its tab is open, if it has one. */
  async end(): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    await this.#opening;
  }

  #update(): void {
    if (!this.#isEnded) this.#timer ??= setTimeout(() => this.#show(), updateMs);
  }

  #show(): void {
    this.#timer = undefined;
    const [document, place] = [this.#document, this.#place];
    if (this.signal.aborted || !document || !place) return;
    const original = document.getText();
    const text = draftText(
      original,
      this.#isWholeFile ? { first: 0, last: document.lineCount - 1 } : place,
      this.#answer,
    );
    if (this.uri) this.#documents.update(this.uri, text);
    else if (text !== original) {
      this.uri = this.#documents.addProposal(document.uri, text);
      const name = vscode.workspace.asRelativePath(document.uri);
      const title = cleanTexts(`${this.#title}: ${name}`);
      this.#opening = vscode.commands.executeCommand('vscode.diff', document.uri, this.uri, title, {
        preview: false,
        preserveFocus: true,
      });
    }
  }
}

/** A file that isn't there yet is an untitled document with its path: it's written when the user saves it. */
export async function openOrNew(uri: vscode.Uri): Promise<vscode.TextDocument> {
  const isThere = uri.scheme !== 'file' || (await vscode.workspace.fs.stat(uri).then(Boolean, () => false));
  return vscode.workspace.openTextDocument(isThere ? uri : uri.with({ scheme: 'untitled' }));
}

/** The edit is shown when it is there, or says why it can't be. */
function noDraft(): void {}
