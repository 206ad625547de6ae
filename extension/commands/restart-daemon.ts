// Ends the shared daemon and starts a new one. Other windows may be at work with it, so the user is asked before they are disturbed.
import { DaemonShutdown } from '../../shared/protocol/daemon.ts';
import type { Context } from '../context.ts';
import { DaemonError } from '../daemon-client.ts';
import { window } from '../window.ts';

export async function restartDaemon(ctx: Context): Promise<void> {
  if (ctx.daemon.state.kind === 'connected' && !(await shutDown(ctx))) return;
  await ctx.daemon.restart();
}

/** Whether the daemon is gone, or going. */
async function shutDown(ctx: Context): Promise<boolean> {
  try {
    await ctx.daemon.call(DaemonShutdown, {});
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    if (error.code === 'daemon-lost') return true; // it ended before it answered
    const choice = await window.showWarningMessage(error.message, { modal: true }, 'Restart Anyway');
    if (!choice) return false;
    await ctx.daemon.call(DaemonShutdown, { force: true }).catch(() => {}); // it may end before it answers
  }
  return true;
}
