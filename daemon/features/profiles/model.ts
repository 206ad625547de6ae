// Which model is meant for a chat's next answer, and who said so. Pure: the one rule that every part asks.
import type { ModelSource } from '../../models/router/router.ts';

/** What each level names as `provider/model`; left out where it leaves the choice open. */
export interface ModelLevels {
  message?: string | null | undefined;
  chat?: string | null | undefined;
  profile?: string | null | undefined;
  /** The client's own setting for what it works in. */
  workspace?: string | null | undefined;
}

export interface EffectiveModel {
  /** Left out where the router's policy decides. */
  model?: string;
  source: ModelSource;
}

const nearestFirst = ['message', 'chat', 'profile', 'workspace'] as const;

/** The nearest level that names a model decides; where none does, the policy. An empty name is none. */
export function effectiveModel(levels: ModelLevels): EffectiveModel {
  const source = nearestFirst.find((level) => levels[level]);
  const model = source && levels[source];
  return source && model ? { model, source } : { source: 'policy' };
}
