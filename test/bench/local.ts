// Chats that share a model on this machine: how much of a prompt is read again when they take turns, and what a window waits for while
// another one is answered, and a trace of several at once. SWITCHYARD_BENCH_MODEL names a GGUF file; without it, a tiny one with random
// weights is made.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInference, type HostInference } from '../../daemon/models/inference/client.ts';
import type { InferenceMessage } from '../../daemon/models/inference/inference.ts';
import { writeRandomModel } from '../fakes/gguf.ts';
import { longestPauses, recordTrace, sharesOf, type TraceEvent } from '../models/trace.ts';
import { type RoundOptions, takeTurns } from './kit/measure.ts';
import type { Result } from './kit/report.ts';

const never = new AbortController().signal;
const system: InferenceMessage = { role: 'system', content: 'You are a careful helper of developers. '.repeat(10) };
const question = 'What is a list in Python, and how do I sort it by two keys? ';
const hostPath = fileURLToPath(new URL('../../daemon/models/inference/host.ts', import.meta.url));

export async function run(options: RoundOptions): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  try {
    return await measure(folder, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, options: RoundOptions): Promise<Result> {
  const named = process.env['SWITCHYARD_BENCH_MODEL'];
  const path = named ?? join(folder, 'random.gguf');
  if (!named) writeRandomModel(path, { contextTokens: 8192 });
  const open = () => createInference({ hostPath, statesFolder: join(folder, 'states') });
  let inference = open();
  const alternating = async (chats: number): Promise<number> => {
    const turns = Array.from({ length: chats }, (_, i) => openChat(inference, path, `${chats} chats, ${i}`));
    const shares: number[] = [];
    for (let round = 0; round < 5; round++)
      for (const turn of turns) {
        const share = await turn();
        if (round > 0) shares.push(share);
      }
    return mean(shares);
  };
  const [two, four, seven] = [await alternating(2), await alternating(4), await alternating(7)];
  await openChat(inference, path, 'before the end')();
  await inference[Symbol.asyncDispose]();
  inference = open();
  const restarted = await openChat(inference, path, 'before the end')(); // the same question: all but its last token was read
  const { idle, beside } = await takeTurns(
    { idle: () => firstText(inference, path), beside: () => besideAnother(inference, path) },
    { warmUp: 1, ...options },
  );
  const trace = await recordTrace(inference, path);
  await inference[Symbol.asyncDispose]();
  const share = (what: string, value: number, atMost: number) => ({
    what,
    unit: '%' as const,
    rounds: [[value * 100]],
    goal: { of: 'value' as const, atMost },
  });
  return {
    rows: [
      share('new text read again, two chats in turn', two, 10),
      share('four chats in turn', four, 10),
      share('seven chats in turn, more than slots', seven, 10),
      share('after a restart', restarted, 5),
      { what: 'first text, idle model', unit: 'ms', rounds: idle },
      {
        what: 'first text while another window is answered',
        unit: 'ms',
        rounds: beside,
        against: { what: 'an idle model', rounds: idle },
        goal: { of: 'ratio', atMost: 3 },
      },
    ],
    notes: [`model: ${basename(path)}`, ...traceNotes(trace)],
  };
}

/** Two windows, a review and a completion at once: pieces of text that each got, as nobody is to stand still. */
function traceNotes(trace: readonly TraceEvent[]): string[] {
  const told = (counts: Record<string, number>): string =>
    Object.entries(counts)
      .map(([who, count]) => `${who} ${count}`)
      .join(', ');
  const of = (who: string, from: TraceEvent['what'], to: TraceEvent['what']): string =>
    told(sharesOf(trace, { who, what: from }, { who, what: to }));
  return [
    `pieces of text while the review reads its prompt: ${of('review', 'asked', 'text')}`,
    `pieces of text until the completion has ended: ${of('completion', 'asked', 'finish')}`,
    `most pieces of others between two of one: ${told(longestPauses(trace))}`,
    `finished in this order: ${trace.flatMap(({ who, what }) => (what === 'finish' ? [who] : [])).join(', ')}`,
  ];
}

/** A chat; each turn resolves with the share of its prompt that was read although an earlier turn had read or written it. */
function openChat(inference: HostInference, path: string, key: string): () => Promise<number> {
  const messages: InferenceMessage[] = [system];
  let known = 0;
  return async () => {
    messages.push({ role: 'user', content: question });
    let text = '';
    let share = 0;
    const asked = { path, messages: [...messages], owner: 'bench', key, maxOutputTokens: 24, temperature: 0 };
    for await (const part of inference.chat(asked, never)) {
      if (part.kind === 'text') text += part.text;
      if (part.kind !== 'finish') continue;
      share = Math.max(0, known - part.cachedTokens) / part.inputTokens;
      if (known === 0) share = 1 - part.cachedTokens / part.inputTokens;
      known = part.inputTokens;
    }
    messages.push({ role: 'assistant', content: text });
    return share;
  };
}

async function firstText(inference: HostInference, path: string): Promise<number> {
  const started = performance.now();
  const messages = [system, { role: 'user', content: `${question}${started}` }] as const;
  for await (const part of inference.chat({ path, messages, owner: 'bench', maxOutputTokens: 24 }, never))
    if (part.kind === 'text') break;
  return performance.now() - started;
}

async function besideAnother(inference: HostInference, path: string): Promise<number> {
  const messages = [system, { role: 'user', content: 'Tell a long story.' }] as const;
  const other = inference.chat({ path, messages, owner: 'other', maxOutputTokens: 2000 }, never);
  const reading = other[Symbol.asyncIterator]();
  await reading.next();
  const took = await firstText(inference, path);
  await reading.return?.();
  return took;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
