// Wire <-> domain for what answers cost.
import type { CostsSummary } from '../../shared/protocol/costs.ts';
import type { Handler } from './handler.ts';

export const handleCostsSummary: Handler<typeof CostsSummary, 'costs'> = (
  { by, since, chatId },
  { services, profile },
) => services.costs.summary(profile, { by, ...(since && { since }), ...(chatId && { chat: chatId }) });
