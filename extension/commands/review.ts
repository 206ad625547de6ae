// Reviews of a selection, a file, or several: findings appear beside the code as they come, and the summary ends it.
import * as vscode from 'vscode';
import type { ParamsInput, Result } from '../../shared/protocol/define.ts';
import { isOpenFinding, ReviewRun } from '../../shared/protocol/review.ts';
import type { Range } from '../../shared/protocol/text.ts';
import type { Context } from '../context.ts';
import { documentOf, placeOf, selectedRange, syncedEditor } from '../places.ts';
import type { ReviewedThing } from '../review/subject.ts';
import { window, withCancellableProgress } from '../window.ts';
import { type ReviewRunOptions, reviewOf } from './review-changes.ts';
import { tellReview } from './review-message.ts';

export async function reviewSelection(ctx: Context): Promise<void> {
  const editor = syncedEditor('Open a file and select the code to review.');
  const range = editor && selectedRange(editor, 'Select the code to review, or use "Review File".');
  if (editor && range) await review(ctx, editor.document, { range });
}

/** Of the active editor, or of the file that a menu names. */
export async function reviewFile(ctx: Context, argument: unknown): Promise<void> {
  const document = await documentOf(argument, 'Open the file to review.');
  if (document) await review(ctx, document);
}

/** Of all files that are selected where the menu was opened. */
export async function reviewFiles(ctx: Context, argument: unknown, selected: unknown): Promise<void> {
  const uris = (Array.isArray(selected) ? selected : [argument]).filter((uri) => uri instanceof vscode.Uri);
  await reviewAll(ctx, uris);
}

/** As a code action asks for it: `{uri, range?}`. */
export async function reviewPlace(ctx: Context, argument: unknown): Promise<void> {
  const place = placeOf(argument);
  if (place) await review(ctx, await vscode.workspace.openTextDocument(place.uri), { range: place.range });
}

/** The last review once more. `isFresh`: models read what they have read before, too. */
export async function rerunReview(ctx: Context, isFresh: boolean): Promise<void> {
  const thing = ctx.review.last?.thing;
  if (!thing)
    return void window.showInformationMessage("There's no review to run again. Review a file or changes first.");
  if (thing.kind === 'changes') return reviewOf(ctx, thing, isFresh);
  if (thing.kind === 'documents')
    return reviewAll(
      ctx,
      thing.uris.map((uri) => vscode.Uri.parse(uri)),
      isFresh,
    );
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(thing.uri));
  await review(ctx, document, { range: thing.range, isFresh });
}

/** What isn't text, or is a folder, is named and left out. */
async function reviewAll(ctx: Context, uris: readonly vscode.Uri[], isFresh = false): Promise<void> {
  const opened = await Promise.allSettled(uris.map((uri) => vscode.workspace.openTextDocument(uri)));
  const documents = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const others = uris.filter((_, index) => opened[index]?.status === 'rejected');
  const notes = others.map((uri) =>
    vscode.l10n.t("{0} isn't a text file, so it wasn't reviewed.", vscode.workspace.asRelativePath(uri)),
  );
  const [only] = documents;
  if (!only) return void window.showInformationMessage('Select the text files to review.');
  if (documents.length === 1) return review(ctx, only, { isFresh, notes });
  const files = documents.map(({ uri, version }) => ({ uri: uri.toString(), version }));
  const thing = { kind: 'documents', uris: files.map(({ uri }) => uri) } as const;
  const title = vscode.l10n.t('Reviewing {0} files', documents.length);
  await runShown(ctx, { thing, params: { files }, title }, { isFresh, notes });
}

interface ReviewWishes {
  isFresh?: boolean;
  /** Told with the result. */
  notes?: readonly string[];
}

async function review(
  ctx: Context,
  document: vscode.TextDocument,
  { range, ...wishes }: ReviewWishes & { range?: Range | undefined } = {},
): Promise<void> {
  const title = range ? 'Reviewing the selection' : 'Reviewing the file';
  await runShown(ctx, { ...documentReview(document, range), title }, wishes);
}

function documentReview({ uri, version }: vscode.TextDocument, range: Range | undefined): DocumentsReview {
  const thing = { kind: 'document', uri: uri.toString(), range } as const;
  return { thing, params: { textDocument: { uri: uri.toString(), version }, ...(range && { range }) } };
}

interface DocumentsReview {
  thing: Exclude<ReviewedThing, { kind: 'changes' }>;
  params: ParamsInput<typeof ReviewRun>;
}

/** Under a notification that can cancel it, and tells how it ended. */
async function runShown(
  ctx: Context,
  { title, ...what }: DocumentsReview & { title: string },
  { isFresh = false, notes }: ReviewWishes,
): Promise<void> {
  const result = await withCancellableProgress(title, (progress, signal) =>
    run(ctx, what, { isFresh, signal, report: (message) => progress.report({ message }) }),
  );
  tellReview(ctx, result, notes);
}

/** Shows what is found, beside the code and in the Review view. */
export function runReview(
  ctx: Context,
  document: vscode.TextDocument,
  { range, ...options }: ReviewRunOptions & { range?: Range | undefined },
): Promise<Result<typeof ReviewRun>> {
  return run(ctx, documentReview(document, range), options);
}

async function run(
  ctx: Context,
  { thing, params }: DocumentsReview,
  { isFresh = false, signal, report }: ReviewRunOptions,
): Promise<Result<typeof ReviewRun>> {
  const threads =
    thing.kind === 'document' ? [threadsOf(ctx, thing.uri, thing.range)] : thing.uris.map((uri) => threadsOf(ctx, uri));
  ctx.review.begin(thing);
  let result: Result<typeof ReviewRun>;
  try {
    result = await ctx.daemon.call(
      ReviewRun,
      { ...params, ...(isFresh && { fresh: true }) },
      {
        signal,
        onPart(part) {
          if (part.kind === 'finding') ctx.findings.show(part.finding);
          else if (part.kind === 'withdrawn') ctx.findings.remove(part.finding.id);
          else report(part.kind === 'stage' ? part.detail : part.text);
        },
      },
    );
  } catch (error) {
    for (const { review } of threads) review.abandon();
    ctx.review.abandon();
    throw error;
  }
  const open = result.findings.filter(isOpenFinding);
  for (const { uri, review } of threads) review.end(open.filter((finding) => finding.uri === uri));
  ctx.review.end(thing, result);
  return result;
}

function threadsOf(ctx: Context, uri: string, range?: Range) {
  return { uri, review: ctx.findings.beginReview(vscode.Uri.parse(uri), range) };
}
