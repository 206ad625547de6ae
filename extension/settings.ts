// The settings `switchyard.*` as the extension uses them. Endpoints and keys are not among them: those belong to the daemon.
import * as vscode from 'vscode';

/** The Node program that runs the daemon: the one the user named, else the editor's own. */
export function nodeProgram(): string {
  return configuration().get<string>('node')?.trim() || process.execPath;
}

/** On when the user or the workspace says so: a workspace can close the network, never open it. */
export function isLocalOnly(): boolean {
  const levels = configuration().inspect<boolean>('localOnly');
  return levels?.globalValue === true || levels?.workspaceValue === true || levels?.workspaceFolderValue === true;
}

/** The proxy of the editor's own settings, which a workspace may not name: it would see every request. */
export function editorProxy(): string | undefined {
  return vscode.workspace.getConfiguration().inspect<string>('http.proxy')?.globalValue?.trim() || undefined;
}

/** The model for reviews, code actions and new chats, if the user chose one; ready to be spread into params. */
export function chosenModel(): { model?: string } {
  const model = configuration().get<string>('model')?.trim();
  return model ? { model } : {};
}

/** Whether a change touches what is said to the daemon when a connection begins. */
export function affectsConnection(change: vscode.ConfigurationChangeEvent): boolean {
  return change.affectsConfiguration('switchyard.node') || change.affectsConfiguration('switchyard.localOnly') || change.affectsConfiguration('http.proxy');
}

function configuration(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration('switchyard');
}
