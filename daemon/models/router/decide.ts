// The rule by which a model is chosen. Pure: from a request and the candidates to a decision, or to the reason why
// there is none.
import type { Analysis } from './analyse.ts';
import { type FilterResult, filter } from './filter.ts';
import { type Policy, type PolicyName, policies, type RoutingConfig, type RoutingRule } from './policies.ts';
import { reasonFor } from './reasons.ts';
import type { Candidate, Decision, ModelSource, SelectRequest } from './router.ts';
import { type RankedCandidate, type RouterState, type ScoredCandidate, score, weightedScore } from './score.ts';

export type RoutingResult =
  | ChosenModel
  /** Nothing is configured at all. */
  | { kind: 'no-model' }
  /** The named model is not among the candidates. */
  | { kind: 'model-not-found'; id: string; known: string[] }
  /** There are models, but none that could answer this. */
  | { kind: 'no-able-model' | 'no-vision' | 'no-healthy-model'; models: { id: string; detail: string }[] };

export interface ChosenModel {
  kind: 'chosen';
  decision: Decision;
  candidate: Candidate;
  /** All able models, the best first. */
  ranked: RankedCandidate[];
  excluded: FilterResult['excluded'];
}

export interface DecideOptions {
  candidates: readonly Candidate[];
  /** Absent when the request's text is unknown. */
  analysis?: Analysis | undefined;
  routing: RoutingConfig;
  state?: RouterState;
}

export function decide(request: SelectRequest, { candidates, analysis, routing, state }: DecideOptions): RoutingResult {
  const policy = policies[routing.policy];
  const chats = candidates.filter(({ info }) => info.capabilities.chat !== false);
  const localOnly = policy.elsewhere === 'never' || request.localOnly === true;
  const { able, excluded } = filterFor(request, {
    candidates,
    analysis,
    localOnly,
    elsewhere: policy.elsewhere,
  });
  const ranked = rank(score(able, analysis, state), routing.policy);
  if (request.explicit !== undefined) return decideExplicitly(request, { candidates, analysis, ranked, excluded });
  if (chats.length === 0) return { kind: 'no-model' };
  const best = ranked[0];
  if (!best) return noModelFor(excluded);
  const choice = chooseByRule(request, routing, { analysis, ranked }) ??
    chooseLastModel(request, ranked) ?? {
      chosen: best,
      reason: reasonFor(best, { ranked, excluded, chats, analysis, policy: routing.policy, localOnly }),
      confidence: confidenceOf(ranked),
    };
  return resultOf(choice, ranked, excluded);
}

/**
 * A wish for JSON that was only read from the words rules no model out where none can be held to it, and sends nothing
 * to a cloud where the policy puts this machine first.
 */
function filterFor(
  { request, loadedOnly }: SelectRequest,
  {
    candidates,
    analysis,
    localOnly,
    elsewhere,
  }: {
    candidates: readonly Candidate[];
    analysis: Analysis | undefined;
    localOnly: boolean;
    elsewhere: Policy['elsewhere'];
  },
): FilterResult {
  const strict = filter(candidates, { analysis, localOnly, loadedOnly });
  if (!analysis?.needs.json || request?.needs?.json) return strict;
  const isMet = ({ able }: FilterResult): boolean =>
    able.some(({ provider }) => elsewhere !== 'last' || provider.local);
  if (isMet(strict)) return strict;
  const lenient = filter(candidates, {
    analysis: { ...analysis, needs: { ...analysis.needs, json: false } },
    localOnly,
    loadedOnly,
  });
  return isMet(lenient) || strict.able.length === 0 ? lenient : strict;
}

/**
 * The best first. Under a policy that puts models elsewhere last, no score lifts them over a local one. Equals keep
 * their order, but the cheapest of the best goes first.
 */
export function rank<
  S extends { parts: ScoredCandidate['parts']; candidate: { provider: { local: boolean } }; costUsd?: number },
>(scored: readonly S[], name: PolicyName): (S & { score: number })[] {
  const policy = policies[name];
  const place = ({ candidate }: S): number => Number(policy.elsewhere !== 'alike' && !candidate.provider.local);
  const ranked = scored
    .map((one) => ({ ...one, score: weightedScore(one.parts, policy) }))
    .toSorted((a, b) => place(a) - place(b) || b.score - a.score);
  return cheapestOfEqualsFirst(ranked, place);
}

/** Scores rest on guesses: a model this little below the best is its equal, and a price then decides. */
const equalWithin = 0.02;

function cheapestOfEqualsFirst<S extends { score: number; costUsd?: number }>(
  ranked: S[],
  place: (one: S) => number,
): S[] {
  const [best] = ranked;
  if (!best?.costUsd) return ranked;
  const equals = ranked.filter((one) => place(one) === place(best) && best.score - one.score <= equalWithin);
  const cheapest = equals.reduce((a, b) => ((b.costUsd ?? Number.POSITIVE_INFINITY) < (a.costUsd ?? 0) ? b : a));
  return cheapest === best ? ranked : [cheapest, ...ranked.filter((one) => one !== cheapest)];
}

interface NamedChoice {
  chosen: RankedCandidate;
  reason: string;
  confidence: number;
  source?: ModelSource;
}

/**
 * A model that the user named is tried even when it looks unfit, since the user may know better. A substitute is not.
 */
