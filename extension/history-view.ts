// Hosts the history view in an editor tab, also in one that was open when the window was reloaded. The page and the daemon know
// what it shows; this only carries.
import * as vscode from 'vscode';
import type { ViewRelay } from './logic/view-relay.ts';
import { connectionMessage, fillWebview, type ViewOptions } from './view-page.ts';

/** Lives as long as the extension is active; its tab is opened on request, and at most once. */
export class HistoryView implements vscode.WebviewPanelSerializer, vscode.Disposable {
  static readonly id = 'switchyard.history';
  readonly #options: ViewOptions;
  readonly #subscription: vscode.Disposable;
  #panel: vscode.WebviewPanel | undefined;
  #page: ViewRelay | undefined;
  /** What to search for once the page is alive. */
  #query: string | undefined;

  constructor(options: ViewOptions) {
    this.#options = options;
    this.#subscription = vscode.Disposable.from(
      options.daemon.onDidChangeState((state) => this.#page?.post(connectionMessage(state))),
      options.daemon.onDidChangeHistory(() => this.#page?.post({ type: 'history-changed' })),
    );
  }

  /** Shows the tab, or opens it. Its page lives while it is visible, and is rebuilt from the daemon and what it saved. */
  async open(query?: string): Promise<void> {
    this.#query = query;
    if (this.#panel) {
      this.#panel.reveal();
      return this.#search();
    }
    await this.#show(vscode.window.createWebviewPanel(HistoryView.id, 'Switchyard History', vscode.ViewColumn.Active));
  }

  /** Takes over a tab that was open before the window was reloaded. Its page restores its query, filters and choice by itself. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    if (this.#panel)
      panel.dispose(); // one was opened before the editor came to this one
    else await this.#show(panel);
  }

  /** The window's profile or its projects changed: a page that is alive asks for everything again. */
  reload(): void {
    this.#page?.post({ type: 'profile-changed' });
  }

  /** A tab's icon is an image, so it has a color of its own. */
  #icon(name: string): vscode.Uri {
    return vscode.Uri.joinPath(this.#options.extensionUri, 'media', 'icons', name);
  }

  async #show(panel: vscode.WebviewPanel): Promise<void> {
    this.#panel = panel;
    panel.iconPath = { light: this.#icon('switchyard-light.svg'), dark: this.#icon('switchyard-dark.svg') };
    panel.onDidDispose(() => {
      this.#close();
      this.#panel = undefined;
    });
    panel.onDidChangeViewState(() => {
      if (!panel.visible) this.#close();
    });
    await fillWebview(panel.webview, 'history', {
      options: this.#options,
      open: (page) => this.#open(page),
      page: () => this.#page,
    });
  }

  dispose(): void {
    this.#close();
    this.#panel?.dispose();
    this.#subscription.dispose();
  }

  #open(page: ViewRelay): void {
    this.#close();
    this.#page = page;
    page.post({ type: 'hello', host: 'vscode', actions: this.#options.actions });
    page.post(connectionMessage(this.#options.daemon.state));
    this.#search();
  }

  #search(): void {
    if (!this.#page || this.#query === undefined) return;
    this.#page.post({ type: 'search', text: this.#query });
    this.#query = undefined;
  }

  #close(): void {
    this.#page?.close();
    this.#page = undefined;
  }
}
