// How good suggestions for known code are. Pure.
import type { Hole, HoleKind } from './completion-holes.ts';

/** What became of a hole. */
export interface FilledHole {
  language: string;
  kind: HoleKind;
  /** `provider/model`; absent where nothing was suggested. */
  model?: string;
  isExact: boolean;
  /** Of suggestion and truth, from 0 to 1; 0 where nothing was suggested. */
  similarity: number;
  /** Whether it writes a closer or a line that follows anyway. */
  repeats: boolean;
  /** Faults without a suggestion, with it, and with the truth; absent where the language has no parser here. */
  faults?: { without: number; with: number; truth: number };
  latencyMs: number;
}

export interface CompletionScores {
  holes: number;
  suggested: number;
  /** Of all holes: the shares whose suggestion is the truth, and the mean similarity. */
  exact: number;
  similarity: number;
  /** Of the suggestions in documents that parse with the truth, those with which they parse too. 1 where there are none. */
  parses: number;
  /** Suggestions that add a fault, and that repeat what follows. */
  worse: number;
  repeats: number;
  /** Of the suggestions; 0 where there are none. */
  medianMs: number;
}

export function scoresOf(filled: readonly FilledHole[]): CompletionScores {
  const suggested = filled.filter(({ model }) => model !== undefined);
  const parsable = suggested.filter(({ faults }) => faults?.truth === 0);
  const times = suggested.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
  return {
    holes: filled.length,
    suggested: suggested.length,
    exact: mean(filled.map(({ isExact }) => Number(isExact))),
    similarity: mean(filled.map(({ similarity }) => similarity)),
    parses: parsable.length === 0 ? 1 : mean(parsable.map(({ faults }) => Number(faults?.with === 0))),
    worse: suggested.filter(({ faults }) => faults && faults.with > faults.without).length,
    repeats: suggested.filter(({ repeats }) => repeats).length,
    medianMs: Math.round(times[Math.floor(times.length / 2)] ?? 0),
  };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** 1 less the edit distance (Levenshtein) as a share of the longer text. */
export function similarityOf(a: string, b: string): number {
  const longer = Math.max(a.length, b.length);
  if (longer === 0) return 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return 1 - (row[b.length] ?? 0) / longer;
}

const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** Whether a closer or a whole line stands twice with it, which with the truth does not. */
export function repeatsWhatFollows(suggestion: string, { before, truth, after }: Hole): boolean {
  const [next = ''] = after.trimStart();
  if (next in pairs && unopened(suggestion, next) > unopened(truth, next)) return true;
  const below = after
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .find((line) => line !== '');
  const isDoubled = (text: string): boolean => lastLine(before + text) === below;
  return below !== undefined && /\w{2}.*\w/.test(below) && isDoubled(suggestion) && !isDoubled(truth);
}

function unopened(text: string, closer: string): number {
  let open = 0;
  let count = 0;
  for (const letter of text) {
    if (letter === pairs[closer]) open++;
    else if (letter === closer && open-- === 0) {
      open = 0;
      count++;
    }
  }
  return count;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
