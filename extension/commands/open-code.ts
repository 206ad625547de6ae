// Shows code that models wrote in an untitled document of its own, to be read or saved.
import * as vscode from 'vscode';
import { withoutHidden } from '../../shared/hidden-characters.ts';

export async function openCode(code: string, language?: string): Promise<void> {
  const content = withoutHidden(code);
  const document = await vscode.workspace.openTextDocument({ content, ...(language !== undefined && { language }) });
  await vscode.window.showTextDocument(document);
}
