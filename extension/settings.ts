// The settings `switchyard.*` as the extension uses them. Endpoints and keys are not among them: those belong to the daemon.
import * as vscode from 'vscode';
import type { ClientOptions } from '../shared/protocol/daemon.ts';

/** The Node program that runs the daemon: the one the user named, else the editor's own. */
export function nodeProgram(): string {
  return configuration().get<string>('node')?.trim() || process.execPath;
}

/** On when the user or the workspace says so: a workspace can close the network, never open it. */
export function isLocalOnly(): boolean {
  const levels = configuration().inspect<boolean>('localOnly');
  return levels?.globalValue === true || levels?.workspaceValue === true || levels?.workspaceFolderValue === true;
}

/** What the editor's own settings say of the network. A workspace has no voice in it: it would see, or change, every request's way. */
export function editorNetwork(): Pick<ClientOptions, 'proxy' | 'noProxy' | 'systemCertificates' | 'strictCertificates'> {
  const proxy = userValue<string>('http.proxy')?.trim();
  const noProxy = userValue<string[]>('http.noProxy')?.filter((host) => typeof host === 'string' && host.trim() !== '');
  return {
    ...(proxy && { proxy }),
    ...(noProxy && noProxy.length > 0 && { noProxy }),
    ...(userValue<boolean>('http.systemCertificates') === false && { systemCertificates: false }),
    ...(userValue<boolean>('http.proxyStrictSSL') === false && { strictCertificates: false }),
  };
}

function userValue<T>(name: string): T | undefined {
  return vscode.workspace.getConfiguration().inspect<T>(name)?.globalValue;
}

/** The model for reviews, code actions and new chats, if the user chose one; ready to be spread into params. */
export function chosenModel(): { model?: string } {
  const model = configuration().get<string>('model')?.trim();
  return model ? { model } : {};
}

const networkSettings = ['http.proxy', 'http.noProxy', 'http.systemCertificates', 'http.proxyStrictSSL'];

/** Whether a change touches what is said to the daemon when a connection begins. */
export function affectsConnection(change: vscode.ConfigurationChangeEvent): boolean {
  return change.affectsConfiguration('switchyard.node') || change.affectsConfiguration('switchyard.localOnly') || networkSettings.some((name) => change.affectsConfiguration(name));
}

function configuration(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration('switchyard');
}
