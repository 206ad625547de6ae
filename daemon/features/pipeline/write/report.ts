// What outside checks say of a candidate, and which of two is better by them. No model takes part in it. Pure.

/** A check that a candidate fails, as the reviewer is told of it. */
export interface FailedCheck {
  /** By which the reviewer may name it. */
  name: string;
  text: string;
}

export interface CheckReport {
  /** Whether it is one piece of code for its place, by the gate of edits. */
  isEdit: boolean;
  /** Whether the tests that the user named pass; absent where none were run. */
  passesTests?: boolean;
  /** Syntax errors that the document did not have. */
  syntaxErrors: number;
  /** What analysers report that they did not report before. */
  newErrors: number;
  newWarnings: number;
  failed: FailedCheck[];
  /** Who looked, in words for the user. */
  looked: string[];
  /** Why something did not look, in a sentence each. */
  notes: string[];
}

/** What counts, the gravest first. Less is better. */
function faultsOf({ isEdit, passesTests, syntaxErrors, newErrors, newWarnings }: CheckReport): number[] {
  return [Number(!isEdit), Number(passesTests === false), syntaxErrors, newErrors, newWarnings];
}

/** Whether a candidate is worse in nothing. */
export function isNoWorse(candidate: CheckReport, than: CheckReport): boolean {
  const others = faultsOf(than);
  return faultsOf(candidate).every((faults, i) => faults <= (others[i] ?? 0));
}

/** Whether a candidate is worse in nothing, and better in something. */
export function isBetter(candidate: CheckReport, than: CheckReport): boolean {
  return isNoWorse(candidate, than) && !isNoWorse(than, candidate);
}

export function passes(report: CheckReport): boolean {
  return faultsOf(report).every((faults) => faults === 0);
}

/** In words for the user. */
export function reportWords({ failed, looked }: CheckReport): string {
  if (failed.length > 0) return failed.map(({ name, text }) => `${name}: ${text.split('\n', 1)[0]}`).join('; ');
  return looked.length === 0 ? 'nothing could check it' : `no fault found by ${looked.join(', ')}`;
}
