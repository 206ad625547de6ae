// Inline actions on a piece of code. An explanation is a chat; what rewrites code is previewed while it is written, and a text that is no
// edit is shown beside the code.
import * as vscode from 'vscode';
import { CodeAction, CodeActionKind } from '../../shared/protocol/code.ts';
import type { ParamsInput } from '../../shared/protocol/define.ts';
import type { Range } from '../../shared/protocol/text.ts';
import type { Context } from '../context.ts';
import { whyThisModel } from '../logic/decision-text.ts';
import { escapeMarkdown } from '../logic/markdown.ts';
import { placeOf, selectedRange, syncedEditor } from '../places.ts';
import type { InlineTurn } from '../previews/inline-asks.ts';
import { tellSentence, withCancellableProgress } from '../window.ts';
import { explain } from './explain.ts';

const titles: Record<WrittenAction['kind'], { doing: string; done: string }> = {
  fix: { doing: 'Writing a fix', done: 'Fix' },
  tests: { doing: 'Writing tests', done: 'Tests' },
  document: { doing: 'Documenting', done: 'Documentation' },
  improve: { doing: 'Improving', done: 'Improvement' },
  ask: { doing: 'Writing code', done: 'Change' },
};

/** As a code action asks for it: `{kind, uri, range, diagnostic?}`. */
export async function codeAction(ctx: Context, argument: unknown): Promise<void> {
  const { kind, diagnostic } = (argument ?? {}) as { kind?: unknown; diagnostic?: unknown };
  const known = CodeActionKind.safeParse(kind);
  const place = placeOf(argument);
  if (!known.success || !place?.range) return;
  const { uri, range } = place;
  const document = await vscode.workspace.openTextDocument(uri);
  const problem = typeof diagnostic === 'string' && diagnostic !== '' ? diagnostic : undefined;
  if (known.data === 'explain') return explain(ctx, { document, range }, problem);
  await writeAction(ctx, { kind: known.data, document, range, problem });
}

interface WrittenAction {
  kind: Exclude<CodeActionKind, 'explain'>;
  document: vscode.TextDocument;
  range: Range;
  /** What the editor reports about the code. */
  problem?: string | undefined;
  /** What the user wants, in their own words. */
  instruction?: string;
  isRetry?: boolean;
  /** What was asked of the same lines before, and the code that came of it. */
  previous?: readonly InlineTurn[];
  /** Commands by their button, beside Apply and Discard. */
  more?: Readonly<Record<string, string>>;
  /** Told the code of the edit. */
  onCode?(code: string): void;
}

/** Previews what a model writes while it is written. Resolves when the user has decided. */
export async function writeAction(
  ctx: Context,
  { kind, document, range, problem, instruction, isRetry, previous = [], more, onCode }: WrittenAction,
): Promise<void> {
  const { uri, version } = document;
  const { doing, done } = titles[kind];
  const params: ParamsInput<typeof CodeAction> = {
    kind,
    range,
    textDocument: { uri: uri.toString(), version },
    ...(problem !== undefined && { diagnostic: problem }),
    ...(instruction !== undefined && { instruction }),
    ...(previous.length > 0 && { previous: [...previous] }),
    ...(isRetry && { retry: true }),
  };
  const { result, draft } = await ctx.edits.drafted(done, (shown) =>
    withCancellableProgress(doing, (_progress, signal) =>
      ctx.daemon.call(CodeAction, params, {
        signal: AbortSignal.any([signal, shown.signal]),
        onPart: (part) => shown.hear(part),
      }),
    ),
  );
  const { edit, text, note, decision } = result;
  const code = edit?.documentChanges[0]?.edits[0]?.newText;
  if (code !== undefined) onCode?.(code);
  if (note) void tellSentence('showInformationMessage', { message: note });
  const why = whyThisModel(decision);
  if (text) ctx.findings.explain({ uri, range }, done, [text, ...why.map(escapeMarkdown)].join('\n\n---\n\n'));
  const requestedVersion = kind === 'tests' ? undefined : version; // tests are of another file
  if (edit) await ctx.edits.preview(done, edit, { requestedVersion, decisionId: decision?.id, why, more, draft });
}

export async function explainSelection(ctx: Context): Promise<void> {
  await onSelection(ctx, 'explain');
}

/** Fixes what the problems in the selection say, if there are any, else what the model finds wrong. */
export async function fixSelection(ctx: Context): Promise<void> {
  await onSelection(ctx, 'fix');
}

const selectionHints = {
  explain: ['Open a file and select the code to explain.', 'Select the code to explain.'],
  fix: ['Open a file and select the code to fix.', 'Select the code to fix.'],
} as const;

async function onSelection(ctx: Context, kind: 'explain' | 'fix'): Promise<void> {
  const [open, select] = selectionHints[kind];
  const editor = syncedEditor(open);
  const range = editor && selectedRange(editor, select);
  if (!editor || !range) return;
  const { uri } = editor.document;
  const problems = vscode.languages
    .getDiagnostics(uri)
    .filter((problem) => problem.range.intersection(editor.selection));
  const diagnostic = problems.map((problem) => problem.message).join('\n');
  await codeAction(ctx, { kind, uri: uri.toString(), range, ...(kind === 'fix' && diagnostic && { diagnostic }) });
}
