// What a benchmark hands back, and the two ways to show it: a table for people, plain figures for programs.
import { median, quantile, type Rounds } from './measure.ts';

type Unit = 'ms' | 'us' | '%' | 'MB' | 'kB' | '/s' | '';

/** One line of the result: something measured, perhaps as a ratio to something else, perhaps with a goal. */
export interface Row {
  what: string;
  unit: Unit;
  rounds: Rounds;
  /** Which quantile of the samples is the value; the median when left out. */
  share?: number;
  /** The reference, measured in the same rounds. The ratio is the median of the rounds' own ratios. */
  against?: { what: string; rounds: Rounds };
  goal?: Goal;
}

/** What must hold for the value, or for its ratio to the reference. */
interface Goal {
  of: 'value' | 'ratio';
  atMost?: number;
  atLeast?: number;
}

export interface Result {
  rows: readonly Row[];
  /** What a reader must know to read the numbers rightly. */
  notes?: readonly string[];
}

/** A row in plain figures. `low` and `high` are the lowest and the highest round. */
export interface Figures {
  what: string;
  unit: Unit;
  value: number;
  low: number;
  high: number;
  rounds: number;
  samples: number;
  reference?: string;
  ratio?: number;
  goal?: string;
  met?: boolean;
}

/** A size, or a count, is known after one look. */
export function known(value: number): Rounds {
  return [[value]];
}

export function figuresOf({ what, unit, rounds, share = 0.5, against, goal }: Row): Figures {
  const perRound = rounds.map((samples) => quantile(samples, share));
  const seen = perRound.filter((value) => !Number.isNaN(value)); // a round may have had nothing to measure
  const value = quantile(rounds.flat(), share);
  const ratios = against && perRound.map((mine, round) => mine / quantile(against.rounds[round] ?? [], share));
  const ratio = ratios && median(ratios.filter((each) => !Number.isNaN(each)));
  const judged = goal?.of === 'ratio' ? ratio : value;
  return {
    what,
    unit,
    value,
    low: Math.min(...seen),
    high: Math.max(...seen),
    rounds: rounds.length,
    samples: rounds.flat().length,
    ...(against && ratio !== undefined && Number.isFinite(ratio) && { reference: against.what, ratio }), // there is none to a reference of 0
    ...(goal && {
      goal: inWords(goal, unit),
      met: judged !== undefined && judged <= (goal.atMost ?? Infinity) && judged >= (goal.atLeast ?? -Infinity),
    }),
  };
}

function inWords({ of, atMost, atLeast }: Goal, unit: Unit): string {
  const limit = atMost === undefined ? `>= ${short(atLeast ?? 0)}` : `<= ${short(atMost)}`;
  return of === 'ratio' ? `${limit}x` : `${limit} ${unit}`.trim();
}

/** The rows as aligned lines. */
export function tableOf(figures: readonly Figures[]): string {
  const lines = figures.map((row) => [
    row.what,
    `${short(row.value)} ${row.unit}`.trim(),
    row.rounds > 1 ? `${short(row.low)}–${short(row.high)}` : '',
    row.ratio === undefined ? '' : `${short(row.ratio)}x ${row.reference}`,
    row.goal ?? '',
    row.met === undefined ? '' : row.met ? 'met' : 'NOT MET',
  ]);
  const all = [['', 'median', 'rounds from–to', 'ratio', 'goal', ''], ...lines];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? [];
  return all
    .map(
      (line) =>
        `  ${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}`,
    )
    .join('\n');
}

/** Three digits that count. */
function short(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
