// The settings `switchyard.*` as the extension uses them. Endpoints and keys are not among them: those belong to the daemon.
import * as vscode from 'vscode';
import type { PolicyName } from '../shared/protocol/chat.ts';
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

/** The editor's own network settings, of the user alone. A workspace is not asked: it could redirect every request. */
export function editorNetwork(): Pick<
  ClientOptions,
  'proxy' | 'noProxy' | 'systemCertificates' | 'strictCertificates'
> {
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

/** The model of this window's setting, if any. The daemon uses it where chat and profile name none. */
export function chosenModel(): { model?: string } {
  const model = configuration().get<string>('model')?.trim();
  return model ? { model } : {};
}

/** The profile to work in, by its name or id; undefined where the daemon knows it by the project. */
export function namedProfile(): string | undefined {
  return configuration().get<string>('profile')?.trim() || undefined;
}

/** The connection is made again with it. */
export async function setNamedProfile(name: string): Promise<void> {
  await updateWhereSet('profile', name);
}

export function isIndexEnabled(): boolean {
  return configuration().get<boolean>('index.enabled') !== false;
}

/** Whether findings are comments in the editor, beside being squiggles. */
export function areCommentsShown(): boolean {
  return configuration().get<boolean>('review.comments') !== false;
}

export async function setModel(model: string): Promise<void> {
  await updateWhereSet('model', model || undefined);
}

/** Writes to the workspace's settings where they name a value already, since that value would hold; else to the user's. */
async function updateWhereSet(
  setting: 'model' | 'profile' | 'completion.enabled' | 'completion.languages',
  value: string | boolean | LanguageSwitches | undefined,
): Promise<void> {
  const isWorkspaces = configuration().inspect(setting)?.workspaceValue !== undefined;
  const target = isWorkspaces ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await configuration().update(setting, value, target);
}

/** How a model is chosen for this window's requests; undefined where config.json decides. */
function routingPolicy(): PolicyName | undefined {
  return (configuration().get<PolicyName>('routing.policy')?.trim() as PolicyName) || undefined; // the daemon ignores what it does not know
}

/** Which of the settings names a policy. */
export function routingPolicyLevels(): { workspace?: PolicyName; user?: PolicyName } {
  const levels = configuration().inspect<PolicyName | ''>('routing.policy');
  const [workspace, user] = [levels?.workspaceFolderValue || levels?.workspaceValue, levels?.globalValue];
  return { ...(workspace && { workspace }), ...(user && { user }) };
}

export async function setRoutingPolicy(policy: PolicyName | '', target: vscode.ConfigurationTarget): Promise<void> {
  await configuration().update('routing.policy', policy || undefined, target);
}

export type BudgetSetting = 'dayUsd' | 'monthUsd';

/** The user's own setting, in US dollars. A workspace cannot set it: its scope is the machine. */
export function budgetSetting(name: BudgetSetting): number | undefined {
  const levels =
    name === 'dayUsd'
      ? configuration().inspect<number>('budgets.dayUsd')
      : configuration().inspect<number>('budgets.monthUsd');
  return typeof levels?.globalValue === 'number' ? levels.globalValue : undefined;
}

export async function setBudget(name: BudgetSetting, usd: number | undefined): Promise<void> {
  await configuration().update(`budgets.${name}`, usd, vscode.ConfigurationTarget.Global);
}

type LanguageSwitches = Record<string, boolean>;

/** What the user or the workspace says of completion: what they leave out, config.json decides. */
function completionSettings(files: ReadonlyMap<string, boolean>): ClientOptions['completion'] {
  const enabled = explicit(configuration().inspect<boolean>('completion.enabled'));
  const multiline = explicit(configuration().inspect<'auto' | 'never'>('completion.multiline'));
  const onBattery = explicit(configuration().inspect<boolean>('completion.onBattery'));
  const model = configuration().get<string>('completion.model')?.trim();
  return {
    ...(enabled !== undefined && { enabled }),
    ...(multiline !== undefined && { multiline }),
    ...(onBattery !== undefined && { onBattery }),
    ...(model && { model }),
    languages: configuration().get<LanguageSwitches>('completion.languages') ?? {},
    files: Object.fromEntries(files),
  };
}

type SettingLevels<T> = { globalValue?: T; workspaceValue?: T; workspaceFolderValue?: T } | undefined;

function explicit<T>(levels: SettingLevels<T>): T | undefined {
  return levels?.workspaceFolderValue ?? levels?.workspaceValue ?? levels?.globalValue;
}

export async function setCompletionEnabled(isEnabled: boolean): Promise<void> {
  await updateWhereSet('completion.enabled', isEnabled);
}

/** Takes back what the setting says of a language, where it says the contrary; else says it. */
export async function toggleCompletionLanguage(language: string, isOn: boolean): Promise<void> {
  const levels = configuration().inspect<LanguageSwitches>('completion.languages');
  const { [language]: before, ...others } = levels?.workspaceValue ?? levels?.globalValue ?? {};
  const isTakenBack = before === !isOn && isOn;
  await updateWhereSet('completion.languages', isTakenBack ? others : { ...others, [language]: isOn });
}

/** Sent to the daemon when a connection begins, and again when it changes, without a restart. `files`: where completion is on or off. */
export function sessionSettings(
  files: ReadonlyMap<string, boolean>,
): Pick<ClientOptions, 'policy' | 'budgets' | 'model' | 'completion'> {
  const [policy, dayUsd, monthUsd] = [routingPolicy(), budgetSetting('dayUsd'), budgetSetting('monthUsd')];
  return {
    ...chosenModel(),
    completion: completionSettings(files),
    ...(policy && { policy }),
    budgets: { ...(dayUsd !== undefined && { dayUsd }), ...(monthUsd !== undefined && { monthUsd }) },
  };
}

export function affectsSession(change: vscode.ConfigurationChangeEvent): boolean {
  return (
    change.affectsConfiguration('switchyard.model') ||
    change.affectsConfiguration('switchyard.completion') ||
    change.affectsConfiguration('switchyard.routing') ||
    change.affectsConfiguration('switchyard.budgets')
  );
}

const connectionSettings = ['node', 'localOnly', 'profile', 'index'];
const networkSettings = ['http.proxy', 'http.noProxy', 'http.systemCertificates', 'http.proxyStrictSSL'];

/** Whether a change needs a new connection. */
export function affectsConnection(change: vscode.ConfigurationChangeEvent): boolean {
  return (
    connectionSettings.some((name) => change.affectsConfiguration(`switchyard.${name}`)) ||
    networkSettings.some((name) => change.affectsConfiguration(name))
  );
}

function configuration(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration('switchyard');
}
