// "Review What the Agent Changed": shows what a run of the agent has changed as one diff of several files. The changes are in the files already, so
// each is left to be kept or undone where it stands; undoing all of them puts every byte back, also of what isn't text.
import * as vscode from 'vscode';
import { takenBack } from '../../shared/edits/take-back.ts';
import { type AgentChangedFile, AgentChanges, AgentKeep, AgentUndo } from '../../shared/protocol/agent.ts';
import type { Params, Result } from '../../shared/protocol/define.ts';
import { JobsList } from '../../shared/protocol/jobs.ts';
import { formatUsd } from '../../shared/usd.ts';
import { counted } from '../../shared/words/counted.ts';
import { jobItemIn } from '../../shared/words/job-words.ts';
import type { Context } from '../context.ts';
import { applyTextEdits } from '../logic/text-edits.ts';
import { window } from '../window.ts';
import { closeDiff } from './diff-tab.ts';
import { matches, withLineEnds } from './pending-hunks.ts';

/** A file as the diff shows it: a side that isn't there is undefined. */
interface ShownFile {
  uri: vscode.Uri;
  before: vscode.Uri | undefined;
  now: vscode.Uri | undefined;
  /** Where its first change is. */
  line: number;
}

export async function reviewRun(ctx: Context, argument: unknown): Promise<void> {
  const jobId = typeof argument === 'string' ? argument : await chooseRun(ctx);
  if (jobId === undefined) return;
  const changes = await ctx.daemon.call(AgentChanges, { jobId });
  if (changes.files.length === 0)
    return void window.showInformationMessage(
      'Your files are as they were before this run, so there is nothing to review.',
    );
  const files = await filesToReview(changes.files);
  if (files.length === 0) return;
  const scopes = openScopes(files, changes.files.length);
  const run: RunToReview = { jobId, title: titleOf(files), files, scopes, shown: [], notes: [...changes.notes] };
  for (const file of files) await open(ctx, file, run);
  const resources = run.shown.map(({ uri, before, now }) => [uri, before, now]);
  if (resources.length > 0) await vscode.commands.executeCommand('vscode.changes', run.title, resources);
  await ask(ctx, run);
}

/** What isn't kept yet; all of it again where nothing is left and the user wants to see it. */
async function filesToReview(files: readonly AgentChangedFile[]): Promise<readonly AgentChangedFile[]> {
  const left = files.filter(({ isKept }) => !isKept);
  if (left.length > 0) return left;
  const sentence = 'You have kept everything that the agent changed in this run.';
  const button = await window.showInformationMessage(sentence, 'Review Again');
  if (button !== 'Review Again') return [];
  const again = files.map((file) => ({ ...file, hunks: file.hunks.map((hunk) => ({ ...hunk, isKept: false })) }));
  return again.map((file) => ({ ...file, isKept: false }));
}

async function chooseRun(ctx: Context): Promise<string | undefined> {
  const { jobs } = await ctx.daemon.call(JobsList, {});
  const runs = jobs.filter(({ kind }) => kind === 'agent');
  if (runs.length === 0) return void window.showInformationMessage('The agent has done nothing in this profile yet.');
  const chosen = await window.showQuickPick(runs.map(jobItemIn(vscode.l10n.t, formatUsd)), {
    title: "Switchyard: review the agent's changes",
  });
  return chosen?.job.id;
}

/** Of the tab. */
function titleOf([first, ...others]: readonly AgentChangedFile[]): string {
  if (!first || others.length > 0) return vscode.l10n.t("Agent's changes: before ↔ after");
  return vscode.l10n.t('{0}: before ↔ after the agent', first.path.split('/').at(-1) ?? '');
}

interface RunToReview {
  jobId: string;
  title: string;
  /** What is to be decided about. */
  files: readonly AgentChangedFile[];
  /** What undoing all of that is. */
  scopes: readonly UndoScope[];
  shown: ShownFile[];
  notes: string[];
}