function decideExplicitly(
  { explicit: id = '', source = 'message', because }: SelectRequest,
  known: {
    candidates: readonly Candidate[];
    analysis: Analysis | undefined;
    ranked: RankedCandidate[];
    excluded: FilterResult['excluded'];
  },
): RoutingResult {
  const named = known.candidates.find((candidate) => candidate.id === id);
  if (!named)
    return known.candidates.length === 0
      ? { kind: 'no-model' }
      : { kind: 'model-not-found', id, known: known.ranked.map(({ candidate }) => candidate.id) };
  const obstacle = known.excluded.find(({ candidate }) => candidate === named);
  const [scored] = score([named], known.analysis);
  if (obstacle && because !== undefined) return noModelFor([obstacle]);
  const reason = because ?? `${namedBy[source]}${obstacle ? `, although ${clause(obstacle.reason)}` : ''}`;
  const entry = known.ranked.find(({ candidate }) => candidate === named) ?? (scored && { ...scored, score: 0 });
  if (!entry) return { kind: 'no-model' };
  return resultOf({ chosen: entry, reason, confidence: 1, source }, known.ranked, known.excluded);
}

const namedBy: Record<ModelSource, string> = {
  message: 'you chose it',
  chat: "this chat's model",
  profile: "this profile's model",
  workspace: 'set in your settings',
  policy: 'next in order',
};

/** The first of the user's own rules whose conditions hold and whose model is able. */
function chooseByRule(
  request: SelectRequest,
  { rules }: RoutingConfig,
  { analysis, ranked }: { analysis: Analysis | undefined; ranked: readonly RankedCandidate[] },
): NamedChoice | undefined {
  for (const rule of rules) {
    const entry = holds(rule, request, analysis)
      ? ranked.find(({ candidate }) => candidate.id === rule.use)
      : undefined;
    if (entry) return { chosen: entry, reason: `set by your rule for ${inWords(rule)}`, confidence: 1 };
  }
  return undefined;
}

function holds(
  { when }: RoutingRule,
  { task, request: routeRequest }: SelectRequest,
  analysis: Analysis | undefined,
): boolean {
  const { workspace = '', language } = routeRequest ?? {};
  return (
    (when.task === undefined || when.task === task || when.task === analysis?.task) &&
    (when.workspace === undefined || workspace === when.workspace || workspace.endsWith(`/${when.workspace}`)) &&
    (when.language === undefined || when.language === language)
  );
}

function inWords({ when }: RoutingRule): string {
  const parts = [
    when.task && `the task "${when.task}"`,
    when.language && `the language "${when.language}"`,
    when.workspace && `the workspace "${when.workspace}"`,
  ];
  return parts.filter(Boolean).join(', ') || 'every request';
}

/** A chat keeps the model that answered last while its score is at most this much below the best. */
const stickiness = 0.06;

function chooseLastModel({ request }: SelectRequest, ranked: readonly RankedCandidate[]): NamedChoice | undefined {
  const best = ranked[0];
  const last = ranked.find(({ candidate }) => candidate.id === request?.previous);
  if (
    !best ||
    !last ||
    last === best ||
    last.candidate.provider.local !== best.candidate.provider.local ||
    best.score - last.score > stickiness
  )
    return undefined;
  return {
    chosen: last,
    reason: 'it answered in this chat before, and no other model is clearly better',
    confidence: confidenceOf(ranked),
  };
}

function resultOf(
  { chosen: entry, reason, confidence, source = 'policy' }: NamedChoice,
  ranked: RankedCandidate[],
  excluded: FilterResult['excluded'],
): ChosenModel {
  const { candidate, costUsd } = entry;
  const alternatives = ranked.filter((other) => other.candidate !== candidate).map((other) => other.candidate.id);
  const decision = {
    model: candidate.id,
    provider: candidate.provider.name,
    reason,
    alternatives,
    confidence,
    source,
    ...(costUsd !== undefined && { estimatedCost: costUsd }),
  };
  return { kind: 'chosen', candidate, decision, ranked, excluded };
}

/**
 * 0.5 when the best two are equal, more with the distance between them. At most 0.9, since quality is mostly guessed.
 */
function confidenceOf([best, second]: readonly RankedCandidate[]): number {
  if (!best || !second) return 0.9;
  if (best.candidate.provider.local !== second.candidate.provider.local && best.score <= second.score) return 0.6;
  return Math.min(0.9, 0.5 + 2 * (best.score - second.score));
}

function noModelFor(excluded: FilterResult['excluded']): RoutingResult {
  const chats = excluded.filter(({ obstacle }) => obstacle !== 'not-chat');
  const unfit = chats.filter(({ obstacle }) => obstacle !== 'down' && obstacle !== 'no-key');
  const isBlind =
    unfit.some(({ obstacle }) => obstacle === 'no-vision') &&
    unfit.every(({ obstacle }) => obstacle === 'no-vision' || obstacle === 'elsewhere');
  return {
    kind: isBlind ? 'no-vision' : unfit.length > 0 ? 'no-able-model' : 'no-healthy-model',
    models: chats.map(({ candidate, reason }) => ({ id: candidate.id, detail: reason })),
  };
}

/** Makes a reason, which may be a sentence, part of another sentence. */
function clause(reason: string): string {
  return /^it /.test(reason) ? reason : `it may not answer (${reason.replace(/\.$/, '')})`;
}
