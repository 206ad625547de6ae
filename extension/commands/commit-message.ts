// The button beside the commit message: writes a message for what is staged into the box of VS Code's own Git extension.
import * as vscode from 'vscode';
import { CommitMessage } from '../../shared/protocol/commit.ts';
import type { Context } from '../context.ts';
import { isWorkspaceElsewhere, tellElsewhere } from '../places.ts';
import { tellSentence, window, withCancellableProgress } from '../window.ts';

/** What is used of `vscode.git`; its API of version 1. */
interface GitRepository {
  rootUri: vscode.Uri;
  inputBox: { value: string };
  ui: { selected: boolean };
}
interface GitExtension {
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
  const { message, note } = await withCancellableProgress('Writing a commit message', (_progress, signal) =>
    ctx.daemon.call(CommitMessage, { root: rootUri.toString() }, { signal }),
  );
  if (note) void tellSentence('showInformationMessage', { message: note });
  if (await mayReplace(inputBox.value)) inputBox.value = message;
}

/** What stands in the box may be the user's own words. */
async function mayReplace(value: string): Promise<boolean> {
  if (value.trim() === '') return true;
  return (await window.showWarningMessage('Replace the current commit message?', 'Replace')) === 'Replace';
}

async function repositoryOf(argument: unknown): Promise<GitRepository | undefined> {
  const git = await vscode.extensions.getExtension<GitExtension>('vscode.git')?.activate();
  const repositories = git?.getAPI(1).repositories ?? [];
  const { rootUri } = (argument ?? {}) as { rootUri?: vscode.Uri };
  if (rootUri) return repositories.find((repository) => repository.rootUri.toString() === rootUri.toString());
  return repositories.find(({ ui }) => ui.selected) ?? repositories[0];
}
