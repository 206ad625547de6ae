// Switches this window to another profile; creates, renames and deletes profiles. Each keeps its chats, findings and costs apart.
import * as vscode from 'vscode';
import {
  type Profile,
  ProfileCreate,
  ProfileDelete,
  ProfileList,
  ProfileUpdate,
  ProfileUse,
} from '../../shared/protocol/profiles.ts';
import type { Context } from '../context.ts';
import { DaemonError } from '../daemon-client.ts';
import { withoutIcons } from '../logic/without-icons.ts';
import { namedProfile, setNamedProfile } from '../settings.ts';
import { shownRows, window } from '../window.ts';
import { chooseProfileModel } from './profile-model.ts';

const buttons = {
  rename: { iconPath: new vscode.ThemeIcon('edit'), tooltip: vscode.l10n.t('Rename') },
  model: { iconPath: new vscode.ThemeIcon('sparkle'), tooltip: vscode.l10n.t('Model of this profile') },
  delete: { iconPath: new vscode.ThemeIcon('trash'), tooltip: vscode.l10n.t('Delete') },
};
const buttonKinds = ['rename', 'model', 'delete'] as const satisfies readonly (keyof typeof buttons)[];

interface ProfileRow extends vscode.QuickPickItem {
  /** None is a new one. */
  profile?: Profile;
}

type ProfileChoice =
  | { kind: 'switch'; profile: Profile }
  | { kind: 'create' }
  | { kind: 'rename' | 'model' | 'delete'; profile: Profile };

export async function switchProfile(ctx: Context): Promise<void> {
  const known = await listProfiles(ctx);
  const choice = known && (await pick(known));
  if (!choice) return;
  if (choice.kind === 'create') return create(ctx);
  if (choice.kind === 'switch') return work(ctx, choice.profile, known?.current);
  if (choice.kind === 'rename') await rename(ctx, choice.profile);
  else if (choice.kind === 'model') await chooseProfileModel(ctx, choice.profile);
  else await remove(ctx, choice.profile);
  ctx.chat.profileChanged();
  ctx.history.reload();
}

/** A setting that names a deleted profile makes every request fail, this list included, so it is offered to be cleared first. */
async function listProfiles(ctx: Context): Promise<{ profiles: Profile[]; current: string } | undefined> {
  try {
    return await ctx.daemon.call(ProfileList, {});
  } catch (error) {
    if (!(error instanceof DaemonError && error.code === 'profile-not-found')) throw error;
    const button = await window.showErrorMessage(
      `${error.message} ${vscode.l10n.t('The setting "switchyard.profile" names "{0}".', namedProfile() ?? '')}`,
      'Clear the Setting',
    );
    if (button) await setNamedProfile('');
    return undefined;
  }
}

function pick({
  profiles,
  current,
}: {
  profiles: readonly Profile[];
  current: string;
}): Promise<ProfileChoice | undefined> {
  const list = vscode.window.createQuickPick<ProfileRow>();
  const { promise, resolve } = Promise.withResolvers<ProfileChoice | undefined>();
  list.title = vscode.l10n.t('Switchyard: which profile?');
  list.placeholder = vscode.l10n.t("Profiles are isolated: chats, findings, and costs aren't shared between them");
  list.items = shownRows([
    ...profiles.map((profile) => toRow(profile, current)),
    { label: '$(add) New Profile…', alwaysShow: true },
  ]);
  list.activeItems = list.items.filter(({ profile }) => profile?.id === current);
  list.onDidAccept(() => {
    const [row] = list.selectedItems;
    resolve(row && (row.profile ? { kind: 'switch', profile: row.profile } : { kind: 'create' }));
    list.hide();
  });
  list.onDidTriggerItemButton(({ button, item: { profile } }) => {
    const kind = buttonKinds.find((one) => buttons[one] === button);
    if (profile && kind) resolve({ kind, profile });
    list.hide();
  });
  list.onDidHide(() => resolve(undefined));
  list.show();
  return promise.finally(() => list.dispose());
}

function toRow(profile: Profile, current: string): ProfileRow {
  const isCurrent = profile.id === current;
  return {
    profile,
    label: `$(${isCurrent ? 'circle-filled' : 'circle-outline'}) ${withoutIcons(profile.name)}`,
    description: isCurrent ? 'used in this window' : '',
    detail: profile.model
      ? vscode.l10n.t('{0}, for chats without their own model', profile.model)
      : 'The router chooses the model',
    // The first profile cannot be deleted, and one that is in use should not be.
    buttons: [buttons.rename, buttons.model, ...(isCurrent ? [] : [buttons.delete])],
  };
}

async function create(ctx: Context): Promise<void> {
  const name = await askName(vscode.l10n.t('Switchyard: name of the new profile'), '');
  if (!name) return;
  const { profile } = await ctx.daemon.call(ProfileCreate, { name });
  await work(ctx, profile, undefined);
}

/** In a folder the choice holds for its project and all clones of it, else for this window alone. */
async function work(ctx: Context, { id, name }: Profile, current: string | undefined): Promise<void> {
  if (id === current) return;
  const hasFolder = (vscode.workspace.workspaceFolders?.length ?? 0) > 0;
  const isBySetting = namedProfile() !== undefined;
  await ctx.daemon.call(ProfileUse, { profile: id, bind: hasFolder && !isBySetting });
  if (isBySetting) await setNamedProfile(name);
  ctx.chat.profileChanged();
  ctx.history.reload();
  const where = hasFolder ? 'Applies to this project whenever you open it.' : 'Applies until you close this window.';
  const until = isBySetting ? 'Set by "switchyard.profile" in your settings.' : where;
  void window.showInformationMessage(
    `${vscode.l10n.t('This window now uses the profile "{0}".', name)} ${vscode.l10n.t(until)}`,
  );
}

async function rename(ctx: Context, { id, name }: Profile): Promise<void> {
  const wanted = await askName(vscode.l10n.t('Switchyard: new name of the profile'), name);
  if (!wanted || wanted === name) return;
  await ctx.daemon.call(ProfileUpdate, { profileId: id, name: wanted });
  if (namedProfile() === name) await setNamedProfile(wanted);
}

/** What is deleted cannot be had back, so its name is typed. */
async function remove(ctx: Context, { id, name }: Profile): Promise<void> {
  const confirm = await window.showInputBox({
    title: vscode.l10n.t('Switchyard: delete the profile "{0}"?', name),
    prompt: vscode.l10n.t(
      'Its chats, findings, projects, and costs are permanently deleted. Type "{0}" to delete them.',
      name,
    ),
    placeHolder: name,
    validateInput: (value) =>
      value === '' || value === name ? undefined : vscode.l10n.t('Type "{0}", or press Escape to keep it.', name),
  });
  if (confirm !== name) return;
  await ctx.daemon.call(ProfileDelete, { profileId: id, confirm });
  void window.showInformationMessage(vscode.l10n.t('The profile "{0}" was deleted.', name));
}

async function askName(title: string, value: string): Promise<string | undefined> {
  const validateInput = (name: string): string | undefined =>
    name.trim().length > 100 ? vscode.l10n.t('At most 100 characters') : undefined;
  return (await window.showInputBox({ title, value, validateInput }))?.trim();
}
