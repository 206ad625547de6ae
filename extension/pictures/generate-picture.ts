// Has a picture made by a provider and shows it. It is saved where the user says, and else gone with its editor.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { pictureEnding } from '../../shared/pictures.ts';
import { VisionGenerate } from '../../shared/protocol/vision.ts';
import type { Context } from '../context.ts';
import { window, withCancellableProgress } from '../window.ts';
import { picturePage } from './picture-page.ts';

const shapes = [
  { label: 'Square', size: 'square' },
  { label: 'Landscape', size: 'landscape' },
  { label: 'Portrait', size: 'portrait' },
] as const;

export async function generatePicture(ctx: Context): Promise<void> {
  const prompt = await window.showInputBox({
    title: 'Switchyard: generate a picture',
    prompt: 'Describe the picture. The description is sent to a provider.',
    validateInput: (text) => (text.trim() === '' ? 'Describe the picture.' : undefined),
  });
  if (prompt === undefined) return;
  const shape = await window.showQuickPick([...shapes], { title: 'Switchyard: what shape?' });
  if (!shape) return;
  const made = await withCancellableProgress('Generating a picture', (_progress, signal) =>
    ctx.daemon.call(VisionGenerate, { prompt, size: shape.size }, { signal }),
  );
  for (const note of made.notes) void window.showInformationMessage(note);
  const panel = vscode.window.createWebviewPanel('switchyard.picture', 'Picture', vscode.ViewColumn.Active, {
    enableScripts: true,
    localResourceRoots: [],
    retainContextWhenHidden: true, // it exists nowhere else
  });
  panel.webview.html = picturePage(made, randomBytes(16).toString('base64url'));
  panel.webview.onDidReceiveMessage(() => void savePicture(made.image));
}

/** Where the user says. */
export async function savePicture({ mediaType, data }: { mediaType: string; data: string }): Promise<void> {
  const ending = pictureEnding(mediaType);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    title: 'Switchyard: save the picture',
    filters: { Pictures: [ending] },
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, `picture.${ending}`) }),
  });
  if (uri) await vscode.workspace.fs.writeFile(uri, Buffer.from(data, 'base64'));
}
