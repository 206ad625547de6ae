// The assumed quality and speed of a model that was not measured here, guessed from its name and size. The catalogue's
// quality replaces the guess where there is one, and the user's own outcomes do where there are enough.
import type { Candidate } from './router.ts';

export interface ModelTraits {
  /** 0 to 1. */
  quality: number;
  /** 0 to 1. */
  speed: number;
}

const unknown: ModelTraits = { quality: 0.5, speed: 0.5 };

/**
 * Words in names that providers use for the small, the middle and the large of a family. The first row that matches
 * holds.
 */
const byWord: readonly (ModelTraits & { pattern: RegExp })[] = [
  { pattern: /\b(?:nano|tiny|lite|smol\w*)\b/i, quality: 0.35, speed: 0.95 },
  { pattern: /\b(?:mini|small|haiku|flash|fast|instant)\b/i, quality: 0.6, speed: 0.85 },
  { pattern: /\b(?:opus|ultra|pro|max|large|o[1-9])\b/i, quality: 0.92, speed: 0.35 },
  { pattern: /\b(?:sonnet|medium|gpt-[4-9]\S*|grok-[2-9]\S*|gemini|claude)\b/i, quality: 0.85, speed: 0.55 },
];

export function traitsOf({ info, provider }: Candidate): ModelTraits {
  const guessed = bySize(info.name, provider.local) ?? byWord.find(({ pattern }) => pattern.test(info.name)) ?? unknown;
  return { quality: info.quality ?? guessed.quality, speed: guessed.speed };
}

/**
 * "7b", "0.5B", "8x7b": billions of parameters. Quality grows with their logarithm; speed falls with it, on this
 * machine most.
 */
function bySize(name: string, local: boolean): ModelTraits | undefined {
  const [, experts = '1', size] = /(?:^|[^a-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)b(?![a-z])/i.exec(name) ?? [];
  if (size === undefined) return undefined;
  const doublings = Math.log2(Number(experts) * Number(size));
  return {
    quality: within(0.35 + 0.07 * doublings),
    speed: within(local ? 0.85 - 0.1 * doublings : 0.95 - 0.05 * doublings),
  };
}

function within(value: number): number {
  return Math.min(0.95, Math.max(0.05, value));
}
