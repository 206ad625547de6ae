// Puts back all that a run of the agent changed, once the user has agreed.
import { undoAll } from '../change-sets/review-run.ts';
import type { Context } from '../context.ts';
import { window } from '../window.ts';

export async function undoRun(ctx: Context, jobId: string): Promise<void> {
  const detail = 'Files go back to what they were before. Files that changed since then stay as they are.';
  const choice = await window.showWarningMessage(
    'Undo everything the agent changed in this run?',
    { modal: true, detail },
    'Undo',
  );
  if (choice !== 'Undo') return;
  await undoAll(ctx, jobId);
}
