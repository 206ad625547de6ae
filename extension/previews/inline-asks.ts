// What the user asked for at the cursor, while its preview is open: for the lens over it and for asking again.
import * as vscode from 'vscode';
import type { Range } from '../../shared/protocol/text.ts';
import { proposalScheme } from './virtual-documents.ts';

/** What was asked of some lines, and the code that came of it. */
export interface InlineTurn {
  instruction: string;
  code: string;
}

export interface InlineAsk {
  document: vscode.TextDocument;
  /** The document's version that the range is of. */
  version: number;
  range: Range;
  /** What was asked of it before. */
  previous: readonly InlineTurn[];
  instruction: string;
  /** What came of it, once that is known; set by `InlineAsks.answer`. */
  code?: string;
}

/** Also in package.json, where it decides which previews have these buttons. */
const openContext = 'switchyard.asking';

/** Lives as long as the extension is active. One ask is open at a time, as one preview is. */
export class InlineAsks implements vscode.CodeLensProvider, vscode.Disposable {
  #current: InlineAsk | undefined;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #registration: vscode.Disposable;

  constructor() {
    this.#registration = vscode.languages.registerCodeLensProvider(
      [{ scheme: 'file' }, { scheme: 'untitled' }, { scheme: proposalScheme }],
      this,
    );
  }

  get current(): InlineAsk | undefined {
    return this.#current;
  }

  /** Open until `work` has ended, unless another one has been opened meanwhile. */
  async whileOpen(ask: InlineAsk, work: () => Promise<void>): Promise<void> {
    this.#show(ask);
    try {
      await work();
    } finally {
      if (this.#current === ask) this.#show(undefined);
    }
  }

  /** It can be applied from here on. */
  answer(ask: InlineAsk, code: string): void {
    ask.code = code;
    this.#changed.fire();
  }

  provideCodeLenses({ uri }: vscode.TextDocument): vscode.CodeLens[] {
    const ask = this.#current;
    const isProposal = uri.scheme === proposalScheme && uri.path === `${ask?.document.uri.path}.proposed`;
    if (!ask || (!isProposal && uri.toString() !== ask.document.uri.toString())) return [];
    const { line } = ask.range.start;
    const place = new vscode.Range(line, 0, line, 0);
    const offered = ask.code === undefined ? lenses.slice(1) : lenses;
    return offered.map(([title, command]) => new vscode.CodeLens(place, { title, command }));
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }

  #show(ask: InlineAsk | undefined): void {
    this.#current = ask;
    this.#changed.fire();
    void vscode.commands.executeCommand('setContext', openContext, ask !== undefined);
  }
}

/** As the editor's title has them, which a diff shows instead: VS Code draws no lenses there. */
const lenses = [
  ['Apply', 'switchyard.applyPreview'],
  ['Discard', 'switchyard.discardPreview'],
  ['Retry', 'switchyard.retryAsk'],
  ['Follow Up…', 'switchyard.followUpAsk'],
] as const;
