// The item in the status bar: the daemon's health and the model in memory. Asks the daemon when something happens, never by a timer.
import * as vscode from 'vscode';
import type { DaemonStatus } from '../shared/protocol/daemon.ts';
import type { Result } from '../shared/protocol/define.ts';
import type { DaemonClient } from './daemon-client.ts';
import { statusText } from './logic/status-text.ts';

/** Lives as long as the extension is active. */
export class StatusBar implements vscode.Disposable {
  readonly #daemon: DaemonClient;
  readonly #item = vscode.window.createStatusBarItem('switchyard.status', vscode.StatusBarAlignment.Right);
  readonly #subscriptions: vscode.Disposable;
  #status: Result<typeof DaemonStatus> | undefined;
  #isAsking = false;
  #shouldAskAgain = false;

  constructor(daemon: DaemonClient) {
    this.#daemon = daemon;
    this.#item.name = 'Switchyard';
    this.#item.command = 'switchyard.menu';
    this.#subscriptions = vscode.Disposable.from(
      daemon.onDidChangeState((state) => {
        if (state.kind !== 'connected') this.#status = undefined;
        this.#show();
        if (state.kind === 'connected') void this.#ask();
      }),
      daemon.onDidChangeWork(() => void this.#ask()),
    );
    this.#show();
    this.#item.show();
  }

  dispose(): void {
    vscode.Disposable.from(this.#subscriptions, this.#item).dispose();
  }

  #show(): void {
    const { text, tooltip, isWarning } = statusText(this.#daemon.state, this.#status);
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.backgroundColor = isWarning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
  }

  /** One question at a time; what happens meanwhile is one more question. */
  async #ask(): Promise<void> {
    this.#shouldAskAgain = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const { DaemonStatus } = await import('../shared/protocol/daemon.ts');
      while (this.#shouldAskAgain && this.#daemon.state.kind === 'connected') {
        this.#shouldAskAgain = false;
        this.#status = await this.#daemon.call(DaemonStatus, {});
        this.#show();
      }
    } catch {
      this.#status = undefined; // the state, which is shown anyway, says what is wrong
      this.#show();
    } finally {
      this.#isAsking = false;
    }
  }
}
