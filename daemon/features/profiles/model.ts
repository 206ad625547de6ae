// Which model is chosen for a chat's next answer, and at which level. Pure, and the only place with this rule.
import type { ModelSource, SelectRequest } from '../../models/router/router.ts';

/** The model that each level names, as `provider/model`; left out where the level names none. */
export interface ModelLevels {
  message?: string | null | undefined;
  chat?: string | null | undefined;
  profile?: string | null | undefined;
  /** The client's setting for its workspace. */
  workspace?: string | null | undefined;
}

export interface EffectiveModel {
  /** Left out where the router's policy decides. */
  model?: string;
  source: ModelSource;
}

const nearestFirst = ['message', 'chat', 'profile', 'workspace'] as const;

/** The nearest level that names a model decides, else the policy. An empty name counts as none. */
export function effectiveModel(levels: ModelLevels): EffectiveModel {
  const source = nearestFirst.find((level) => levels[level]);
  const model = source && levels[source];
  return source && model ? { model, source } : { source: 'policy' };
}

type Policy = SelectRequest['policy'];

/** What a request asks for, else the setting of its window; one that stays on this machine is never lifted. */
export function effectivePolicy({ policy, windowPolicy }: { policy?: Policy; windowPolicy?: Policy }): Policy {
  return windowPolicy === 'local-only' ? windowPolicy : (policy ?? windowPolicy);
}
