// Inline actions on a piece of code (fix, explain, …): asks the daemon, then previews its edit or shows its text beside the code.
import * as vscode from 'vscode';
import { CodeAction, CodeActionKind } from '../../shared/protocol/code.ts';
import type { ParamsInput } from '../../shared/protocol/define.ts';
import type { Context } from '../context.ts';
import { whyThisModel } from '../logic/decision-text.ts';
import { escapeMarkdown } from '../logic/markdown.ts';
import { placeOf, selectedRange, syncedEditor } from '../places.ts';
import { window, withCancellableProgress } from '../window.ts';

const titles: Record<CodeActionKind, { doing: string; done: string }> = {
  fix: { doing: 'Writing a fix', done: 'Fix' },
  explain: { doing: 'Explaining', done: 'Explanation' },
  tests: { doing: 'Writing tests', done: 'Tests' },
  document: { doing: 'Documenting', done: 'Documentation' },
  improve: { doing: 'Improving', done: 'Improvement' },
};

/** As a code action asks for it: `{kind, uri, range, diagnostic?}`. */
export async function codeAction(ctx: Context, argument: unknown): Promise<void> {
  const { kind, diagnostic } = (argument ?? {}) as { kind?: unknown; diagnostic?: unknown };
  const known = CodeActionKind.safeParse(kind);
  const place = placeOf(argument);
  if (!known.success || !place?.range) return;
  const { uri, range } = place;
  const { version } = await vscode.workspace.openTextDocument(uri);
  const title = titles[known.data];

  const params: ParamsInput<typeof CodeAction> = {
    kind: known.data,
    range,
    textDocument: { uri: uri.toString(), version },
    ...(typeof diagnostic === 'string' && { diagnostic }),
  };
  const { edit, text, note, decision } = await withCancellableProgress(title.doing, (_progress, signal) =>
    ctx.daemon.call(CodeAction, params, { signal }),
  );
  if (note) void window.showInformationMessage(note);
  if (text)
    ctx.findings.explain(
      { uri, range },
      title.done,
      [text, ...whyThisModel(decision).map(escapeMarkdown)].join('\n\n---\n\n'),
    );
  if (edit)
    await ctx.edits.preview(title.done, edit, {
      requestedVersion: version,
      decisionId: decision?.id,
      why: whyThisModel(decision),
    });
}

export async function explainSelection(ctx: Context): Promise<void> {
  await onSelection(ctx, 'explain');
}

/** Fixes what the problems in the selection say, if there are any, else what the model finds wrong. */
export async function fixSelection(ctx: Context): Promise<void> {
  await onSelection(ctx, 'fix');
}

async function onSelection(ctx: Context, kind: 'explain' | 'fix'): Promise<void> {
  const editor = syncedEditor(`Open a file and select the code to ${kind}.`);
  const range = editor && selectedRange(editor, `Select the code to ${kind}.`);
  if (!editor || !range) return;
  const { uri } = editor.document;
  const problems = vscode.languages
    .getDiagnostics(uri)
    .filter((problem) => problem.range.intersection(editor.selection));
  const diagnostic = problems.map((problem) => problem.message).join('\n');
  await codeAction(ctx, { kind, uri: uri.toString(), range, ...(kind === 'fix' && diagnostic && { diagnostic }) });
}
