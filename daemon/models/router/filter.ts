// Which models could answer a request at all, and for each of the others why not. A list of models shows these reasons.
import type { Analysis } from './analyse.ts';
import type { Candidate } from './router.ts';

export type Obstacle =
  | 'no-key'
  | 'down'
  | 'not-chat'
  | 'no-vision'
  | 'no-tools'
  | 'no-json'
  | 'too-small'
  | 'elsewhere'
  | 'not-loaded';

interface Exclusion {
  obstacle: Obstacle;
  /** A clause about the model: "it can't see pictures". */
  reason: string;
}

export interface FilterResult {
  able: Candidate[];
  excluded: (Exclusion & { candidate: Candidate })[];
}

interface FilterRequest {
  analysis?: Analysis | undefined;
  localOnly: boolean;
  loadedOnly?: boolean | undefined;
}

export function filter(candidates: readonly Candidate[], request: FilterRequest): FilterResult {
  const result: FilterResult = { able: [], excluded: [] };
  for (const candidate of candidates) {
    const exclusion = exclusionOf(candidate, request);
    if (exclusion) result.excluded.push({ candidate, ...exclusion });
    else result.able.push(candidate);
  }
  return result;
}

const needsServer = "it needs llama.cpp's llama-server to see pictures (`switchyard doctor` says more)";

/** The first obstacle. A capability that is not stated counts as present. */
function exclusionOf(
  { info, provider, health }: Candidate,
  { analysis, localOnly, loadedOnly }: FilterRequest,
): Exclusion | undefined {
  const { capabilities, contextTokens } = info;
  const needs = analysis?.needs;
  if (capabilities.chat === false) return { obstacle: 'not-chat', reason: "it isn't a chat model" };
  if (localOnly && !provider.local)
    return { obstacle: 'elsewhere', reason: "it's a cloud model, and only local models are allowed" };
  if (loadedOnly && !(provider.local && info.loaded))
    return { obstacle: 'not-loaded', reason: "it isn't loaded on this machine" };
  if (health.state === 'absent') return { obstacle: 'no-key', reason: health.detail ?? 'it has no API key' };
  if (health.state === 'down') return { obstacle: 'down', reason: health.detail ?? "it isn't responding" };
  if (needs?.vision && capabilities.vision === false)
    return { obstacle: 'no-vision', reason: info.whyBlind ? needsServer : "it can't see pictures" };
  if (needs?.tools && capabilities.tools === false) return { obstacle: 'no-tools', reason: "it can't use tools" };
  if (needs?.json && capabilities.jsonSchema === false)
    return { obstacle: 'no-json', reason: "it can't return strict JSON" };
  if (needs && contextTokens !== undefined && needs.contextTokens > contextTokens) {
    return {
      obstacle: 'too-small',
      reason: `its context window is ${inWords(contextTokens)} tokens, and this needs about ${inWords(needs.contextTokens)}`,
    };
  }
  return undefined;
}

function inWords(tokens: number): string {
  return tokens.toLocaleString('en-US');
}
