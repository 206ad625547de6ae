// `npm run bench -- suffix [--holes N]`: whether a model without fill-in-the-middle tokens ends a line better when it may choose among its
// own candidates by how likely what follows is after each, than when it reads what stands before the cursor alone.
// Both arms are the same model's on the same holes: line ends cut out of this project's code and of packages. The tests are paired.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { loadNative } from '../../../daemon/models/inference/native.ts';
import { randomNumbers } from '../../fakes/gguf-file.ts';
import { smallestModel } from '../../models/smallest-model.ts';

const prefixTokens = 192;
const candidateCount = 3;
const maxStarts = 1000; // of a hundred thousand tokens
const holeTokens = { min: 2, max: 8 };
const suffixTokens = 6;
const perFile = 2;
const shuffles = 10_000;
const root = fileURLToPath(new URL('../../../', import.meta.url));
const folders = [
  'daemon',
  'extension',
  'node_modules/zod/v4',
  'node_modules/lru-cache/dist/esm',
  'node_modules/vscode-jsonrpc',
];

interface Hole {
  before: string;
  hole: string;
  after: string;
}

interface Candidate {
  text: string;
  /** Sums over its own tokens, and over the first tokens of what follows. */
  ownLogProbability: number;
  suffixLogProbability: number;
}

type Ranking = (candidate: Candidate) => number;

/** The first of the candidates is what the model writes by what stands before the cursor alone. */
const rankings: Readonly<Record<string, Ranking>> = {
  'what follows': ({ suffixLogProbability }) => suffixLogProbability,
  both: ({ ownLogProbability, suffixLogProbability }) => ownLogProbability + suffixLogProbability,
};

export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { holes: { type: 'string', default: '220' } } });
  const path =
    process.env['SWITCHYARD_BENCH_MODEL'] ?? (await smallestModel((text) => process.stderr.write(`${text}\n`)));
  const { llama } = await loadNative();
  await using _native = { [Symbol.asyncDispose]: () => llama.dispose() };
  const model = await llama.loadModel({ modelPath: path });
  const context = await model.createContext({ contextSize: 512 });
  const writer = new LineWriter(model, context.getSequence());
  const random = randomNumbers(12);
  const measured: { hole: Hole; candidates: Candidate[] }[] = [];
  for (const hole of holesOf(model, Number(values.holes), random)) {
    measured.push({ hole, candidates: await writer.candidates(hole) });
    if (measured.length % 10 === 0) process.stderr.write(`${measured.length} holes\n`);
  }
  const arms = Object.entries(rankings).map(([name, rank]) => [name, compare(measured, rank, random)] as const);
  process.stdout.write(`${JSON.stringify({ holes: measured.length, ...Object.fromEntries(arms) }, undefined, 2)}\n`);
  return 0;
}

/** Lives as long as its sequence. */
class LineWriter {
  readonly #model: LlamaModel;
  readonly #sequence: LlamaContextSequence;

  constructor(model: LlamaModel, sequence: LlamaContextSequence) {
    this.#model = model;
    this.#sequence = sequence;
  }

  async candidates({ before, after }: Hole): Promise<Candidate[]> {
    const lead = /(?<!\s) $/.test(before) ? ' ' : ''; // a word and the space before it are one token
    const prefix = this.#model.tokenize(before.slice(0, before.length - lead.length)).slice(-prefixTokens);
    await this.#sequence.adaptStateToTokens(prefix.slice(0, -1), false);
    const first = await this.#nextProbabilities(prefix.slice(this.#sequence.nextTokenIndex));
    const starts = [...first]
      .slice(0, maxStarts)
      .filter(([token]) => this.#textOf([token]).startsWith(lead))
      .slice(0, candidateCount);
    const suffix = this.#model.tokenize(after, false, 'trimLeadingSpace').slice(0, suffixTokens);
    const found: Candidate[] = [];
    for (const [start] of starts) {
      const text = await this.#lineFrom(prefix, start);
      if (!found.some((each) => each.text === text)) found.push({ text, ...(await this.#score(prefix, text, suffix)) });
    }
    return found.map((each) => ({ ...each, text: each.text.slice(lead.length) }));
  }

  async #lineFrom(prefix: readonly Token[], start: Token): Promise<string> {
    await this.#sequence.adaptStateToTokens([...prefix], false);
    const tokens = [start];
    if (this.#textOf(tokens).includes('\n') || this.#model.isEogToken(start))
      return this.#textOf(tokens).split('\n')[0] ?? '';
    for await (const token of this.#sequence.evaluate([start], { temperature: 0 })) {
      tokens.push(token);
      if (tokens.length > holeTokens.max || this.#textOf(tokens).includes('\n')) break;
    }
    return this.#textOf(tokens).split('\n')[0] ?? '';
  }

  async #score(prefix: readonly Token[], text: string, suffix: readonly Token[]) {
    const own = text === '' ? [] : this.#model.tokenize(text, false, 'trimLeadingSpace');
    const tokens = [...own, ...suffix];
    await this.#sequence.adaptStateToTokens(prefix.slice(0, -1), false);
    const last = prefix.at(-1) as Token;
    const all = [last, ...tokens];
    const results = await this.#sequence.controlledEvaluate(
      all.slice(0, -1).map((token) => [token, { generateNext: { probabilities: true } }]),
    );
    const logs = tokens.map((token, i) => Math.log(Math.max(1e-12, results[i]?.next.probabilities?.get(token) ?? 0)));
    return { ownLogProbability: sum(logs.slice(0, own.length)), suffixLogProbability: sum(logs.slice(own.length)) };
  }

  /** Of the token after the last one, the likeliest first. */
  async #nextProbabilities(tokens: readonly Token[]): Promise<ReadonlyMap<Token, number>> {
    const last = tokens.at(-1) as Token;
    const results = await this.#sequence.controlledEvaluate([
      ...tokens.slice(0, -1),
      [last, { generateNext: { probabilities: true } }],
    ]);
    return results.at(-1)?.next.probabilities ?? new Map();
  }

