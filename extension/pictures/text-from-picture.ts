// Reads the text of a picture into a new editor: of a file that a menu names, of the picture that is open, or of one that is chosen.
import * as vscode from 'vscode';
import { withoutHidden } from '../../shared/hidden-characters.ts';
import { pictureRefusal } from '../../shared/pictures.ts';
import { VisionOcr } from '../../shared/protocol/vision.ts';
import type { Context } from '../context.ts';
import { window, withCancellableProgress } from '../window.ts';

const extensions = ['png', 'jpg', 'jpeg', 'gif', 'webp'];

export async function textFromPicture(ctx: Context, argument: unknown): Promise<void> {
  const uri = argument instanceof vscode.Uri ? argument : (openPicture() ?? (await chosenPicture()));
  if (!uri) return;
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  const bytes = await vscode.workspace.fs.readFile(uri);
  const refusal = pictureRefusal(bytes, name);
  if (refusal !== undefined) return void window.showWarningMessage(refusal);
  const { text } = await withCancellableProgress('Reading the text of a picture', (_progress, signal) =>
    ctx.daemon.call(VisionOcr, { image: Buffer.from(bytes).toString('base64'), name }, { signal }),
  );
  if (text.trim() === '') return void window.showInformationMessage(vscode.l10n.t('No text was found in {0}.', name));
  const content = withoutHidden(text);
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content }));
  const sentence = vscode.l10n.t('This is the text of {0}. Check it, since single characters may be misread.', name);
  if ((await window.showInformationMessage(sentence, 'Copy')) === 'Copy') await vscode.env.clipboard.writeText(content);
}

/** VS Code shows pictures in an editor of its own. */
function openPicture(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const isPicture = input instanceof vscode.TabInputCustom && input.viewType === 'imagePreview.previewEditor';
  return isPicture ? input.uri : undefined;
}

async function chosenPicture(): Promise<vscode.Uri | undefined> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: 'Switchyard: read the text of a picture',
      openLabel: 'Read Text',
      filters: { Pictures: extensions },
    })) ?? [];
  return chosen;
}
