// Puts back what a run of the agent changed, all of it or from a step on, once the user has agreed.
import { undoChanges } from '../change-sets/review-run.ts';
import type { Context } from '../context.ts';
import { window } from '../window.ts';

export async function undoRun(ctx: Context, jobId: string, step: number | undefined): Promise<void> {
  const detail = 'Files go back to what they were before. Files that changed since then stay as they are.';
  const question =
    step === undefined
      ? 'Undo everything the agent changed in this run?'
      : 'Undo what the agent changed in this step and after it?';
  const choice = await window.showWarningMessage(question, { modal: true, detail }, 'Undo');
  if (choice !== 'Undo') return;
  await undoChanges(ctx, jobId, [step === undefined ? {} : { step }]);
}
