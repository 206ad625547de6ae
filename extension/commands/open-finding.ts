// Going to a finding: from its row in the Review view, or to the next or previous one from where the cursor is.
import * as vscode from 'vscode';
import type { Finding } from '../../shared/protocol/review.ts';
import type { Context } from '../context.ts';
import { findingBeside, placeIn } from '../review/finding-order.ts';
import { window } from '../window.ts';

export async function openFinding(ctx: Context, argument: unknown): Promise<void> {
  const finding = ctx.findings.of(argument);
  if (finding) await goTo(ctx, finding);
}

export async function goToFinding(ctx: Context, direction: 'next' | 'previous'): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const at = editor && { uri: editor.document.uri.toString(), position: editor.selection.active };
  const finding = findingBeside(placed(ctx.findings.all()), at, direction);
  if (finding) await goTo(ctx, finding);
  else void window.showInformationMessage('No findings. Review a file or changes first.');
}

/** Where they stand now, in documents that are open. */
function placed(findings: readonly Finding[]): Finding[] {
  const documents = new Map(vscode.workspace.textDocuments.map((document) => [document.uri.toString(), document]));
  return findings.map((finding) => {
    const document = documents.get(finding.uri);
    return document ? { ...finding, range: rangeIn(document, finding) } : finding;
  });
}

async function goTo(ctx: Context, finding: Finding): Promise<void> {
  const uri = vscode.Uri.parse(finding.uri);
  const document = await Promise.resolve(vscode.workspace.openTextDocument(uri)).catch(() => undefined);
  if (!document)
    return void window.showWarningMessage(
      vscode.l10n.t("Can't open {0}. It may have been moved or deleted.", vscode.workspace.asRelativePath(uri)),
    );
  const { start } = rangeIn(document, finding); // the cursor alone: a selection would be what the next command is about
  const editor = await vscode.window.showTextDocument(document, { selection: new vscode.Range(start, start) });
  editor.revealRange(new vscode.Range(start, start), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  ctx.findings.openThread(finding.id);
}

function rangeIn(document: vscode.TextDocument, { evidence, range }: Finding): vscode.Range {
  const was = document.validateRange(
    new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character),
  );
  const place = placeIn(document.getText(), evidence, document.offsetAt(was.start));
  return place ? new vscode.Range(document.positionAt(place.start), document.positionAt(place.end)) : was;
}
