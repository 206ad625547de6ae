// "Review What the Agent Changed": shows what a run of the agent has changed as one diff of several files. The changes are in the files already, so
// each is left to be kept or undone where it stands; undoing all of them puts every byte back, also of what isn't text.
import * as vscode from 'vscode';
import { takenBack } from '../../shared/edits/take-back.ts';
import { type AgentChangedFile, AgentChanges, AgentUndo } from '../../shared/protocol/agent.ts';
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
  const { files, notes } = await ctx.daemon.call(AgentChanges, { jobId });
  if (files.length === 0)
    return void window.showInformationMessage(
      'Your files are as they were before this run, so there is nothing to review.',
    );
  const run: RunToReview = { jobId, title: titleOf(files), count: files.length, shown: [], notes: [...notes] };
  for (const file of files) await open(ctx, file, run);
  const resources = run.shown.map(({ uri, before, now }) => [uri, before, now]);
  if (resources.length > 0) await vscode.commands.executeCommand('vscode.changes', run.title, resources);
  await ask(ctx, run);
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
  /** Of all files that it changed. */
  count: number;
  shown: ShownFile[];
  notes: string[];
}

/** Marks each change where it stands, unless the file has moved on in the editor. What isn't text is in the notes alone. */
async function open(ctx: Context, file: AgentChangedFile, { shown, notes }: RunToReview): Promise<void> {
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
  ctx.changes.add(document, { uri, before, hunks, isNew });
  shown.push({ uri, before: isNew ? undefined : await ctx.documents.addSide(uri, before), now: uri, line });
}

async function ask(ctx: Context, run: RunToReview): Promise<void> {
  const { jobId, title, count, shown, notes } = run;
  const sentence = `The agent changed ${counted(count, 'file')}. Keep the changes, or undo them?`;
  const buttons = ['Keep All', 'Undo All', 'Review Each', ...(notes.length === 0 ? [] : ['Show Notes'])];
  const button = await window.showInformationMessage(sentence, ...buttons);
  if (button === 'Keep All') ctx.changes.keepIn(shown.map(({ uri }) => uri));
  else if (button === 'Undo All') {
    ctx.changes.keepIn(shown.map(({ uri }) => uri)); // none of them will be there
    await closeDiff(title);
    await undoChanges(ctx, jobId);
  } else if (button === 'Review Each') await reviewEach(shown);
  else if (button === 'Show Notes') {
    await ctx.documents.showReport("Agent's changes.md", `${notes.map((note) => `- ${note}`).join('\n')}\n`);
    await ask(ctx, run);
  }
}

/** All of them, or those from a step on. Says what could not be put back, and why. */
export async function undoChanges(ctx: Context, jobId: string, from?: number): Promise<void> {
  const scope = from === undefined ? {} : { step: from };
  const { restored, conflicts, step } = await ctx.daemon.call(AgentUndo, { jobId, ...scope });
  const sentence = `${counted(restored.length, 'file')} restored.`;
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
