// Models of this machine beside llama.cpp's own programs, built from the same sources: generating at equal threads and with the count that we
// measure, on a quiet machine and with a core taken; the first text behind a cached beginning; embedding; the border of our process; and
// whether prompts and greedy answers are llama-server's. On a GPU, and where those programs can't be built, our own numbers alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LocalSettings } from '../../../daemon/base/config/local-settings.ts';
import { createInference, type HostInference } from '../../../daemon/models/inference/client.ts';
import { InferenceError } from '../../../daemon/models/inference/inference.ts';
import { smallestModel } from '../../models/smallest-model.ts';
import { type Arm, above, median, type RoundOptions, type Rounds, takeTurns, timed } from '../kit/measure.ts';
import type { Result, Row } from '../kit/report.ts';
import { embeddingRows } from './embedding.ts';
import { findLlamaCpp, LlamaCpp } from './llama-cpp.ts';
import { rawMsPerToken } from './raw.ts';
import { sameness } from './sameness.ts';
import { type shapes, writeShape } from './shapes.ts';

const never = new AbortController().signal;
const hostPath = fileURLToPath(new URL('../../../daemon/models/inference/host.ts', import.meta.url));
const cores = availableParallelism();
/** Long enough for the count of threads to settle, and short enough for a model of 1.5B. */
const answerTokens = 96;

