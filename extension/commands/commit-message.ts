// The button beside the commit message: writes a message for what is staged into the box of VS Code's own Git extension.
import * as vscode from 'vscode';
import { CommitMessage } from '../../shared/protocol/commit.ts';
import type { Result } from '../../shared/protocol/define.ts';
import type { Context } from '../context.ts';
import { DaemonError } from '../daemon-client.ts';
import { isWorkspaceElsewhere, tellElsewhere } from '../places.ts';
import { tellSentence, window, withCancellableProgress } from '../window.ts';

/** What is used of `vscode.git`; its API of version 1. */
interface GitRepository {
  rootUri: vscode.Uri;
  inputBox: { value: string };
  ui: { selected: boolean };
}
interface GitExtension {
  /** Where it's turned off in the settings, it has no API. */
  enabled: boolean;
  getAPI(version: 1): { repositories: GitRepository[] };
}

/** The argument of a menu is the source control; the palette gives none. */
export async function commitMessage(ctx: Context, argument: unknown): Promise<void> {
  if (isWorkspaceElsewhere()) return tellElsewhere();
  const repository = await repositoryOf(argument);
  if (!repository) {
    void window.showInformationMessage('Open a Git repository first.');
    return;
  }
  const { rootUri, inputBox } = repository;
  const written = await writeMessage(ctx, rootUri);
  if (!written) return;
  const { message, note } = written;
  if (note) void tellSentence('showInformationMessage', { message: note });
  if (await mayReplace(inputBox.value)) inputBox.value = message;
}

/** Undefined where nothing is staged, and the user stages nothing. */
async function writeMessage(ctx: Context, root: vscode.Uri): Promise<Result<typeof CommitMessage> | undefined> {
  try {
    return await withCancellableProgress('Writing a commit message', (_progress, signal) =>
      ctx.daemon.call(CommitMessage, { root: root.toString() }, { signal }),
    );
  } catch (error) {
    if (!(error instanceof DaemonError) || error.code !== 'nothing-staged') throw error;
    const stage = 'Stage All Changes';
    const message = 'Nothing is staged yet. Stage what you want to commit, then try again.';
    if ((await window.showInformationMessage(message, stage)) !== stage) return undefined;
    await vscode.commands.executeCommand('git.stageAll', root);
    return await writeMessage(ctx, root);
  }
}

/** What stands in the box may be the user's own words. */
async function mayReplace(value: string): Promise<boolean> {
  if (value.trim() === '') return true;
  return (await window.showWarningMessage('Replace the current commit message?', 'Replace')) === 'Replace';
}

async function repositoryOf(argument: unknown): Promise<GitRepository | undefined> {
  const git = await vscode.extensions.getExtension<GitExtension>('vscode.git')?.activate();
  const repositories = git?.enabled ? git.getAPI(1).repositories : [];
  const { rootUri } = (argument ?? {}) as { rootUri?: vscode.Uri };
  if (rootUri) return repositories.find((repository) => repository.rootUri.toString() === rootUri.toString());
  return repositories.find(({ ui }) => ui.selected) ?? repositories[0];
}
