// Reviews what changed in a repository, staged or not, in a commit or since a branch was left: findings appear in the files they are about, as of any review.
import * as vscode from 'vscode';
import type { ParamsInput, Result } from '../../shared/protocol/define.ts';
import type { Finding } from '../../shared/protocol/review.ts';
import { isOpenFinding, ReviewRun } from '../../shared/protocol/review.ts';
import type { Context } from '../context.ts';
import { type Changes, changesName, type ReviewedThing } from '../review/subject.ts';
import { window, withCancellableProgress } from '../window.ts';
import { tellReview } from './review-message.ts';

/** From the palette, or from the title or a group of the source control view, whose argument names the repository or the changes. */
export async function reviewChanges(ctx: Context, argument: unknown): Promise<void> {
  await reviewIn(ctx, argument, async () => changesOf(argument) ?? (await pickChanges()));
}

export async function reviewStaged(ctx: Context, argument: unknown): Promise<void> {
  await reviewIn(ctx, argument, () => ({ diff: 'staged' }));
}

export async function reviewUnstaged(ctx: Context, argument: unknown): Promise<void> {
  await reviewIn(ctx, argument, () => ({ diff: 'unstaged' }));
}

export async function reviewCommit(ctx: Context, argument: unknown): Promise<void> {
  await reviewIn(ctx, argument, askCommit);
}

export async function reviewBranch(ctx: Context, argument: unknown): Promise<void> {
  await reviewIn(ctx, argument, askBase);
}

async function reviewIn(
  ctx: Context,
  argument: unknown,
  choose: () => Promise<Changes | undefined> | Changes,
): Promise<void> {
  const root = await rootOf(argument);
  const changes = root && (await choose());
  if (changes) await reviewOf(ctx, { kind: 'changes', root: root.toString(), changes });
}

/** `isFresh`: models read what they have read before, too. */
export async function reviewOf(ctx: Context, thing: ReviewedChanges, isFresh = false): Promise<void> {
  const result = await withCancellableProgress(`Reviewing ${changesName(thing.changes)}`, (progress, signal) =>
    runChangesReview(ctx, thing, { isFresh, signal, report: (message) => progress.report({ message }) }),
  );
  tellReview(ctx, result, unsavedNote(thing.root));
}

type ReviewedChanges = Extract<ReviewedThing, { kind: 'changes' }>;

export interface ReviewRunOptions {
  signal: AbortSignal;
  /** Told what is going on. */
  report(message: string): void;
}

/** Shows what is found, beside the code and in the Review view. */
export async function runChangesReview(
  ctx: Context,
  thing: ReviewedChanges,
  { isFresh = false, ...options }: ReviewRunOptions & { isFresh?: boolean },
): Promise<Result<typeof ReviewRun>> {
  ctx.review.begin(thing);
  let result: Result<typeof ReviewRun>;
  try {
    result = await run(ctx, { ...thing.changes, root: thing.root, ...(isFresh && { fresh: true }) }, options);
  } catch (error) {
    ctx.review.abandon();
    throw error;
  }
  ctx.review.end(thing, result);
  return result;
}

async function run(
  ctx: Context,
  params: ParamsInput<typeof ReviewRun>,
  { signal, report }: ReviewRunOptions,
): Promise<Result<typeof ReviewRun>> {
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

async function pickChanges(): Promise<Changes | undefined> {
  const items = [
    {
      label: 'Unstaged changes',
      detail: "Changes in the working tree that aren't staged",
      changes: async (): Promise<Changes> => ({ diff: 'unstaged' }),
    },
    {
      label: 'Staged changes',
      detail: 'Staged changes, as the next commit would contain them',
      changes: async (): Promise<Changes> => ({ diff: 'staged' }),
    },
    {
      label: 'A branch…',
      detail: 'Everything since the branch left another one, with uncommitted changes',
      changes: askBase,
    },
    {
      label: 'A commit…',
      detail: 'One commit, or a range of them',
      changes: askCommit,
    },
  ];
  return (await window.showQuickPick(items, { title: 'Switchyard: review which changes?' }))?.changes();
}

async function askBase(): Promise<Changes | undefined> {
  const base = await askRevision('Compare with which branch?', 'main');
  return base ? { base } : undefined;
}

async function askCommit(): Promise<Changes | undefined> {
  const commit = await askRevision('Review which commit, or range such as A..B?', 'HEAD');
  return commit ? { commit } : undefined;
}

async function askRevision(prompt: string, value: string): Promise<string | undefined> {
  return (await window.showInputBox({ title: 'Switchyard: review changes', prompt, value }))?.trim();
}

/** Git's groups in the source control view. */
const groups: Readonly<Record<string, Changes>> = { index: { diff: 'staged' }, workingTree: { diff: 'unstaged' } };

function changesOf(argument: unknown): Changes | undefined {
  const { id } = (argument ?? {}) as { id?: unknown };
  return typeof id === 'string' && Object.hasOwn(groups, id) ? groups[id] : undefined;
}

async function rootOf(argument: unknown): Promise<vscode.Uri | undefined> {
  const { rootUri, resourceStates } = (argument ?? {}) as {
    rootUri?: unknown;
    resourceStates?: { resourceUri?: unknown }[];
  };
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
        `${unsaved} ${unsaved === 1 ? 'file has' : 'files have'} unsaved changes, which weren't reviewed. Save and review again.`,
      ];
}
