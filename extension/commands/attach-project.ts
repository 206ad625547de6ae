// Re-attaches a project whose folder was moved to where it is not recognised: the user names the folder, and the chats are back.
import * as vscode from 'vscode';
import { ProjectAttach, ProjectList } from '../../shared/protocol/profiles.ts';
import type { Context } from '../context.ts';
import { window } from '../window.ts';

export async function attachProject(ctx: Context): Promise<void> {
  const { projects, current } = await ctx.daemon.call(ProjectList, {});
  const others = projects
    .filter(({ id }) => id !== current)
    .toSorted((one, other) => Number(other.orphan) - Number(one.orphan));
  if (others.length === 0) return void window.showInformationMessage('There are no other projects in this profile.');
  const items = others.map((project) => ({
    project,
    label: project.name,
    description: vscode.l10n.t(project.chatCount === 1 ? '1 chat' : '{0} chats', project.chatCount),
    detail: project.orphan ? vscode.l10n.t('{0} is gone', project.path) : project.path,
  }));
  const picked = await window.showQuickPick(items, {
    title: 'Switchyard: reconnect which project?',
    matchOnDetail: true,
  });
  const root = picked && (await pickFolder(picked.project.name));
  if (!picked || !root) return;
  const { project } = await ctx.daemon.call(ProjectAttach, { projectId: picked.project.id, root: root.toString() });
  ctx.chat.profileChanged();
  ctx.history.reload();
  void window.showInformationMessage(
    vscode.l10n.t('{0} is now connected to {1}, with its chats.', project.name, root.fsPath),
  );
}

async function pickFolder(name: string): Promise<vscode.Uri | undefined> {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => ({
    label: vscode.workspace.asRelativePath(uri, false),
    description: uri.fsPath,
    uri,
  }));
  const other = { label: '$(folder-opened) Another Folder…', description: '', uri: undefined };
  const picked = await window.showQuickPick([...folders, other], {
    title: vscode.l10n.t('Switchyard: where is {0} now?', name),
  });
  if (picked !== other) return picked?.uri;
  return (
    await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Where is {0} now?', name),
      openLabel: vscode.l10n.t('Use This Folder'),
      canSelectFolders: true,
      canSelectFiles: false,
    })
  )?.[0];
}
