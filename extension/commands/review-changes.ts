// Reviews what changed in a repository, staged or not, in a commit or since a branch was left: findings appear in the files they are about, as of any review.
import * as vscode from 'vscode';
import type { ParamsInput, Result } from '../../shared/protocol/define.ts';
import type { Finding } from '../../shared/protocol/review.ts';
import { isOpenFinding, ReviewRun } from '../../shared/protocol/review.ts';
import type { Context } from '../context.ts';
import { whyThisModel } from '../logic/decision-text.ts';
import { window, withCancellableProgress } from '../window.ts';
import { reviewMessage } from './review-message.ts';

type Changes = Pick<ParamsInput<typeof ReviewRun>, 'diff' | 'commit' | 'base'>;

/** From the palette, or from the title or a group of the source control view, whose argument names the repository or the changes. */
export async function reviewChanges(ctx: Context, argument: unknown): Promise<void> {
  const root = await rootOf(argument);
  const changes = root && (changesOf(argument) ?? (await pickChanges()));
  if (!root || !changes) return;
  const params: ParamsInput<typeof ReviewRun> = { ...changes, root: root.toString() };
  const shown = new Set<string>(); // what was streamed, some of which the review may drop in the end
  const result = await withCancellableProgress(`Reviewing ${nameOf(changes)}`, (progress, signal) =>
    ctx.daemon.call(ReviewRun, params, {
      signal,
      onPart(part) {
        if (part.kind === 'finding') {
          shown.add(part.finding.id);
          if (part.finding.previousId !== undefined) ctx.findings.remove(part.finding.previousId);
          void show(ctx, part.finding);
        } else if (part.kind !== 'withdrawn')
          progress.report({ message: part.kind === 'stage' ? part.detail : part.text });
      },
    }),
  );
  const open = result.findings.filter(isOpenFinding);
  const kept = new Set(open.map(({ id }) => id));
  for (const id of shown) if (!kept.has(id)) ctx.findings.remove(id);
  for (const finding of result.findings) if (!isOpenFinding(finding)) ctx.findings.remove(finding.id);
  for (const finding of open) if (!shown.has(finding.id)) await show(ctx, finding);
  await tell(
    [result.summary, ...whyThisModel(result.decision), ...result.notes, ...unsavedNote(root)].join(' '),
    result,
  );
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

async function tell(sentence: string, { findings, coverage }: Result<typeof ReviewRun>): Promise<void> {
  const button = findings.some(isOpenFinding) ? ['Show Problems'] : [];
  void reviewMessage(coverage)(sentence, ...button).then((choice) => {
    if (choice) void vscode.commands.executeCommand('workbench.actions.view.problems');
  });
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
      async changes(): Promise<Changes | undefined> {
        const base = await askRevision('Compare with which branch?', 'main');
        return base ? { base } : undefined;
      },
    },
    {
      label: 'A commit…',
      detail: 'One commit, or a range of them',
      async changes(): Promise<Changes | undefined> {
        const commit = await askRevision('Review which commit, or range such as A..B?', 'HEAD');
        return commit ? { commit } : undefined;
      },
    },
  ];
  return (await window.showQuickPick(items, { title: 'Switchyard: review which changes?' }))?.changes();
}

async function askRevision(prompt: string, value: string): Promise<string | undefined> {
  return (await window.showInputBox({ title: 'Switchyard: review changes', prompt, value }))?.trim();
}

function nameOf({ diff, commit, base }: Changes): string {
  if (commit !== undefined) return commit;
  return base === undefined ? `the ${diff} changes` : `changes since ${base}`;
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
function unsavedNote(root: vscode.Uri): string[] {
  const unsaved = vscode.workspace.textDocuments.filter(
    ({ isDirty, uri }) => isDirty && uri.toString().startsWith(`${root.toString()}/`),
  ).length;
  return unsaved === 0
    ? []
    : [
        `${unsaved} ${unsaved === 1 ? 'file has' : 'files have'} unsaved changes, which weren't reviewed. Save and review again.`,
      ];
}
