// Attaches what only the editor knows: its list of problems, and what is selected in the terminal.
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { problemLines } from '../logic/problems.ts';
import { isSynced } from '../places.ts';
import { window } from '../window.ts';

const maxChars = 200_000;

export async function attachProblems(ctx: Context): Promise<void> {
  const problems = vscode.languages.getDiagnostics().filter(([uri]) => isSynced({ uri }));
  const lines = problemLines(
    problems.map(([uri, diagnostics]) => ({
      path: vscode.workspace.asRelativePath(uri),
      problems: diagnostics.map(({ range, severity, message, source }) => ({
        line: range.start.line,
        character: range.start.character,
        severity,
        message,
        ...(source && { source }),
      })),
    })),
  );
  if (lines.length === 0) return void window.showInformationMessage('The editor reports no problems.');
  await ctx.chat.attach({
    kind: 'problems',
    uri: 'switchyard:editor-problems',
    text: lines.join('\n').slice(0, maxChars).toWellFormed(),
  });
}

/** An extension can read a terminal's text only through the clipboard, whose own text is put back afterwards. */
export async function attachTerminal(ctx: Context): Promise<void> {
  const before = await vscode.env.clipboard.readText();
  await vscode.env.clipboard.writeText('');
  let text: string;
  try {
    await vscode.commands.executeCommand('workbench.action.terminal.copySelection');
    text = await vscode.env.clipboard.readText();
  } finally {
    await vscode.env.clipboard.writeText(before);
  }
  if (text.trim() === '') return void window.showInformationMessage('Select text in the terminal, then try again.');
  await ctx.chat.attach({
    kind: 'terminal',
    uri: 'switchyard:terminal',
    text: text.slice(0, maxChars).toWellFormed(),
  });
}
