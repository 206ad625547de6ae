// The item in the status bar: the daemon's health, the model that answers or is in memory, and what today cost.
// Asks the daemon when something happens, never by a timer.
import * as vscode from 'vscode';
import type { CostsSummary } from '../shared/protocol/costs.ts';
import type { DaemonStatus } from '../shared/protocol/daemon.ts';
import type { ParamsInput, Result } from '../shared/protocol/define.ts';
import type { Completion } from './completion/completion.ts';
import { completionLines } from './completion/completion-words.ts';
import type { DaemonClient } from './daemon-client.ts';
import type { IndexWatch } from './index-watch.ts';
import { cleanTexts } from './logic/clean-shown.ts';
import { statusText } from './logic/status-text.ts';
import { runsWhere } from './places.ts';

/** Lives as long as the extension is active. */
export class StatusBar implements vscode.Disposable {
  readonly #daemon: DaemonClient;
  readonly #index: IndexWatch;
  readonly #completion: Completion;
  readonly #item = vscode.window.createStatusBarItem('switchyard.status', vscode.StatusBarAlignment.Right);
  readonly #subscriptions: vscode.Disposable;
  #status: Result<typeof DaemonStatus> | undefined;
  #costs: Result<typeof CostsSummary> | undefined;
  /** The name of the profile that this window works in. */
  #profile: string | undefined;
  #isAsking = false;
  #shouldAskAgain = false;

  constructor(daemon: DaemonClient, index: IndexWatch, completion: Completion) {
    this.#daemon = daemon;
    this.#index = index;
    this.#completion = completion;
    this.#item.name = 'Switchyard';
    this.#item.command = 'switchyard.menu';
    this.#subscriptions = vscode.Disposable.from(
      daemon.onDidChangeState((state) => {
        if (state.kind !== 'connected') this.#status = undefined;
        this.#show();
        if (state.kind === 'connected') void this.#ask();
      }),
      index.onDidChange(() => this.#show()),
      completion.onDidChange(() => this.#show()),
      vscode.window.onDidChangeActiveTextEditor(() => void this.#ask()), // what completion does there
      daemon.onDidChangeWork(() => void this.#ask()),
      vscode.window.onDidChangeWindowState(({ focused }) => void (focused && this.#ask())), // other windows spend as well
    );
    this.#show();
    this.#item.show();
  }

  dispose(): void {
    vscode.Disposable.from(this.#subscriptions, this.#item).dispose();
  }

  #show(): void {
    const { t } = vscode.l10n;
    const details = {
      costs: this.#costs,
      profile: this.#profile,
      index: this.#index.state?.detail,
      completion: completionLines(this.#status?.completion, this.#completion.view, t),
      runs: runsWhere(),
    };
    const { text, tooltip, isWarning } = statusText(this.#daemon.state, this.#status, details, t);
    this.#item.text = cleanTexts(text);
    this.#item.tooltip = cleanTexts(tooltip);
    this.#item.backgroundColor = isWarning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
  }

  /** Asks once at a time. Whatever happens meanwhile causes one more round. */
  async #ask(): Promise<void> {
    this.#shouldAskAgain = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const [{ DaemonStatus }, { CostsSummary }, { ProfileList }] = await Promise.all([
        import('../shared/protocol/daemon.ts'),
        import('../shared/protocol/costs.ts'),
        import('../shared/protocol/profiles.ts'),
      ]);
      while (this.#shouldAskAgain && this.#daemon.state.kind === 'connected') {
        this.#shouldAskAgain = false;
        this.#status = await this.#daemon.call(DaemonStatus, statusOfOpenFile());
        this.#show();
        this.#costs = await this.#daemon
          .call(CostsSummary, { by: 'provider', since: localToday() })
          .catch(() => undefined); // storage may have failed
        const profiles = await this.#daemon.call(ProfileList, {}).catch(() => undefined);
        this.#profile = profiles?.profiles.find(({ id }) => id === profiles.current)?.name;
        if (this.#costs && this.#costs.today.requests > 0)
          void vscode.commands.executeCommand('setContext', 'switchyard.hasAnswered', true); // a step of the walkthrough
        this.#show();
      }
    } catch {
      this.#status = undefined; // the connection's state, shown in any case, says what is wrong
      this.#show();
    } finally {
      this.#isAsking = false;
    }
  }
}

/** Completion may be off in one file alone. */
function statusOfOpenFile(): ParamsInput<typeof DaemonStatus> {
  const document = vscode.window.activeTextEditor?.document;
  return document ? { textDocument: { uri: document.uri.toString() } } : {};
}

/** The daemon runs on this machine, so its day is the same. */
function localToday(): string {
  const now = new Date();
  const padded = (number: number): string => String(number).padStart(2, '0');
  return `${now.getFullYear()}-${padded(now.getMonth() + 1)}-${padded(now.getDate())}`;
}
