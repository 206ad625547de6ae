// What is done with an MCP server, whose failure is told: where it asks the user to sign in, that is offered.
import * as vscode from 'vscode';
import { McpLogin } from '../../shared/protocol/mcp.ts';
import type { Context } from '../context.ts';
import { DaemonError } from '../daemon-client.ts';
import { tellSentence, window, withCancellableProgress } from '../window.ts';
import { showTools } from './approve-tools.ts';

/** A failure is told, and the list comes back: the next thing to do is there. `server`: whom the user may have to sign in to. */
export async function attempt(work: Promise<unknown>, ctx: Context, server?: string): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof DaemonError) || error.code === 'bug') throw error;
    if (error.code === 'mcp-signed-out' && server !== undefined) void offerSignIn(ctx, server);
    else if (error.code !== 'cancelled') void tellSentence('showErrorMessage', error);
  }
}

/** The daemon has the editor open the page. */
export async function signIn(ctx: Context, server: string): Promise<void> {
  await withCancellableProgress('Signing in. Continue in your browser', (_progress, signal) =>
    ctx.daemon.call(McpLogin, { server }, { signal }),
  );
  void window.showInformationMessage(vscode.l10n.t("You're signed in to {0}.", server));
}

async function offerSignIn(ctx: Context, server: string): Promise<void> {
  const button = await window.showWarningMessage(vscode.l10n.t('{0} asks you to sign in first.', server), 'Sign In…');
  if (!button) return;
  const work = signIn(ctx, server).then(() => showTools(ctx, server));
  await attempt(work, ctx, server);
}
