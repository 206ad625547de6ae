// Read-only documents that exist in no file: the proposed side of a diff, a report.
import * as vscode from 'vscode';
import { withoutHidden } from '../../shared/hidden-characters.ts';

/** `proposalScheme` is also in package.json, where it decides which editors have Apply and Discard buttons. */
export const proposalScheme = 'switchyard-proposal';
const reportScheme = 'switchyard-report';

/** Lives as long as the extension is active. */
export class VirtualDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registrations: vscode.Disposable[];
  #lastId = 0;

  constructor() {
    this.#registrations = [
      vscode.workspace.registerTextDocumentContentProvider(proposalScheme, this),
      vscode.workspace.registerTextDocumentContentProvider(reportScheme, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#texts.delete(uri.toString())),
    ];
  }

  /**
   * A document that stands for `original` with other text; each has its own address, so that none is shown stale. Its name ends as no
   * language's files do: a language server would report its errors as problems of the workspace.
   */
  addProposal(original: vscode.Uri, text: string): vscode.Uri {
    const uri = vscode.Uri.from({
      scheme: proposalScheme,
      path: `${original.path.replace(/^\/*/, '/')}.proposed`,
      query: String(++this.#lastId),
    });
    this.#texts.set(uri.toString(), text);
    return uri;
  }

  /**
   * What stands for a file in a diff of several files. It has the file's own name, since such a diff shows another one as a file that was
   * renamed; so it is told to be in no language, for a language server would report its errors, too.
   */
  async addSide(original: vscode.Uri, text: string): Promise<vscode.Uri> {
    const uri = vscode.Uri.from({ scheme: proposalScheme, path: original.path, query: String(++this.#lastId) });
    this.#texts.set(uri.toString(), text);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, 'plaintext');
    this.#texts.set(uri.toString(), text); // another language closes a document and opens it again
    return uri;
  }

  /** A text to read, which stands for nothing; two of one name are sides of one diff. */
  addText(name: string, text: string): vscode.Uri {
    const path = `/${name.replace(/[^\w./-]+/g, '-')}`;
    const uri = vscode.Uri.from({ scheme: reportScheme, path, query: String(++this.#lastId) });
    this.#texts.set(uri.toString(), withoutHidden(text)); // servers wrote it
    return uri;
  }

  /** Changes what a document shows. */
  update(uri: vscode.Uri, text: string): void {
    if (!this.#texts.has(uri.toString())) return;
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
  }

  /** Shows a text as source: nothing in it is rendered, so nothing in it is fetched. */
  async showReport(name: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: reportScheme, path: `/${name}` });
    this.#texts.set(uri.toString(), withoutHidden(text)); // models and servers wrote some of it
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(uri, { preview: true });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  dispose(): void {
    vscode.Disposable.from(...this.#registrations, this.#changed).dispose();
  }
}
