// How fast each model reads and writes on this machine, as its last answers measured it; kept over restarts.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { moveFileSync } from '../../base/disk.ts';
import type { Log } from '../../base/log.ts';

/** What one answer took. */
export interface AnswerTiming {
  readTokens: number;
  readMs: number;
  writtenTokens: number;
  writeMs: number;
}

/** Tokens per second. */
export interface ModelSpeed {
  read?: number;
  write?: number;
}

/** The last measures, the oldest first. */
interface Measures {
  read: number[];
  write: number[];
}

const maxMeasures = 15;
/** Shorter ones are mostly overhead. */
const minReadTokens = 64;
const minWrittenTokens = 8;

/** Lives as long as the daemon. */
export class Speeds {
  readonly #file: string;
  readonly #log: Log;
  readonly #measures = new Map<string, Measures>();

  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
    for (const [model, measures] of readMeasures(file)) this.#measures.set(model, measures);
  }

  add(model: string, { readTokens, readMs, writtenTokens, writeMs }: AnswerTiming): void {
    const measures = this.#measures.get(model) ?? { read: [], write: [] };
    const before = JSON.stringify(measures);
    if (readTokens >= minReadTokens && readMs > 0) keep(measures.read, (readTokens / readMs) * 1000);
    if (writtenTokens >= minWrittenTokens && writeMs > 0) keep(measures.write, (writtenTokens / writeMs) * 1000);
    if (JSON.stringify(measures) === before) return;
    this.#measures.set(model, measures);
    this.#save();
  }

  /** Another file may have the name next. */
  forget(model: string): void {
    if (this.#measures.delete(model)) this.#save();
  }

  /** The median of the last answers; undefined where nothing was measured. */
  of(model: string): ModelSpeed | undefined {
    const { read = [], write = [] } = this.#measures.get(model) ?? {};
    if (read.length + write.length === 0) return undefined;
    return { ...(read.length > 0 && { read: medianOf(read) }), ...(write.length > 0 && { write: medianOf(write) }) };
  }

  #save(): void {
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      const draft = `${this.#file}.${process.pid}`;
      writeFileSync(draft, JSON.stringify(Object.fromEntries(this.#measures)), { mode: 0o600 });
      moveFileSync(draft, this.#file);
    } catch (error) {
      this.#log.warn({ error: String(error) }, 'speeds of models were not saved'); // they are measured again
    }
  }
}

function keep(list: number[], tokensPerSecond: number): void {
  list.push(Number(tokensPerSecond.toPrecision(3)));
  list.splice(0, list.length - maxMeasures);
}

function medianOf(list: number[]): number {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function readMeasures(file: string): [string, Measures][] {
  try {
    const stored = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Partial<Measures>>;
    const numbers = (list: unknown): number[] =>
      Array.isArray(list) ? list.filter((each) => Number.isFinite(each)).slice(-maxMeasures) : [];
    return Object.entries(stored).map(([model, { read, write }]) => [
      model,
      { read: numbers(read), write: numbers(write) },
    ]);
  } catch {
    return []; // nothing was measured yet
  }
}
