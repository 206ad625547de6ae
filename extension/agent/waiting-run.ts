// Tells the user that a run of the agent waits for them, or has ended, while the chat view is hidden. What is decided about is shown there alone.
import * as vscode from 'vscode';
import type { Job } from '../../shared/protocol/jobs.ts';
import type { DaemonClient } from '../daemon-client.ts';
import { HiddenRuns } from '../logic/hidden-runs.ts';
import { showUntilWithdrawn, window } from '../window.ts';

const toldEnds = 'switchyard.toldRunEnds';
const maxToldEnds = 50; // as many jobs as are looked at
const maxLookedAt = 50; // what is under way is among the newest jobs

/** `isShown`: whether a page shows what waits. */
export function hiddenRuns(daemon: DaemonClient, memory: vscode.Memento, isShown: () => boolean): HiddenRuns {
  const told = (): string[] => memory.get<string[]>(toldEnds, []);
  return new HiddenRuns({
    async list() {
      const { JobsList } = await import('../../shared/protocol/jobs.ts'); // with the schemas, which activation does without
      return (await daemon.call(JobsList, { limit: maxLookedAt })).jobs;
    },
    async job(jobId) {
      const { JobsGet } = await import('../../shared/protocol/jobs.ts');
      const found = await daemon.call(JobsGet, { jobId, isBrief: true }).catch(() => undefined); // of another profile, or deleted
      return found?.job;
    },
    isShown,
    isOwnFolder: (root) => vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(root)) !== undefined,
    tellWaiting: (text, chatId) =>
      showUntilWithdrawn(vscode.l10n.t('The agent is waiting for you. {0}', text), {
        label: 'Show',
        command: 'switchyard.openChat',
        argument: chatId,
      }),
    tellEnd: (job, chatId) => void tellEnd(job, chatId),
    isTold: (end) => told().includes(end),
    setTold: (end) => void memory.update(toldEnds, [...told(), end].slice(-maxToldEnds)),
  });
}

async function tellEnd(job: Job, chatId: string): Promise<void> {
  const show = job.state === 'failed' ? window.showWarningMessage : window.showInformationMessage;
  if (await show(endSentence(job), 'Show')) await vscode.commands.executeCommand('switchyard.openChat', chatId);
}

function endSentence({ title, state, failure = '' }: Job): string {
  if (state === 'done') return vscode.l10n.t('The agent finished "{0}".', title);
  if (state === 'failed') return vscode.l10n.t('The agent couldn\'t finish "{0}". {1}', title, failure);
  return vscode.l10n.t('The agent stopped before it finished "{0}". Open the chat to resume it.', title);
}
