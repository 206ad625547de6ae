// Reviews what changed in a repository, staged or not, in a commit or since a branch was left: findings appear in the files they are about, as of any review.
import * as vscode from 'vscode';
import type { Result } from '../../shared/protocol/define.ts';
import type { Finding } from '../../shared/protocol/review.ts';
import { isOpenFinding, ReviewRun } from '../../shared/protocol/review.ts';
import type { Context } from '../context.ts';
import { isWorkspaceElsewhere, tellElsewhere } from '../places.ts';
import { pickBase, pickChanges, pickCommit } from '../review/changes-pick.ts';
import { type Changes, changesName, type ReviewedThing } from '../review/subject.ts';
import { window, withCancellableProgress } from '../window.ts';
import { tellReview } from './review-message.ts';

type ChangedThing = Extract<ReviewedThing, { kind: 'changes' }>;

/** From the palette, or from the source control view, whose argument names the repository. */
export async function reviewChanges(ctx: Context, argument: unknown): Promise<void> {
  await reviewIn(ctx, argument, (root) => namedChanges(argument) ?? pickChanges(ctx, root));
}

export async function reviewStaged(ctx: Context, argument: unknown): Promise<void> {
  await reviewIn(ctx, argument, () => ({ diff: 'staged' }));
}

export async function reviewUnstaged(ctx: Context, argument: unknown): Promise<void> {
  await reviewIn(ctx, argument, () => ({ diff: 'unstaged' }));
}

export async function reviewCommit(ctx: Context, argument: unknown): Promise<void> {
  await reviewIn(ctx, argument, (root) => namedChanges(argument) ?? pickCommit(ctx, root));
}

export async function reviewBranch(ctx: Context, argument: unknown): Promise<void> {
  await reviewIn(ctx, argument, (root) => namedChanges(argument) ?? pickBase(ctx, root));
}

async function reviewIn(
  ctx: Context,
  argument: unknown,
  choose: (root: string) => Promise<Changes | undefined> | Changes,
): Promise<void> {
  if (isWorkspaceElsewhere()) return tellElsewhere();
  const root = (await rootOf(argument))?.toString();
  const changes = root === undefined ? undefined : await choose(root);
  if (root !== undefined && changes) await reviewOf(ctx, { kind: 'changes', root, changes });
}

/** As a key or another extension asks for it: `{base: 'main'}`, `{commit: 'HEAD~1'}`, with the folder as `root` if it isn't the window's. */
function namedChanges(argument: unknown): Changes | undefined {
  const { commit, base } = (argument ?? {}) as { commit?: unknown; base?: unknown };
  if (typeof commit === 'string' && commit !== '') return { commit };
  return typeof base === 'string' && base !== '' ? { base } : undefined;
}

/** `isFresh`: models read what they have read before, too. */
export async function reviewOf(ctx: Context, thing: ChangedThing, isFresh = false): Promise<void> {
  const result = await withCancellableProgress(
    vscode.l10n.t('Reviewing {0}', changesName(thing.changes, vscode.l10n.t)),
    (progress, signal) =>
      runChangesReview(ctx, thing, { isFresh, signal, report: (message) => progress.report({ message }) }),
  );
  tellReview(ctx, result, unsavedNote(thing.root));
}

export interface ReviewRunOptions {
  isFresh?: boolean;
  signal: AbortSignal;
  /** Told what is going on. */
  report(message: string): void;
}

/** Shows what is found, beside the code and in the Review view. */
export async function runChangesReview(
  ctx: Context,
  thing: ChangedThing,
  options: ReviewRunOptions,
): Promise<Result<typeof ReviewRun>> {
  ctx.review.begin(thing);
  let result: Result<typeof ReviewRun>;
  try {
    result = await run(ctx, thing, options);
  } catch (error) {
    ctx.review.abandon();
    throw error;
  }
  ctx.review.end(thing, result);
  return result;
}

async function run(
  ctx: Context,
  { root, changes }: ChangedThing,
  { isFresh = false, signal, report }: ReviewRunOptions,
): Promise<Result<typeof ReviewRun>> {
  const params = { ...changes, root, ...(isFresh && { fresh: true }) };
  const shown = new Set<string>(); // what was streamed, some of which the review may drop in the end
  const result = await ctx.daemon.call(ReviewRun, params, {
    signal,
    onPart(part) {
      if (part.kind === 'finding') {
        shown.add(part.finding.id);
        void show(ctx, part.finding);
      } else if (part.kind === 'withdrawn') ctx.findings.remove(part.finding.id);
      else report(part.kind === 'stage' ? part.detail : part.text);
    },
  });
  const open = result.findings.filter(isOpenFinding);
  const kept = new Set(open.map(({ id }) => id));
  for (const id of shown) if (!kept.has(id)) ctx.findings.remove(id);
  for (const finding of result.findings) if (!isOpenFinding(finding)) ctx.findings.remove(finding.id);
  for (const finding of open) if (!shown.has(finding.id)) await show(ctx, finding);
  return result;
}

/** The daemon publishes a finding as a diagnostic of an open document, so the document is opened, without an editor. */
async function show(ctx: Context, finding: Finding): Promise<void> {
  try {
    await vscode.workspace.openTextDocument(vscode.Uri.parse(finding.uri));
    ctx.findings.show(finding);
  } catch (error) {
    ctx.log.warn(`Couldn't show a finding in ${finding.uri}: ${String(error)}`); // a binary or a file that has gone
  }
}

async function rootOf(argument: unknown): Promise<vscode.Uri | undefined> {
  const { root, rootUri, resourceStates } = (argument ?? {}) as {
    root?: unknown;
    rootUri?: unknown;
    resourceStates?: { resourceUri?: unknown }[];
  };
  if (typeof root === 'string') return vscode.Uri.parse(root);
  if (rootUri instanceof vscode.Uri) return rootUri;
  const uri = resourceStates?.[0]?.resourceUri ?? vscode.window.activeTextEditor?.document.uri;
  const folder = uri instanceof vscode.Uri ? vscode.workspace.getWorkspaceFolder(uri) : undefined;
  if (folder) return folder.uri;
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0)
    return void window.showInformationMessage('Open the folder of a Git repository to review its changes.');
  return folders.length === 1 ? folders[0]?.uri : (await vscode.window.showWorkspaceFolderPick())?.uri;
}

/** Git sees files, not editors. */
function unsavedNote(root: string): string[] {
  const unsaved = vscode.workspace.textDocuments.filter(
    ({ isDirty, uri }) => isDirty && uri.toString().startsWith(`${root}/`),
  ).length;
  return unsaved === 0
    ? []
    : [
        vscode.l10n.t(
          unsaved === 1
            ? "1 file has unsaved changes, which weren't reviewed. Save and review again."
            : "{0} files have unsaved changes, which weren't reviewed. Save and review again.",
          unsaved,
        ),
      ];
}
