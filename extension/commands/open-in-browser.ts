// Opens the daemon's own page of the chat in a browser. The daemon listens on loopback only from then on.
import * as vscode from 'vscode';
import { GatewayOpen } from '../../shared/protocol/daemon.ts';
import type { Context } from '../context.ts';

export async function openInBrowser(ctx: Context): Promise<void> {
  const { url, file } = await ctx.daemon.call(GatewayOpen, {});
  // A browser on this machine is given the file, since its arguments are read by all users. A remote window's browser cannot read it.
  const isRemote = vscode.env.remoteName !== undefined;
  await vscode.env.openExternal(isRemote ? vscode.Uri.parse(url, true) : vscode.Uri.file(file));
}
