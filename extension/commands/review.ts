// Reviews of a selection or a file: findings appear beside the code as they come, and the summary ends it.
import * as vscode from 'vscode';
import type { ParamsInput, Result } from '../../shared/protocol/define.ts';
import { isOpenFinding, ReviewRun } from '../../shared/protocol/review.ts';
import type { Range } from '../../shared/protocol/text.ts';
import type { Context } from '../context.ts';
import { documentOf, placeOf, selectedRange, syncedEditor } from '../places.ts';
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
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(thing.uri));
  await review(ctx, document, { range: thing.range, isFresh });
}

interface DocumentReview {
  range?: Range | undefined;
  isFresh?: boolean;
}

async function review(ctx: Context, document: vscode.TextDocument, what: DocumentReview = {}): Promise<void> {
  const title = what.range ? 'Reviewing the selection' : 'Reviewing the file';
  const result = await withCancellableProgress(title, (progress, signal) =>
    runReview(ctx, document, { ...what, signal, report: (message) => progress.report({ message }) }),
  );
  tellReview(ctx, result);
}

/** Shows what is found, beside the code and in the Review view. `report` is told what is going on. */
export async function runReview(
  ctx: Context,
  document: vscode.TextDocument,
  { range, isFresh = false, signal, report }: DocumentReview & ReviewRunOptions,
): Promise<Result<typeof ReviewRun>> {
  const { uri, version } = document;
  const params: ParamsInput<typeof ReviewRun> = {
    textDocument: { uri: uri.toString(), version },
    ...(range && { range }),
    ...(isFresh && { fresh: true }),
  };
  const threads = ctx.findings.beginReview(uri, range);
  const thing = { kind: 'document', uri: uri.toString(), range } as const;
  ctx.review.begin(thing);
  let result: Result<typeof ReviewRun>;
  try {
    result = await ctx.daemon.call(ReviewRun, params, {
      signal,
      onPart(part) {
        if (part.kind === 'finding') ctx.findings.show(part.finding);
        else if (part.kind === 'withdrawn') ctx.findings.remove(part.finding.id);
        else report(part.kind === 'stage' ? part.detail : part.text);
      },
    });
  } catch (error) {
    threads.abandon();
    ctx.review.abandon();
    throw error;
  }
  threads.end(result.findings.filter(isOpenFinding));
  ctx.review.end(thing, result);
  return result;
}
