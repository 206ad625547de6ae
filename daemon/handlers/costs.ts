// Wire <-> domain for what answers cost.
import type { CostsSummary } from '../../shared/protocol/costs.ts';
import type { Handler } from './handler.ts';

export const handleCostsSummary: Handler<typeof CostsSummary, 'costs'> = async (
  { by, since, chatId },
  { services, profile, storage },
) => {
  const asked = { by, ...(since && { since }), ...(chatId && { chat: chatId }) };
  const [summary, wasteUsd] = await Promise.all([
    services.costs.summary(profile, asked),
    chatId === undefined ? storage.jobs.waste(since === undefined ? 0 : Date.parse(`${since}T00:00`)) : undefined,
  ]);
  return { ...summary, ...(wasteUsd !== undefined && { wasteUsd }) };
};
