// What is kept of a run: for each step a snapshot of before it and one of after it, and the same for each undo, which can be undone too.
import type { Shadow } from './shadow.ts';

export interface StepRecord {
  /** Its place among what is kept of the run, from 1. */
  place: number;
  step: number;
  kind: 'step' | 'undo';
  /** Commits. */
  before: string;
  /** Missing while the step is under way, and where it was cut off. */
  after?: string;
}

/** The oldest first. */
export async function recordsOf(shadow: Shadow, jobId: string): Promise<StepRecord[]> {
  const records = new Map<number, StepRecord>();
  for (const name of await shadow.marks(jobId)) {
    const [, place, kind, step, side] = /^(\d+)-(step|undo)-(\d+)-(after|before)$/.exec(name) ?? [];
    const commit = await shadow.mark(jobId, name);
    if (place === undefined || commit === undefined) continue;
    const known = records.get(Number(place));
    const isUndo = kind === 'undo';
    const record = known ?? { place: Number(place), step: Number(step), kind: isUndo ? 'undo' : 'step', before: '' };
    records.set(record.place, { ...record, [side === 'after' ? 'after' : 'before']: commit });
  }
  return [...records.values()].filter(({ before }) => before !== '').sort((a, b) => a.place - b.place);
}

/** The record that comes next. */
export function nextRecord(
  records: readonly StepRecord[],
  { step, kind }: Pick<StepRecord, 'step' | 'kind'>,
): Omit<StepRecord, 'before'> {
  return { place: (records.at(-1)?.place ?? 0) + 1, step, kind };
}

export async function keepRecord(
  shadow: Shadow,
  jobId: string,
  { place, kind, step, before, after }: Partial<StepRecord> & Omit<StepRecord, 'before'>,
): Promise<void> {
  const name = `${String(place).padStart(6, '0')}-${kind}-${step}`;
  if (before !== undefined) await shadow.setMark(jobId, `${name}-before`, before);
  if (after !== undefined) await shadow.setMark(jobId, `${name}-after`, after);
}
