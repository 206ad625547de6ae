// What is known of the models' state, as data for lists and as sentences for people. Pure.
import { timeOfDay } from './clock.ts';

/** What is known of one model under one key. Times are milliseconds since the epoch, as the machine's clock says now. */
export interface ModelCondition {
  /** `provider/model` */
  model: string;
  provider: string;
  /** Tells keys apart without showing them; empty where there is none. */
  key: string;
  /** `open`: left alone until `nextProbeAt`; `half-open`: one request tries it now. */
  state: 'closed' | 'open' | 'half-open';
  openedAt?: number;
  nextProbeAt?: number;
  /** The provider has asked to be left alone until then. Left out once that is past. */
  pausedUntil?: number;
  lastError?: { code: string; message: string; at: number };
  /** Requests to the whole provider that run, and that wait for a place. */
  running: number;
  waiting: number;
}

/** `down` where a request would be refused now under each key that was tried. */
export function healthOf(
  conditions: readonly ModelCondition[],
  now: number,
): { state: 'down'; detail: string } | undefined {
  const sentences = conditions.map((condition) => sentenceAgainst(condition, now));
  const [detail] = sentences;
  return detail && !sentences.includes(undefined) ? { state: 'down', detail } : undefined;
}

/** Why a model cannot be asked now, and from when it can; undefined where it can. */
function sentenceAgainst(
  { model, state, pausedUntil = 0, nextProbeAt = 0, lastError }: ModelCondition,
  now: number,
): string | undefined {
  if (pausedUntil > now) return `${model} asked for a pause until ${timeOfDay(pausedUntil, now)}.`;
  if (state === 'closed' || (state === 'open' && nextProbeAt <= now)) return undefined;
  const last = lastError ? ` The last error: ${lastError.message}` : '';
  if (state === 'half-open') return `${model} failed several times in a row, and one request is trying it now.${last}`;
  return `${model} failed several times in a row and isn't asked again until ${timeOfDay(nextProbeAt, now)}.${last}`;
}
