// Which model a review or an inline action is to use, and who says so: by the rule that holds for chats.
import { type EffectiveModel, effectiveModel } from '../features/profiles/model.ts';
import type { Services } from '../services.ts';
import type { Session } from '../sessions/session.ts';

/** `profile` is an id, or nobody's. Never fails: such work is worth doing without storage, and then no profile names a model. */
export async function meantModel(
  { profile, model }: { profile: string; model?: string | undefined },
  { session, services }: { session: Session; services: Services },
): Promise<EffectiveModel> {
  const ofProfile = await services.storage.profiles.find(profile).catch(() => undefined);
  return effectiveModel({ message: model, profile: ofProfile?.model, workspace: session.options.model });
}
