// Tells the user that a run of the agent waits for them while the chat view is hidden. What is decided about is shown there alone.
import * as vscode from 'vscode';
import type { DaemonClient } from '../daemon-client.ts';
import { window } from '../window.ts';

/** `part`: one of a run, whose page is gone; `params`: what the run was asked with. */
export async function tellWaiting(
  { part, params }: { part: unknown; params: unknown },
  openChat: (chatId: string) => Promise<void>,
): Promise<void> {
  const { kind, approval } = fieldsOf(part);
  const { chatId } = fieldsOf(params);
  const { text } = fieldsOf(approval);
  if (kind === 'approval' && typeof text === 'string' && typeof chatId === 'string')
    await tell({ text, chatId }, openChat);
}

/** Runs that go on by a request of a page that is gone: no part tells of them. Lives as long as the view. */
export class LeftRuns {
  readonly #daemon: DaemonClient;
  readonly #openChat: (chatId: string) => Promise<void>;
  readonly #jobIds = new Set<string>();
  /** The step that was told of last, of each. */
  readonly #told = new Map<string, string>();

  constructor(daemon: DaemonClient, openChat: (chatId: string) => Promise<void>) {
    this.#daemon = daemon;
    this.#openChat = openChat;
  }

  /** `params`: of a request that is under way. */
  add(params: unknown): void {
    const { jobId } = fieldsOf(params);
    if (typeof jobId === 'string') this.#jobIds.add(jobId);
  }

  /** A page shows what waits. */
  clear(): void {
    this.#jobIds.clear();
  }

  async look(): Promise<void> {
    if (this.#jobIds.size === 0) return;
    const { JobsGet } = await import('../../shared/protocol/jobs.ts'); // with the schemas, which activation does without
    for (const jobId of this.#jobIds) {
      const { job } = await this.#daemon.call(JobsGet, { jobId });
      const parts = job.parts ?? [];
      const started = parts.find((part) => part.kind === 'started');
      const asked = parts.findLast((part) => part.kind === 'approval')?.approval;
      if (job.state !== 'waiting' || !started || !asked || this.#told.get(jobId) === asked.callId) continue;
      if (!this.#jobIds.has(jobId)) return;
      this.#told.set(jobId, asked.callId);
      void tell({ text: asked.text, chatId: started.chatId }, this.#openChat);
    }
  }
}

async function tell(
  { text, chatId }: { text: string; chatId: string },
  openChat: (chatId: string) => Promise<void>,
): Promise<void> {
  const choice = await window.showInformationMessage(vscode.l10n.t('The agent is waiting for you. {0}', text), 'Show');
  if (choice === 'Show') await openChat(chatId);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