/** Marks each change where it stands, unless the file has moved on in the editor. What isn't text is in the notes alone. */
async function open(ctx: Context, file: AgentChangedFile, { jobId, shown, notes }: RunToReview): Promise<void> {
  const { path, hunks: asRead, isNew, isDeleted } = file;
  const uri = vscode.Uri.parse(file.uri);
  const [first] = asRead;
  if (!first) return;
  const { line } = first.range.start;
  if (isDeleted) {
    const before = await ctx.documents.addSide(uri, asRead.map(({ oldText }) => oldText).join(''));
    shown.push({ uri, before, now: undefined, line });
    return;
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const text = document.getText();
  const hunks = withLineEnds(asRead, text);
  const back = takenBack(hunks);
  const before = matches(back, text) ? applyTextEdits(text, back) : undefined;
  if (before === undefined) {
    notes.push(`${path} has changes that aren't saved, so it isn't shown. Save it, and review again.`);
    return;
  }
  ctx.changes.add(document, { uri, before, hunks, isNew, jobId });
  shown.push({ uri, before: isNew ? undefined : await ctx.documents.addSide(uri, before), now: uri, line });
}

async function ask(ctx: Context, run: RunToReview): Promise<void> {
  const { jobId, title, files, scopes, shown, notes } = run;
  const sentence = `The agent changed ${counted(files.length, 'file')}. Keep the changes, or undo them?`;
  const buttons = ['Keep All', 'Undo All', 'Review Each', ...(notes.length === 0 ? [] : ['Show Notes'])];
  const button = await window.showInformationMessage(sentence, ...buttons);
  if (button === 'Keep All') {
    ctx.changes.forgetIn(shown.map(({ uri }) => uri));
    await keepAll(ctx, run);
  } else if (button === 'Undo All') {
    ctx.changes.forgetIn(shown.map(({ uri }) => uri)); // none of them will be there
    await closeDiff(title);
    await undoChanges(ctx, jobId, scopes);
  } else if (button === 'Review Each') await reviewEach(shown);
  else if (button === 'Show Notes') {
    await ctx.documents.showReport("Agent's changes.md", `${notes.map((note) => `- ${note}`).join('\n')}\n`);
    await ask(ctx, run);
  }
}

/** As they were shown, and no more: the run may have changed a file again. */
async function keepAll(ctx: Context, { jobId, files }: RunToReview): Promise<void> {
  for (const { uri, hunks } of files) {
    const open = hunks.filter(({ by, isKept }) => by !== 'others' && !isKept).map(({ id }) => id);
    await ctx.daemon.call(AgentKeep, { jobId, uri, ...(open.length > 0 && { hunks: open }) });
  }
}

/** What an undo is about. */
type UndoScope = Pick<Params<typeof AgentUndo>, 'step' | 'uri' | 'hunks'>;

/** All of a run; where some of its files are kept, or hunks, file by file what isn't. `count`: of all files that it changed. */
function openScopes(files: readonly AgentChangedFile[], count: number): UndoScope[] {
  const isWhole = ({ hunks }: AgentChangedFile): boolean => !hunks.some(({ isKept }) => isKept);
  if (files.length === count && files.every(isWhole)) return [{}];
  return files.map((file) => {
    const { uri, hunks } = file;
    if (isWhole(file)) return { uri };
    return { uri, hunks: hunks.flatMap(({ id, by, isKept }) => (by === 'others' || isKept ? [] : [id])) };
  });
}

/** All of a run, or some of it. Says what could not be put back, and why. */
export async function undoChanges(ctx: Context, jobId: string, scopes: readonly UndoScope[] = [{}]): Promise<void> {
  const restored = new Set<string>();
  const conflicts: Result<typeof AgentUndo>['conflicts'] = [];
  let step: number | undefined; // from the first on, all are taken back
  for (const scope of scopes) {
    const undone = await ctx.daemon.call(AgentUndo, { jobId, ...scope });
    for (const path of undone.restored) restored.add(path);
    conflicts.push(...undone.conflicts);
    step ??= undone.step;
  }
  const sentence = `${counted(restored.size, 'file')} restored.`;
  if (conflicts.length > 0) {
    const left = `${counted(conflicts.length, 'file')} left unchanged.`;
    const button = await window.showWarningMessage(`${sentence} ${left}`, 'Show Reasons');
    const lines = conflicts.map(({ path, why }) => `- ${path}: ${why}`);
    if (button) await ctx.documents.showReport('Not undone.md', `# Files that weren't undone\n\n${lines.join('\n')}\n`);
    return;
  }
  const button = await window.showInformationMessage(sentence, ...(step === undefined ? [] : ['Redo']));
  if (button && step !== undefined) await ctx.daemon.call(AgentUndo, { jobId, step });
}

/** The first file in front. */
async function reviewEach(shown: readonly ShownFile[]): Promise<void> {
  for (const { now, line } of shown.toReversed()) {
    if (!now) continue;
    const selection = new vscode.Range(line, 0, line, 0);
    await vscode.window.showTextDocument(now, { preview: false, selection });
  }
}
