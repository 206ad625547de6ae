// Attaches a picture of the workspace to the chat's next question. The view reads its header, and says why one can't be attached.
import * as vscode from 'vscode';
import { formatBytes } from '../../shared/bytes.ts';
import { maxPictureBytes } from '../../shared/pictures.ts';
import type { Context } from '../context.ts';
import { window } from '../window.ts';

/** Endings by which the editor's own lists know a picture. What it is, its bytes say. */
const ending = /\.(?:png|jpe?g|gif|webp)$/i;

export function isPictureName({ path }: vscode.Uri): boolean {
  return ending.test(path);
}

/** The picture that a menu names, else the one that is open, else one that the user chooses. */
export async function attachPicture(ctx: Context, argument: unknown): Promise<void> {
  const uris = argument instanceof vscode.Uri ? [argument] : (openPicture() ?? (await choosePictures()));
  for (const uri of uris) await attach(ctx, uri);
}

async function attach(ctx: Context, uri: vscode.Uri): Promise<void> {
  const name = uri.path.split('/').at(-1) ?? 'picture';
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > maxPictureBytes)
    return void window.showWarningMessage(
      vscode.l10n.t('{0} is {1}. A picture can have up to 20 MB. Attach a smaller version.', name, formatBytes(size)),
    );
  const bytes = new Uint8Array(await vscode.workspace.fs.readFile(uri));
  await ctx.chat.attachPicture({ uri: uri.toString(), name, bytes });
}

function openPicture(): vscode.Uri[] | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri = input instanceof vscode.TabInputCustom ? input.uri : undefined;
  return uri && isPictureName(uri) ? [uri] : undefined;
}

async function choosePictures(): Promise<vscode.Uri[]> {
  const chosen = await vscode.window.showOpenDialog({
    canSelectMany: true,
    openLabel: vscode.l10n.t('Attach'),
    filters: { [vscode.l10n.t('Pictures')]: ['png', 'jpg', 'jpeg', 'gif', 'webp'] },
  });
  return chosen ?? [];
}
