// A preview of what a model is still writing: a diff that grows. It can only be discarded, which stops the model; `Edits` takes it over
// once the whole edit is there.
import * as vscode from 'vscode';
import type { CodeAction } from '../../shared/protocol/code.ts';
import type { Part } from '../../shared/protocol/define.ts';
import type { Range } from '../../shared/protocol/text.ts';
import { cleanTexts } from '../logic/clean-shown.ts';
import { type DraftLines, draftText } from '../logic/draft-text.ts';
import type { VirtualDocuments } from './virtual-documents.ts';

const updateMs = 100; // VS Code computes the diff anew each time

/** Lives until its edit is shown, or the answer has ended without one. */
export class DraftPreview {
  /** Absent until something of the code has come. */
  uri: vscode.Uri | undefined;
  readonly #documents: VirtualDocuments;
  readonly #document: vscode.TextDocument;
  readonly #text: string;
  readonly #lines: DraftLines;
  readonly #title: string;
  readonly #discarded = new AbortController();
  #opening: Thenable<unknown> | undefined;
  #answer = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(
    documents: VirtualDocuments,
    document: vscode.TextDocument,
    { title, range }: { title: string; range: Range },
  ) {
    this.#documents = documents;
    this.#document = document;
    this.#text = document.getText();
    this.#title = title;
    const { start, end } = range;
    this.#lines = { first: start.line, last: end.character === 0 && end.line > start.line ? end.line - 1 : end.line };
  }

  /** Aborted when the user wants none of it. */
  get signal(): AbortSignal {
    return this.#discarded.signal;
  }

  choose(choice: 'apply' | 'discard'): void {
    if (choice === 'discard') this.#discarded.abort();
  }

  /** More of the answer, or that what had come was no code. */
  hear(part: Part<typeof CodeAction>): void {
    this.#answer = part.kind === 'thought' ? '' : this.#answer + part.text;
    this.#timer ??= setTimeout(() => this.#show(), updateMs);
  }

  /** Nothing is drawn any more. Resolves when its tab is open, if it has one. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#opening;
  }

  #show(): void {
    this.#timer = undefined;
    if (this.signal.aborted) return;
    const text = draftText(this.#text, this.#lines, this.#answer);
    if (this.uri) this.#documents.update(this.uri, text);
    else if (text !== this.#text) {
      this.uri = this.#documents.addProposal(this.#document.uri, text);
      const name = vscode.workspace.asRelativePath(this.#document.uri);
      const title = cleanTexts(`${this.#title}: ${name}`);
      this.#opening = vscode.commands.executeCommand('vscode.diff', this.#document.uri, this.uri, title, {
        preview: false,
        preserveFocus: true,
      });
    }
  }
}
