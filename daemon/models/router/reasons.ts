// Why the policy chose a model, as a clause that people read: what spoke for it, and what the policy kept out.
import type { Analysis } from './analyse.ts';
import type { FilterResult } from './filter.ts';
import { type PolicyName, policies } from './policies.ts';
import type { Candidate } from './router.ts';
import type { RankedCandidate } from './score.ts';

interface ReasonFacts {
  /** All able models, the chosen one among them. */
  ranked: readonly RankedCandidate[];
  excluded: FilterResult['excluded'];
  /** All configured models that chat. */
  chats: readonly Candidate[];
  analysis: Analysis | undefined;
  policy: PolicyName;
  /** Whether models elsewhere are left out for this request. */
  localOnly: boolean;
}

export function reasonFor(chosen: RankedCandidate, facts: ReasonFacts): string {
  return facts.chats.length === 1 ? 'only configured model' : merit(chosen, facts) + keptOut(chosen, facts);
}

function merit(chosen: RankedCandidate, { ranked, excluded, chats, analysis, policy }: ReasonFacts): string {
  const forRequest = analysis
    ? ` for ${analysis.complexity === 'expert' ? 'an' : 'a'} ${analysis.complexity} ${analysis.task} request`
    : '';
  const { elsewhere, aim } = policies[policy];
  const isLocal = chosen.candidate.provider.local;
  if (elsewhere === 'last' && !isLocal) return `best match${forRequest}; ${whyNoneIsLocal(excluded)}`;
  if (isLocal && elsewhere !== 'alike') {
    if (ranked.filter(({ candidate }) => candidate.provider.local).length > 1)
      return `best match on this machine${forRequest}`;
    const isAlone = chats.filter(({ provider }) => provider.local).length === 1;
    return isAlone ? 'only model on this machine' : 'only model on this machine that can answer this now';
  }
  if (ranked.length === 1 || !aim) return 'only model that can answer this now';
  const isMost = ranked.every(({ parts }) => (parts[aim.part] ?? 0) <= (chosen.parts[aim.part] ?? 0));
  return `${isMost ? aim.most : aim.nearly}${forRequest}`;
}

function whyNoneIsLocal(excluded: FilterResult['excluded']): string {
  const [first, ...others] = excluded.filter(
    ({ candidate, obstacle }) => candidate.provider.local && obstacle !== 'not-chat',
  );
  if (!first) return 'no model runs on this machine';
  const more = others.length > 0 ? `, and ${others.length} more on this machine can't answer` : '';
  return ofModel(first) + more;
}

/** "it can't see pictures" as a clause about a named model. */
function ofModel({ candidate, reason }: FilterResult['excluded'][number]): string {
  const [, verb] = /^it (.*)/.exec(reason) ?? [];
  if (verb !== undefined) return `${candidate.id} ${verb}`;
  const [, noun] = /^its (.*)/.exec(reason) ?? [];
  return noun === undefined
    ? `${candidate.id} can't answer (${reason.replace(/\.$/, '')})`
    : `${candidate.id}'s ${noun}`;
}

/** Above this ratio a price is worth a word. */
const farCheaper = 100;
/** Another model's match is worth a word when it is this much better. Scores rest on guesses. */
const clearlyBetter = 0.15;

function keptOut(chosen: RankedCandidate, { ranked, excluded, policy, localOnly }: ReasonFacts): string {
  const elsewhere = excluded.filter(({ obstacle }) => obstacle === 'elsewhere');
  if (localOnly && elsewhere.length > 0)
    return `; cloud models aren't allowed (${listed(elsewhere.map(({ candidate }) => candidate.id))})`;
  const isLast = policies[policy].elsewhere === 'last' && chosen.candidate.provider.local;
  const better = isLast && ranked.find(({ score, candidate }) => score > chosen.score && !candidate.provider.local);
  if (better) return `; ${better.candidate.id} might suit better, but isn't on this machine`;
  return betterMatch(chosen, ranked, policy) ?? muchCheaper(chosen, ranked);
}

/** A model that suits the request better, where the policy looks for something else. */
function betterMatch(
  chosen: RankedCandidate,
  ranked: readonly RankedCandidate[],
  policy: PolicyName,
): string | undefined {
  const { aim } = policies[policy];
  if (!aim?.lacks) return undefined;
  const [best] = ranked.toSorted((a, b) => b.parts.match - a.parts.match);
  return best && best.parts.match - chosen.parts.match >= clearlyBetter
    ? `; ${best.candidate.id} might suit better, but ${aim.lacks}`
    : undefined;
}

function muchCheaper(chosen: RankedCandidate, ranked: readonly RankedCandidate[]): string {
  const [cheapest] = ranked
    .filter(({ costUsd = 0 }) => costUsd > 0)
    .toSorted((a, b) => (a.costUsd ?? 0) - (b.costUsd ?? 0));
  const ratio = (chosen.costUsd ?? 0) / (cheapest?.costUsd ?? Number.POSITIVE_INFINITY);
  return cheapest && ratio >= farCheaper
    ? `; costs ${Math.round(ratio)} times as much as ${cheapest.candidate.id}`
    : '';
}

const maxListed = 3;

function listed(ids: readonly string[]): string {
  return ids.length > maxListed
    ? `${ids.slice(0, maxListed).join(', ')} and ${ids.length - maxListed} more`
    : ids.join(', ');
}
