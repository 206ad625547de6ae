// Wire <-> domain for what answers cost.
import type { CostsSummary } from '../../shared/protocol/costs.ts';
import type { Params, Result } from '../../shared/protocol/define.ts';
import type { Costs } from '../models/costs/costs.ts';
import type { SessionProfiles, SessionView } from '../sessions/session-profile.ts';
import { ownProfile } from './own-profile.ts';

type Needs = { session: SessionView; services: { costs: Costs; sessionProfiles: SessionProfiles } };

export const handleCostsSummary = async (
  { by, since, chatId, profileId }: Params<typeof CostsSummary>,
  call: Needs,
): Promise<Result<typeof CostsSummary>> =>
  call.services.costs.summary(await ownProfile(call, profileId), {
    by,
    ...(since && { since }),
    ...(chatId && { chat: chatId }),
  });
