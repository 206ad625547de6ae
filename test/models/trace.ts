// Who of several that share one model got its next piece of text when: two windows that chat, a review that reads a long prompt, and a
// completion that comes in between. Counts, not times, so that it says the same on any machine.
import type { HostInference } from '../../daemon/models/inference/client.ts';
import type { InferenceChat, InferencePart } from '../../daemon/models/inference/inference.ts';

export interface TraceEvent {
  who: string;
  what: 'asked' | InferencePart['kind'];
}

const names = ['window 1', 'window 2', 'review', 'completion'] as const;
const never = new AbortController().signal;
const story = 'Tell me a long story of a lighthouse keeper, with many details, in twenty paragraphs.';
const code = 'export function add(a: number, b: number): number {\n  return a - b;\n}\n';

const checks = Array.from({ length: 20 }, (_, i) => `check${i + 1}`);
const findings = {
  type: 'object',
  properties: Object.fromEntries(checks.map((check) => [check, { type: 'boolean' }])),
  required: checks,
  additionalProperties: false,
};

/** The windows are answered when the review is asked for, and the review has begun to answer when the completion is. */
export async function recordTrace(inference: HostInference, path: string): Promise<TraceEvent[]> {
  const trace: TraceEvent[] = [];
  const begun = new Map(names.map((name) => [name as string, Promise.withResolvers<void>()]));
  const ask = async (who: string, content: string, rest: Partial<InferenceChat>): Promise<void> => {
    trace.push({ who, what: 'asked' });
    const chat = { path, messages: [{ role: 'user', content }] as const, owner: 'trace', key: who, ...rest };
    for await (const { kind } of inference.chat(chat, never)) {
      trace.push({ who, what: kind });
      if (kind === 'text') begun.get(who)?.resolve();
    }
  };
  const windows = [
    ask('window 1', story, { maxOutputTokens: 300 }),
    ask('window 2', `Please: ${story}`, { maxOutputTokens: 300 }),
  ];
  await Promise.all(['window 1', 'window 2'].map((who) => begun.get(who)?.promise));
  const review = ask('review', `Review this file.\n${code.repeat(25)}`, {
    priority: 'steady',
    maxOutputTokens: 60,
    jsonSchema: findings, // so that it's as long as that whatever the model draws
  });
  await begun.get('review')?.promise;
  const completion = ask('completion', `Complete: ${code}export function sub(`, {
    priority: 'completion',
    latest: 'file.ts',
    maxOutputTokens: 16,
  });
  await Promise.all([...windows, review, completion]);
  return trace;
}

/** How many pieces of text each got between two events. */
export function sharesOf(trace: readonly TraceEvent[], from: TraceEvent, to: TraceEvent): Record<string, number> {
  const indexOf = ({ who, what }: TraceEvent): number =>
    trace.findIndex((event) => event.who === who && event.what === what);
  const between = trace.slice(indexOf(from), indexOf(to)).filter(({ what }) => what === 'text');
  return Object.fromEntries(names.map((name) => [name, between.filter(({ who }) => who === name).length]));
}

/** The most pieces that the others got between two of the same answer. */
export function longestPauses(trace: readonly TraceEvent[]): Record<string, number> {
  const pauses = names.map((name) => {
    const places = trace.flatMap(({ who, what }, i) => (who === name && what === 'text' ? [i] : []));
    return [name, Math.max(0, ...places.map((place, i) => place - (places[i - 1] ?? place) - 1))] as const;
  });
  return Object.fromEntries(pauses);
}
