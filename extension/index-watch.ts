// Watches how far the code of this window's folders is indexed. Asks when something happens, and once a second or less often while
// an index is being built. Once it is built no timer runs.
import * as vscode from 'vscode';
import { indexState } from '../shared/index-words.ts';
import type { IndexStatusResult } from '../shared/protocol/code-index.ts';
import type { IndexState } from '../shared/webview.ts';
import { type DaemonClient, DaemonError } from './daemon-client.ts';
import { isIndexEnabled } from './settings.ts';

const firstDelayMs = 1000;
const maxDelayMs = 10_000;

/** Lives as long as the extension is active. */
export class IndexWatch implements vscode.Disposable {
  readonly #daemon: DaemonClient;
  readonly #changed = new vscode.EventEmitter<IndexState | undefined>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: vscode.Disposable;
  #state: IndexState | undefined;
  #timer: NodeJS.Timeout | undefined;
  #delayMs = firstDelayMs;

  constructor(daemon: DaemonClient) {
    this.#daemon = daemon;
    this.#subscriptions = vscode.Disposable.from(
      daemon.onDidChangeState(({ kind }) => (kind === 'connected' ? void this.look() : this.#show(undefined))),
      vscode.window.onDidChangeWindowState(({ focused }) => void (focused && this.look())),
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.look()),
    );
  }

  get state(): IndexState | undefined {
    return this.#state;
  }

  /** Asks now. Shows nothing where the daemon cannot answer; its own state says what is wrong. */
  async look(): Promise<void> {
    clearTimeout(this.#timer);
    const roots = folders();
    if (!isIndexEnabled() || roots.length === 0 || this.#daemon.state.kind !== 'connected')
      return this.#show(undefined);
    try {
      const { IndexStatus } = await import('../shared/protocol/code-index.ts');
      this.#show(indexState(await Promise.all(roots.map((root) => this.#daemon.call(IndexStatus, { root })))));
    } catch {
      this.#show(undefined);
    }
  }

  /** Brings the index up to date. Throws DaemonError. */
  async refresh(signal: AbortSignal): Promise<IndexState | undefined> {
    const { IndexRefresh } = await import('../shared/protocol/code-index.ts');
    const working = Promise.all(folders().map((root) => this.#daemon.call(IndexRefresh, { root }, { signal })));
    working.catch(() => {}); // a failure is reported below
    await this.look();
    try {
      const results: IndexStatusResult[] = await working;
      return indexState(results);
    } catch (error) {
      if (error instanceof DaemonError && error.code === 'cancelled') return undefined;
      throw error;
    } finally {
      void this.look();
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    vscode.Disposable.from(this.#subscriptions, this.#changed).dispose();
  }

  #show(state: IndexState | undefined): void {
    const hasMoved = state?.detail !== this.#state?.detail;
    this.#state = state;
    if (hasMoved) this.#changed.fire(state);
    clearTimeout(this.#timer);
    if (state?.state !== 'scanning' && state?.state !== 'waiting') return;
    this.#delayMs = hasMoved ? firstDelayMs : Math.min(this.#delayMs * 2, maxDelayMs);
    this.#timer = setTimeout(() => void this.look(), this.#delayMs);
  }
}

function folders(): string[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .map(({ uri }) => uri.toString());
}
