// Downloads of models that this window runs: begun, shown as they come, paused. What a paused one received stays with the daemon.
import * as vscode from 'vscode';
import { type DaemonClient, DaemonError } from '../daemon-client.ts';
import { window, withCancellableProgress } from '../window.ts';
import { downloadWords, type Progress, shortName } from './quantities.ts';

interface Running extends Progress {
  controller: AbortController;
  /** As last shown. */
  words: string;
}

/** Lives as long as the extension is active. */
export class Downloads implements vscode.Disposable {
  readonly #daemon: DaemonClient;
  readonly #running = new Map<string, Running>();
  readonly #moved = new vscode.EventEmitter<void>();
  /** Fires when a download has come so much further that other words describe it. */
  readonly onDidMove = this.#moved.event;
  readonly #ended = new vscode.EventEmitter<void>();
  /** Fires when one begins, ends, or is paused. */
  readonly onDidChange = this.#ended.event;

  constructor(daemon: DaemonClient) {
    this.#daemon = daemon;
  }

  /** By what was asked for. */
  get progress(): ReadonlyMap<string, Progress> {
    return this.#running;
  }

  /** Downloads a model, or resumes it. Returns its ID; undefined when it was paused, or runs already. Throws DaemonError. */
  async run(model: string): Promise<string | undefined> {
    if (this.#running.has(model)) return undefined;
    const running: Running = { controller: new AbortController(), words: '', received: 0 };
    this.#running.set(model, running);
    this.#ended.fire();
    try {
      return await withCancellableProgress(vscode.l10n.t('Downloading {0}', shortName(model)), (progress, signal) => {
        const either = AbortSignal.any([signal, running.controller.signal]);
        return this.#pull(model, either, (part) => this.#show(running, part, progress));
      });
    } catch (error) {
      if (!(error instanceof DaemonError) || error.code !== 'cancelled') throw error;
      void this.#tellPaused(model);
      return undefined;
    } finally {
      this.#running.delete(model);
      this.#ended.fire();
    }
  }

  /** What was received is kept. */
  pause(model: string): void {
    this.#running.get(model)?.controller.abort();
  }

  dispose(): void {
    vscode.Disposable.from(this.#moved, this.#ended).dispose();
  }

  async #pull(model: string, signal: AbortSignal, onPart: (part: Progress) => void): Promise<string> {
    const { ModelsPull } = await import('../../shared/protocol/models.ts');
    const pulled = await this.#daemon.call(ModelsPull, { model }, { signal, onPart });
    return pulled.model;
  }

  #show(
    running: Running,
    part: Progress,
    progress: Pick<vscode.Progress<{ message?: string; increment?: number }>, 'report'>,
  ): void {
    if (part.note !== undefined) return void window.showInformationMessage(part.note);
    const percent = ({ received, total }: Progress): number => (total ? (received / total) * 100 : 0);
    const increment = Math.max(0, percent(part) - percent(running));
    Object.assign(running, { received: part.received, total: part.total, secondsLeft: part.secondsLeft });
    const words = downloadWords(part, vscode.l10n.t);
    progress.report({ message: words, increment });
    if (words === running.words) return;
    running.words = words;
    this.#moved.fire();
  }

  async #tellPaused(model: string): Promise<void> {
    const choice = await window.showInformationMessage(
      vscode.l10n.t('The download of {0} is paused. What was received is kept.', shortName(model)),
      'Resume',
    );
    if (choice) await vscode.commands.executeCommand('switchyard.resumeDownload', { download: { model } });
  }
}