  #textOf(tokens: readonly Token[]): string {
    return this.#model.detokenize([...tokens]);
  }
}

function compare(
  measured: readonly { hole: Hole; candidates: readonly Candidate[] }[],
  rank: Ranking,
  random: () => number,
) {
  const rows = measured.map(({ hole, candidates }) => {
    const best = candidates.toSorted((a, b) => rank(b) - rank(a))[0]?.text ?? '';
    const prefixOnly = candidates[0]?.text ?? '';
    const exact = (text: string): number => Number(text.trim() === hole.hole.trim());
    return {
      exact: [exact(prefixOnly), exact(best)] as const,
      similarity: [similarity(prefixOnly, hole.hole), similarity(best, hole.hole)] as const,
    };
  });
  const arm = (of: 'exact' | 'similarity') => ({
    prefixOnly: rounded(mean(rows.map((row) => row[of][0]))),
    ranked: rounded(mean(rows.map((row) => row[of][1]))),
    p: chance(
      rows.map((row) => row[of][1] - row[of][0]),
      random,
    ),
  });
  return { exact: arm('exact'), similarity: arm('similarity') };
}

/** How often chance alone, which swaps the arms of each hole, makes as large a difference to either side. */
function chance(differences: readonly number[], random: () => number): number {
  const seen = Math.abs(mean(differences));
  let asLarge = 0;
  for (let i = 0; i < shuffles; i++) {
    const swapped = differences.map((difference) => (random() < 0.5 ? -difference : difference));
    if (Math.abs(mean(swapped)) >= seen - 1e-12) asLarge++;
  }
  return rounded((asLarge + 1) / (shuffles + 1));
}

/** Line ends, each taken out of a line of code that goes on for some tokens. */
function holesOf(model: LlamaModel, count: number, random: () => number): Hole[] {
  const files = folders
    .flatMap((folder) => sourcesIn(join(root, folder)))
    .map((file) => ({ file, order: random() }))
    .toSorted((a, b) => a.order - b.order);
  const holes: Hole[] = [];
  for (const { file } of files) {
    const text = readFileSync(file, 'utf8');
    const ends = [...text.matchAll(/(?<=^[ \t]*(?!\/\/|\*|\/\*)\S[^\n]{4,}[\s(.=:,])(?=\S[^\n]{2,40}\n\s*\S)/gm)];
    for (let taken = 0, tries = 0; taken < perFile && tries < 20 && ends.length > 0; tries++) {
      const start = ends[Math.floor(random() * ends.length)]?.index ?? 0;
      const end = text.indexOf('\n', start);
      const hole = text.slice(start, end);
      const tokens = model.tokenize(hole, false, 'trimLeadingSpace').length;
      if (start < 400 || tokens < holeTokens.min || tokens > holeTokens.max) continue;
      holes.push({ before: text.slice(Math.max(0, start - 1500), start), hole, after: text.slice(end, end + 200) });
      taken++;
    }
    if (holes.length >= count) break;
  }
  return holes.slice(0, count);
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.d)\.ts$|\.js$/.test(name) && !name.includes('node_modules') && !name.includes('.min.'))
    .map((name) => join(folder, name))
    .toSorted();
}

/** 1 less the edit distance by the longer text's length. */
function similarity(a: string, b: string): number {
  const longer = Math.max(a.length, b.length);
  if (longer === 0) return 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]));
    row = next;
  }
  return 1 - (row.at(-1) ?? 0) / longer;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
