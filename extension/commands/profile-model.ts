// Chooses the model of a profile: for its reviews, code actions, and chats that name none. It goes before the setting `switchyard.model`.
import * as vscode from 'vscode';
import { ModelsList } from '../../shared/protocol/models.ts';
import { type Profile, ProfileUpdate } from '../../shared/protocol/profiles.ts';
import type { Context } from '../context.ts';
import { modelItems } from '../logic/model-items.ts';
import { window } from '../window.ts';
import { toModelRow } from './choose-model.ts';

export async function chooseProfileModel(ctx: Context, { id: profileId, name, model }: Profile): Promise<void> {
  const { models } = await ctx.daemon.call(ModelsList, {});
  const rows = modelItems(models, model ?? '', vscode.l10n.t).map(toModelRow);
  const picked = await window.showQuickPick(rows, {
    title: vscode.l10n.t('Switchyard: model for the profile "{0}"', name),
    placeHolder: 'For its reviews, code actions, and chats without their own model',
    matchOnDetail: true,
  });
  if (picked?.id === undefined) return;
  await ctx.daemon.call(ProfileUpdate, { profileId, model: picked.id || null });
}
