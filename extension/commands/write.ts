// Writes code with a coder, a reviewer and a judge: for the selection, the file or a new file. What comes out is previewed as any edit.
import * as vscode from 'vscode';
import { CodeTests, CodeWrite } from '../../shared/protocol/code.ts';
import type { ParamsInput } from '../../shared/protocol/define.ts';
import type { Context } from '../context.ts';
import { whyThisModel } from '../logic/decision-text.ts';
import { writtenWords } from '../logic/written-code.ts';
import { syncedEditor, toWire } from '../places.ts';
import { window, withCancellableProgress } from '../window.ts';
import { openCode } from './open-code.ts';

interface WritePlace {
  document: vscode.TextDocument;
  /** The whole document when absent. */
  selection?: vscode.Selection;
}

export async function write(ctx: Context): Promise<void> {
  const place = await pickPlace();
  if (!place) return;
  const { document, selection } = place;
  const instruction = await window.showInputBox({
    title: 'Switchyard: write with review',
    prompt: selection
      ? vscode.l10n.t('What should the selected code do?')
      : vscode.l10n.t('What should the code in this file do?'),
  });
  if (!instruction?.trim()) return;
  const tests = await pickTests(ctx, document);
  if (!tests) return;
  const { version, uri } = document;
  const params: ParamsInput<typeof CodeWrite> = {
    instruction,
    textDocument: { uri: uri.toString(), version },
    ...(selection && { range: toWire(selection) }),
    ...(tests.length > 0 && { tests }),
  };
  const result = await withCancellableProgress('Writing code', (progress, signal) =>
    ctx.daemon.call(CodeWrite, params, {
      signal,
      onPart: (part) => part.kind === 'stage' && progress.report({ message: part.detail }),
    }),
  );
  const { edit, decision, code } = result;
  const why = [...writtenWords(result), ...whyThisModel(decision)];
  if (edit) await ctx.edits.preview('Written code', edit, { requestedVersion: version, decisionId: decision?.id, why });
  else {
    await openCode(code, document.languageId);
    void window.showWarningMessage(why.join(' '));
  }
}

/** The commands that run the tests of the user's choice; none where the project has none. Undefined where the user gave up. */
async function pickTests(ctx: Context, { uri }: vscode.TextDocument): Promise<string[][] | undefined> {
  if (!uri.path.startsWith('/')) return []; // it has no place yet
  const { tests } = await ctx.daemon.call(CodeTests, {
    textDocument: { uri: uri.with({ scheme: 'file' }).toString() },
  });
  if (tests.length === 0) return [];
  const none = { label: 'None', description: 'Check the code without tests', command: undefined };
  const items = tests.map(({ path, command }) => ({ label: path, description: command.join(' '), command }));
  const chosen = await window.showQuickPick([none, ...items], {
    title: 'Switchyard: check the code with which test?',
    placeHolder: "You're asked again before it runs, on a copy of the project",
    matchOnDescription: true,
  });
  return chosen && (chosen.command ? [chosen.command] : []);
}

async function pickPlace(): Promise<WritePlace | undefined> {
  const editor = vscode.window.activeTextEditor;
  const hasSelection = editor !== undefined && !editor.selection.isEmpty;
  const inEditor = async (isSelection: boolean): Promise<WritePlace | undefined> => {
    const synced = syncedEditor('Open a file first.');
    return synced && { document: synced.document, ...(isSelection && { selection: synced.selection }) };
  };
  const items = [
    ...(hasSelection
      ? [{ label: 'The selection', detail: 'Rewrite the selected lines', place: () => inEditor(true) }]
      : []),
    ...(editor ? [{ label: 'This file', detail: 'Rewrite the whole file', place: () => inEditor(false) }] : []),
    { label: 'A new file…', detail: "Write a file that doesn't exist yet", place: newFile },
  ];
  return (await window.showQuickPick(items, { title: 'Switchyard: where should code be written?' }))?.place();
}

/** It is not on the disk until the user has accepted the code and saved it. */
async function newFile(): Promise<WritePlace | undefined> {
  const uri = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Choose a Place for the New File'),
    saveLabel: vscode.l10n.t('Choose'),
  });
  return uri && { document: await vscode.workspace.openTextDocument(uri.with({ scheme: 'untitled' })) };
}
