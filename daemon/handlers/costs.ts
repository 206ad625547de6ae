// Wire <-> domain for what answers cost.
import type { CostsSummary } from '../../shared/protocol/costs.ts';
import type { Params, Result } from '../../shared/protocol/define.ts';
import type { Costs } from '../costs/costs.ts';

type Needs = { services: { costs: Costs } };

export const handleCostsSummary = ({ by, since, chatId, profileId }: Params<typeof CostsSummary>, { services }: Needs): Promise<Result<typeof CostsSummary>> =>
  services.costs.summary({ by, ...(profileId && { profile: profileId }), ...(since && { since }), ...(chatId && { chat: chatId }) });
