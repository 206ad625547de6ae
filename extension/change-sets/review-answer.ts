// "Review Changes" under a chat answer: shows what the answer would change as one diff of several files, applies it when the user says so,
// and leaves each change to be kept or undone.
import * as vscode from 'vscode';
import { moveEdits } from '../../shared/edits/move-edits.ts';
import { type ChangedFile, type ChangedHunk, ChatChanges, type RefusedEdit } from '../../shared/protocol/chat.ts';
import type { Context } from '../context.ts';
import { applyTextEdits, staleSentence } from '../logic/text-edits.ts';
import { openOrNew } from '../previews/draft-preview.ts';
import { window } from '../window.ts';
import { closeDiff, isDiffTab } from './diff-tab.ts';
import { matches, withLineEnds } from './pending-hunks.ts';

interface AnswerInChat {
  chatId: string;
  messageId: string;
}

/** A file as the diff shows it. */
interface ShownFile extends Pick<ChangedFile, 'path' | 'isNew'> {
  uri: vscode.Uri;
  before: string;
  hunks: ChangedHunk[];
  proposed: vscode.Uri;
}

const title = 'Changes from the chat';

export async function reviewAnswer(ctx: Context, answer: AnswerInChat): Promise<void> {
  const { files, refused, decisionId } = await ctx.daemon.call(ChatChanges, answer);
  const { shown, stale } = await open(ctx, files);
  const left = [...refused, ...stale];
  if (shown.length === 0) return tellNothing(ctx, left);
  const choice = await ctx.edits.choice((choose) => showDiff(ctx, { shown, left, choose }));
  await closeDiff(title);
  if (choice === 'apply') await apply(ctx, shown, decisionId);
  else if (decisionId !== undefined) ctx.kept.discarded(decisionId);
}

/** A file that has changed since the daemon read it is left out. */
async function open(
  ctx: Context,
  files: readonly ChangedFile[],
): Promise<{ shown: ShownFile[]; stale: RefusedEdit[] }> {
  const shown: ShownFile[] = [];
  const stale: RefusedEdit[] = [];
  for (const { uri: written, path, isNew, hunks: asRead } of files) {
    const uri = vscode.Uri.parse(written);
    const before = isNew ? '' : (await vscode.workspace.openTextDocument(uri)).getText();
    const hunks = withLineEnds(asRead, before);
    const after = matches(hunks, before) ? applyTextEdits(before, hunks) : undefined;
    if (after === undefined) stale.push({ path, why: staleSentence });
    else shown.push({ uri, path, isNew, before, hunks, proposed: await ctx.documents.addSide(uri, after) });
  }
  return { shown, stale };
}

function tellNothing(ctx: Context, left: readonly RefusedEdit[]): void {
  const [only] = left;
  const sentence = left.length === 1 && only ? reasonOf(only) : "None of this answer's changes can be applied.";
  if (!only) return void window.showInformationMessage('This answer changes no file of this workspace.');
  const buttons = left.length > 1 ? ['Show Reasons'] : [];
  void window.showWarningMessage(sentence, ...buttons).then((button) => (button ? showReasons(ctx, left) : undefined));
}

interface DiffToShow {
  shown: readonly ShownFile[];
  left: readonly RefusedEdit[];
  choose(choice: 'apply' | 'discard'): void;
}

async function showDiff(ctx: Context, { shown, left, choose }: DiffToShow): Promise<void> {
  const resources = shown.map(({ uri, proposed, isNew }) => [uri, isNew ? undefined : uri, proposed]);
  await vscode.commands.executeCommand('vscode.changes', title, resources);
  await vscode.commands.executeCommand('workbench.action.keepEditor'); // what is opened next leaves it open
  const closing = vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
    if (!closed.some((tab) => isDiffTab(tab, title))) return;
    closing.dispose();
    choose('discard');
  });
  void ask(ctx, { shown, left, choose });
}

async function ask(ctx: Context, { shown, left, choose }: DiffToShow): Promise<void> {
  const count = shown.reduce((sum, { hunks }) => sum + hunks.length, 0);
  const changes = vscode.l10n.t(count === 1 ? '1 change' : '{0} changes', count);
  const files = vscode.l10n.t(shown.length === 1 ? '1 file' : '{0} files', shown.length);
  const question = vscode.l10n.t('Apply {0} in {1}? You can undo each of them afterwards.', changes, files);
  const edits = vscode.l10n.t(
    left.length === 1 ? "1 edit can't be applied." : "{0} edits can't be applied.",
    left.length,
  );
  const rest = left.length === 0 ? [] : [edits];
  const buttons = ['Apply', 'Discard', ...(left.length === 0 ? [] : ['Show Reasons'])];
  const button = await window.showInformationMessage([question, ...rest].join(' '), ...buttons);
  if (button === 'Show Reasons') {
    await showReasons(ctx, left);
    await ask(ctx, { shown, left, choose });
  } else if (button) choose(button === 'Apply' ? 'apply' : 'discard');
}

async function apply(ctx: Context, shown: readonly ShownFile[], decisionId: string | undefined): Promise<void> {
  const current = [];
  for (const file of shown) {
    const document = await openOrNew(file.uri);
    const before = document.getText();
    const isTaken = file.isNew && before !== ''; // somebody has made the file meanwhile
    const edits = isTaken ? undefined : moveEdits(file.hunks, file.before, before);
    const hunks = edits && file.hunks.map((hunk, at) => ({ ...hunk, ...edits[at] }));
    if (hunks) current.push({ uri: file.uri, document, before, hunks, isNew: file.isNew });
  }
  const taken = await ctx.edits.applyTogether(
    current.map(({ document, hunks }) => ({
      documentChanges: [{ textDocument: { uri: document.uri.toString(), version: document.version }, edits: hunks }],
    })),
  );
  const files = current.filter((_, at) => taken.has(at));
  for (const { document, ...applied } of files) {
    ctx.changes.add(document, applied);
    if (decisionId !== undefined)
      ctx.kept.applied(
        decisionId,
        document,
        applied.hunks.map(({ newText }) => newText),
      );
  }
  for (const { document, hunks } of files.toReversed()) {
    const line = hunks[0]?.range.start.line ?? 0;
    const selection = new vscode.Range(line, 0, line, 0);
    await vscode.window.showTextDocument(document, { preview: false, selection });
  }
  const missed = shown.length - files.length;
  if (missed === 0) return;
  const said = vscode.l10n.t(missed === 1 ? "1 file couldn't be changed." : "{0} files couldn't be changed.", missed);
  void window.showWarningMessage(`${said} ${vscode.l10n.t(staleSentence)}`);
}

/** As source, so that nothing in it is rendered. */
async function showReasons(ctx: Context, left: readonly RefusedEdit[]): Promise<void> {
  const lines = left.map((edit) => `- ${reasonOf(edit)}${edit.excerpt === undefined ? '' : `\n  ${edit.excerpt}`}`);
  await ctx.documents.showReport('Edits not applied.md', `# Edits that can't be applied\n\n${lines.join('\n')}\n`);
}

function reasonOf({ path, why }: RefusedEdit): string {
  return path === undefined ? why : `${path}: ${why}`;
}
