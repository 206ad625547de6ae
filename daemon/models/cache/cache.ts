// Answers kept for a while, so that the same question is not paid for twice. In memory only: the chats hold these answers anyway.
import { LRUCache } from 'lru-cache';
import type { FinishReason, Usage } from '../providers/provider.ts';
import type { CacheKey } from './key.ts';

export interface CachedAnswer {
  text: string;
  reasoning?: string;
  /** `provider/model` that wrote it. */
  model: string;
  /** What it used when it was written; a hit uses nothing. */
  usage: Usage;
  finishReason: FinishReason;
  usedTools: boolean;
  /** Milliseconds since the epoch when it was written. */
  at: number;
}

/** Lives as long as the daemon. */
export interface AnswerCache {
  get(key: CacheKey): CachedAnswer | undefined;
  /** Keeps whole answers only. An answer that was cut short is not kept, nor one made with tools, which may see something else next time. */
  put(key: CacheKey, answer: CachedAnswer): void;
  /** Forgets the answers of a profile, or all of them. */
  clear(profile?: string): void;
}

export interface CacheLimits {
  entries: number;
  bytes: number;
}

const defaultLimits: CacheLimits = { entries: 1000, bytes: 32 * 1024 * 1024 };

export function createAnswerCache({
  now,
  limits = defaultLimits,
}: {
  now(): number;
  limits?: CacheLimits;
}): AnswerCache {
  const entries = new LRUCache<string, CacheEntry>({
    max: limits.entries,
    maxSize: limits.bytes, // an entry that is larger by itself is not taken in
    sizeCalculation: bytesOf,
  });
  return {
    get(key) {
      const entry = entries.get(key.hash);
      if (entry && entry.answer.at + key.lifeMs > now()) return entry.answer;
      entries.delete(key.hash);
      return undefined;
    },
    put(key, answer) {
      if (answer.finishReason === 'stop' && !answer.usedTools && answer.text !== '')
        entries.set(key.hash, { profile: key.profile, answer });
    },
    clear(profile) {
      for (const [hash, entry] of [...entries])
        if (profile === undefined || entry.profile === profile) entries.delete(hash);
    },
  };
}

/** The note under an answer that came from the cache. */
export function cachedNote({ model, at }: CachedAnswer, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  const ago = minutes < 1 ? 'less than a minute ago' : `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ago`;
  return `From the cache: ${model} answered the same question ${ago}. No cost this time. To ask the model, try again.`;
}

interface CacheEntry {
  profile: string;
  answer: CachedAnswer;
}

const bytesPerCharacter = 2; // JavaScript's strings are UTF-16
const bytesBeside = 500; // the hash, the numbers and the objects around them

function bytesOf({ answer }: CacheEntry): number {
  return bytesBeside + bytesPerCharacter * (answer.text.length + (answer.reasoning?.length ?? 0));
}
