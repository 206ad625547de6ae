// Opens the daemon's own page of the chat in a browser. The daemon listens on loopback only from then on.
import * as vscode from 'vscode';
import { GatewayOpen } from '../../shared/protocol/daemon.ts';
import type { Context } from '../context.ts';

export async function openInBrowser(ctx: Context): Promise<void> {
  const { url } = await ctx.daemon.call(GatewayOpen, {});
  await vscode.env.openExternal(vscode.Uri.parse(url, true));
}