export async function run(options: RoundOptions): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  try {
    return await new Comparison(folder, { warmUp: 1, ...options }).run();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lives as long as a run. */
class Comparison {
  readonly #folder: string;
  readonly #options: RoundOptions;
  readonly #notes: string[] = [];
  #llamaCpp: LlamaCpp | undefined;

  constructor(folder: string, options: RoundOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  async run(): Promise<Result> {
    const small = await this.#smallModel();
    const found = findLlamaCpp();
    if (found instanceof LlamaCpp) this.#llamaCpp = found;
    else this.#notes.push(found.missing);
    const { detail, gpu } = await probe();
    this.#notes.push(`ours: ${detail}`);
    if (gpu !== undefined) this.#notes.push('The reference is built for the processor alone, so it is left out.');
    if (gpu !== undefined) this.#llamaCpp = undefined;

    const llamaCpp = this.#llamaCpp;
    const parts: Record<string, () => Promise<Row[]>> = {
      generating: () => this.#generating(basename(small, '.gguf'), small),
      '0.5B': () => this.#generatingAs('0.5B'),
      '1.5B': () => this.#generatingAs('1.5B'),
      prefix: () => this.#cachedPrefix(small),
      border: () => this.#border(small),
      embedding: () => embeddingRows(llamaCpp, hostPath, this.#options),
      guesses: async () => (llamaCpp ? this.#guesses(llamaCpp, small) : []),
      sameness: async () => (llamaCpp ? sameness(llamaCpp, small, hostPath) : []),
    };
    const rows: Row[] = [];
    for (const name of process.env['SWITCHYARD_BENCH_PARTS']?.split(',') ?? Object.keys(parts)) {
      const part = parts[name];
      if (!part) throw new Error(`There is no part ${name}: ${Object.keys(parts).join(', ')}.`);
      rows.push(...(await part()));
    }
    return { rows, notes: this.#notes };
  }

  async #smallModel(): Promise<string> {
    return process.env['SWITCHYARD_BENCH_MODEL'] ?? (await smallestModel((text) => process.stderr.write(`${text}\n`)));
  }

  async #generatingAs(shape: keyof typeof shapes): Promise<Row[]> {
    const path = join(this.#folder, `${shape}.gguf`);
    writeShape(path, shape);
    try {
      return await this.#generating(`shape of ${shape}`, path);
    } finally {
      rmSync(path);
    }
  }

  async #generating(name: string, path: string): Promise<Row[]> {
    const counts = [...new Set([1, Math.max(1, cores - 1), cores])];
    const ours = new Map(counts.map((threads) => [threads, open({ threads })]));
    const measured = open({});
    const fixed = (prefix: string, rate: (threads: number) => Promise<number>): [string, Arm][] =>
      counts.map((threads) => [`${prefix}${threads}`, () => rate(threads)]);
    try {
      const reference = this.#llamaCpp
        ? fixed(
            'llama',
            (threads) => this.#llamaCpp?.speed(path, threads, { generated: answerTokens }) ?? Promise.resolve(0),
          )
        : [];
      const mine = fixed('ours', (threads) => tokensPerSecond(ours.get(threads) ?? measured, path));
      const choosing: [string, Arm] = ['chosen', () => tokensPerSecond(measured, path)];
      const quiet = await takeTurns<string>(Object.fromEntries([...reference, ...mine, choosing]), this.#options);
      const busy = await withACoreTaken(() =>
        takeTurns<string>(Object.fromEntries([...reference, choosing]), this.#options),
      );
      const rows = counts.map(
        (threads): Row => ({
          what: `${name}: generating, threads: ${threads}`,
          unit: '/s',
          rounds: quiet[`ours${threads}`] ?? [],
          ...against(quiet, `llama${threads}`, `llama-bench`, 0.97),
        }),
      );
      const chosen = (what: string, all: Record<string, Rounds>, atLeast: number): Row => ({
        what: `${name}: ${what}`,
        unit: '/s',
        rounds: all['chosen'] ?? [],
        ...against(all, best(all, counts), `the best of llama-bench`, atLeast),
      });
      return [...rows, chosen('threads as measured', quiet, 0.97), chosen('the same with a core taken', busy, 0.8)];
    } finally {
      for (const each of [measured, ...ours.values()]) await each[Symbol.asyncDispose]();
    }
  }

  async #cachedPrefix(path: string): Promise<Row[]> {
    const inference = open({});
    const server = await this.#llamaCpp?.serve(path, ['-np', '1', '-c', '4096', '-t', `${Math.max(1, cores - 1)}`]);
    let asked = 0;
    const messages = () => {
      const question = `Question ${asked++}: how do I sort a list by two keys, the second one descending?`;
      return [{ role: 'user', content: 'A list holds values in order. '.repeat(150) + question }] as const;
    };
    const ours = async (): Promise<number> => {
      const started = performance.now();
      const chat = { path, messages: messages(), owner: 'bench', key: 'long', maxOutputTokens: 1 };
      for await (const part of inference.chat(chat, never)) if (part.kind === 'finish') break;
      return performance.now() - started;
    };
    const theirs = (): Promise<number> =>
      timed(async () => await server?.post('/v1/chat/completions', { messages: messages(), max_tokens: 1 }));
    try {
      const measured = await takeTurns({ ours, theirs }, this.#options);
      const row: Row = { what: 'first token behind 1,000 cached tokens', unit: 'ms', rounds: measured.ours };
      if (!server) return [row];
      return [
        { ...row, against: { what: 'llama-server', rounds: measured.theirs } },
        {
          what: "the same above llama-server's",
          unit: 'ms',
          rounds: above(measured.ours, measured.theirs),
          goal: { of: 'value', atMost: 5 + 0.05 * median(measured.theirs.flat()) },
        },
      ];
    } finally {
      await server?.[Symbol.asyncDispose]();
      await inference[Symbol.asyncDispose]();
    }
  }

  async #border(path: string): Promise<Row[]> {
    const threads = 1;
    const host = open({ threads });
    await using raw = await rawMsPerToken(path, threads, answerTokens);
    try {
      const { within, alone } = await takeTurns(
        { within: async () => 1000 / (await tokensPerSecond(host, path)), alone: () => raw.measure() },
        this.#options,
      );
      return [
        {
          what: "a token, added by our process's border",
          unit: 'ms',
          rounds: above(within, alone),
          against: { what: 'a token of node-llama-cpp in process', rounds: alone },
          goal: { of: 'value', atMost: 0.06 },
        },
      ];
    } finally {
      await host[Symbol.asyncDispose]();
    }
  }

  /** Guesses at the next tokens, as from the code that is being rewritten, pay by so much if every one is right. */
  async #guesses(llamaCpp: LlamaCpp, path: string): Promise<Row[]> {
    const threads = Math.max(1, cores - 1);
    const msFor = (read: number) => async () => (1000 * read) / (await llamaCpp.speed(path, threads, { read }));
    const { one, four } = await takeTurns({ one: msFor(1), four: msFor(4) }, this.#options);
    return [
      {
        what: 'four tokens guessed rightly: most that could be won',
        unit: '',
        rounds: one.map((samples, round) => [(4 * median(samples)) / median(four[round] ?? [])]),
        goal: { of: 'value', atLeast: 1.8 },
      },
    ];
  }
}

function against(all: Record<string, Rounds>, name: string, what: string, atLeast: number): Partial<Row> {
  const rounds = all[name];
  return rounds ? { against: { what, rounds }, goal: { of: 'ratio', atLeast } } : {};
}

function best(all: Record<string, Rounds>, counts: readonly number[]): string {
  const speed = (threads: number): number => median((all[`llama${threads}`] ?? []).flat());
  return `llama${counts.toSorted((a, b) => speed(b) - speed(a))[0]}`;
}

function open(settings: LocalSettings): HostInference {
  const inference = createInference({ hostPath });
  inference.configure({ '*': { contextTokens: 2048, slots: 2, ...settings } });
  return inference;
}

async function probe(): Promise<{ detail: string; gpu?: string }> {
  const inference = createInference({ hostPath });
  try {
    return await inference.probe();
  } finally {
    await inference[Symbol.asyncDispose]();
  }
}

/** From the first token on. A machine so busy that our watchdog ends the answer generates nothing. */
async function tokensPerSecond(inference: HostInference, path: string): Promise<number> {
  try {
    return await generate(inference, path);
  } catch (error) {
    if (error instanceof InferenceError && error.code === 'inference-crashed') return 0;
    throw error;
  }
}

async function generate(inference: HostInference, path: string): Promise<number> {
  const messages = [{ role: 'user', content: `Tell a long story about the number ${Math.random()}.` }] as const;
  let firstAt: number | undefined;
  const chat = { path, messages, owner: 'bench', maxOutputTokens: answerTokens, temperature: 1 };
  for await (const part of inference.chat(chat, never)) {
    if (part.kind === 'text') firstAt ??= performance.now();
    if (part.kind === 'finish' && firstAt !== undefined)
      return (1000 * (part.outputTokens - 1)) / (performance.now() - firstAt);
  }
  throw new Error(`${basename(path)} answered nothing.`);
}

/** Another program is at work on one core meanwhile. */
async function withACoreTaken<Value>(work: () => Promise<Value>): Promise<Value> {
  const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  try {
    return await work();
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
