// Wire <-> domain for the router: what would be chosen, what was, and what another policy would have chosen.
import type { Result } from '../../shared/protocol/define.ts';
import type {
  RecordedDecision,
  RouterAnalyze,
  RouterDecision,
  RouterDecisions,
  RouterOutcome,
  RouterReplay,
} from '../../shared/protocol/router.ts';
import type { RouteAnalysis } from '../models/router/create.ts';
import type { DecisionRecord, RecordedCandidate } from '../models/router/records.ts';
import type { RouteRequest } from '../models/router/router.ts';
import type { Handler } from './handler.ts';

export const handleRouterAnalyze: Handler<typeof RouterAnalyze, 'routing', 'own-or-none'> = async (
  { text, attachments = [], workspace, language },
  { session, services, profile, signal },
) => {
  const request: RouteRequest = {
    text,
    attachments: attachments.map(fromAttachment),
    ...(workspace && { workspace }),
    ...(language && { language }),
  };
  const options = { profile, signal, policy: session.options.policy };
  const { analysis, decision, excluded, problem, shadows } = await services.routing.analyse(request, options);
  const { tokens, complexity, task, needs, signals } = analysis;
  return {
    tokens,
    complexity,
    task,
    needs,
    signals,
    excluded,
    learned: shadows.map(toLearned),
    ...(decision && { decision }),
    ...(problem && { problem }),
  };
};

/** On the wire these are named as the first clients knew them. */
function toLearned({
  predicted,
  usesEmbedding,
  overall,
  recent,
  ...shadow
}: RouteAnalysis['shadows'][number]): Result<typeof RouterAnalyze>['learned'][number] {
  return { ...shadow, foretold: predicted, usesMeaning: usesEmbedding, overAll: overall, ofLate: recent };
}

function fromAttachment({
  kind,
  languageId,
  text,
}: {
  kind: string;
  languageId?: string | undefined;
  text?: string | undefined;
}) {
  return { kind, ...(languageId && { languageId }), ...(text && { text }) };
}

export const handleRouterDecisions: Handler<typeof RouterDecisions, 'routing'> = async (
  { since, limit },
  { services, profile },
) => {
  const records = await services.routing.decisions(profile, {
    ...(since !== undefined && { since }),
    ...(limit !== undefined && { limit }),
  });
  return { decisions: records.map(toDecision) };
};

export const handleRouterDecision: Handler<typeof RouterDecision, 'routing'> = async (
  { id },
  { services, profile },
) => ({
  decision: toDecision(await services.routing.decision(profile, id)),
});

export const handleRouterOutcome: Handler<typeof RouterOutcome, 'routing'> = async (
  { decisionId, thumbs, keptEdit },
  { services, profile, storage },
) => {
  const outcome = { ...(thumbs !== undefined && { thumbs }), ...(keptEdit !== undefined && { keptEdit }) };
  await services.routing.finish(decisionId, outcome, profile);
  if (typeof keptEdit === 'boolean') await storage.written.settle(decisionId, keptEdit);
  return {};
};

function toDecision({ id, at, model, policy, record, outcome }: DecisionRecord): RecordedDecision {
  const { explicit, reason, confidence, analysis, candidates, estimatedCostUsd } = record;
  const { costUsd, meaning: _, ...rest } = outcome ?? {}; // only the router reads a vector
  return {
    id,
    at,
    model,
    policy,
    explicit,
    reason,
    confidence,
    alternatives: candidates.filter((other) => !other.excluded && other.id !== model).map((other) => other.id),
    signals: analysis?.signals ?? [],
    candidates: candidates.map(toCandidate),
    ...(analysis && { tokens: analysis.tokens, complexity: analysis.complexity, task: analysis.task }),
    ...(estimatedCostUsd !== undefined && { estimatedCost: estimatedCostUsd }),
    ...(outcome && { outcome: { ...rest, ...(costUsd !== undefined && { cost: costUsd }) } }),
  };
}

function toCandidate({
  id,
  local,
  score,
  parts,
  costUsd,
  excluded,
}: RecordedCandidate): RecordedDecision['candidates'][number] {
  return {
    id,
    local,
    ...(score !== undefined && { score }),
    ...(parts && { parts }),
    ...(costUsd !== undefined && { cost: costUsd }),
    ...(excluded && { excluded: excluded.reason }),
  };
}

export const handleRouterReplay: Handler<typeof RouterReplay, 'routing'> = async (
  { policy, since },
  { services, profile },
) => {
  const { requests, costUsd, recordedUsd, unknownPrices, unanswered, changes, error } = await services.routing.replay(
    profile,
    { policy, ...(since !== undefined && { since }) },
  );
  const change = changes.map(({ costUsd: cost, ...rest }) => ({ ...rest, ...(cost !== undefined && { cost }) }));
  return {
    requests,
    cost: costUsd,
    recordedCost: recordedUsd,
    unknownPrices,
    unanswered,
    change,
    ...(error && { error }),
  };
};
