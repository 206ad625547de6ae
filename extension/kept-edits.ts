// Tells the router, which learns from it, what became of edits that a model wrote: discarded in the preview, kept until the file
// was saved, or undone.
import * as vscode from 'vscode';
import type { DaemonClient } from './daemon-client.ts';
import { isKept } from './logic/kept-edit.ts';

interface AppliedEdit {
  decisionId: string;
  uri: string;
  pieces: readonly string[];
  /** The last outcome that was reported to the router. */
  told?: boolean;
}

/** Lives as long as the extension is active. Forgets a document when it is closed. */
export class KeptEdits implements vscode.Disposable {
  readonly #daemon: DaemonClient;
  readonly #log: vscode.LogOutputChannel;
  readonly #subscriptions: vscode.Disposable;
  #applied: AppliedEdit[] = [];

  constructor(daemon: DaemonClient, log: vscode.LogOutputChannel) {
    this.#daemon = daemon;
    this.#log = log;
    this.#subscriptions = vscode.Disposable.from(
      vscode.workspace.onDidSaveTextDocument((document) => this.#look(document)),
      vscode.workspace.onDidChangeTextDocument(({ document, reason }) => {
        if (reason === vscode.TextDocumentChangeReason.Undo) this.#look(document, { onlyIfGone: true });
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        this.#applied = this.#applied.filter(({ uri }) => uri !== document.uri.toString());
      }),
    );
  }

  /** An edit of this decision is in the document now. */
  applied(decisionId: string, document: vscode.TextDocument, pieces: readonly string[]): void {
    this.#applied.push({ decisionId, uri: document.uri.toString(), pieces });
  }

  discarded(decisionId: string): void {
    void this.#tell(decisionId, false);
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #look(document: vscode.TextDocument, { onlyIfGone = false } = {}): void {
    for (const edit of this.#applied.filter(({ uri }) => uri === document.uri.toString())) {
      const kept = isKept(document.getText(), edit.pieces);
      if (kept === edit.told || (onlyIfGone && kept)) continue;
      edit.told = kept;
      void this.#tell(edit.decisionId, kept);
    }
  }

  /** The user does not wait for this, so a failure goes to the log only. */
  async #tell(decisionId: string, keptEdit: boolean): Promise<void> {
    try {
      const { RouterOutcome } = await import('../shared/protocol/router.ts');
      await this.#daemon.call(RouterOutcome, { decisionId, keptEdit });
    } catch (error) {
      this.#log.warn(
        `The router was not told what became of an edit: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}
