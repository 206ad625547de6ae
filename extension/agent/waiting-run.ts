// Tells the user that a run of the agent waits for them while the chat view is hidden. What is decided about is shown there alone.
import * as vscode from 'vscode';
import type { DaemonClient } from '../daemon-client.ts';
import type { LeftRun } from '../logic/view-relay.ts';
import { showUntilWithdrawn } from '../window.ts';

interface HiddenRun {
  /** The step that the user has seen or was told of last. */
  callId: string | undefined;
  /** Closes the message of it. */
  withdraw(): void;
}

/** Runs that go on by a request of a page that is gone: this window began or resumed them, so it alone tells of them. Lives as long as the view. */
export class LeftRuns {
  readonly #daemon: DaemonClient;
  readonly #isShown: () => boolean;
  readonly #runs = new Map<string, HiddenRun>();

  /** `isShown`: whether a page shows what waits. */
  constructor(daemon: DaemonClient, isShown: () => boolean) {
    this.#daemon = daemon;
    this.#isShown = isShown;
  }

  add({ jobId, shownCall }: LeftRun): void {
    if (!this.#runs.has(jobId)) this.#runs.set(jobId, { callId: shownCall, withdraw() {} });
  }

  end(jobId: string): void {
    this.#runs.get(jobId)?.withdraw();
    this.#runs.delete(jobId);
  }

  /** A page shows what waits now. */
  withdraw(): void {
    for (const run of this.#runs.values()) run.withdraw();
  }

  /** Tells of what waits, once for each step, unless a page shows it; and takes back what was answered elsewhere. */
  async look(): Promise<void> {
    if (this.#runs.size === 0) return;
    const { JobsGet } = await import('../../shared/protocol/jobs.ts'); // with the schemas, which activation does without
    for (const [jobId, run] of [...this.#runs]) {
      const { job } = await this.#daemon.call(JobsGet, { jobId });
      if (!this.#runs.has(jobId)) continue; // it has ended meanwhile
      const started = job.parts?.find((part) => part.kind === 'started');
      const asked = job.parts?.findLast((part) => part.kind === 'approval')?.approval;
      const isNew = job.state === 'waiting' && asked?.callId !== run.callId;
      if (job.state !== 'waiting' || isNew) run.withdraw();
      if (!isNew || !started || !asked) continue;
      run.callId = asked.callId;
      if (!this.#isShown()) run.withdraw = showNotice(asked.text, started.chatId);
    }
  }
}

function showNotice(text: string, chatId: string): () => void {
  return showUntilWithdrawn(vscode.l10n.t('The agent is waiting for you. {0}', text), {
    label: 'Show',
    command: 'switchyard.openChat',
    argument: chatId,
  });
}
