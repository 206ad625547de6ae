// The editor's problems as lines for a model. Pure.

export interface FileProblems {
  /** From the workspace's folder. */
  path: string;
  /** Positions from 0; the severity is the editor's: 0 is an error, 1 a warning. */
  problems: readonly { line: number; character: number; severity: number; message: string; source?: string }[];
}

const maxProblems = 500;
const severities = ['error', 'warning', 'information', 'hint'];

/** `src/cart.ts:12:5: error: Cannot find name 'total'. (ts)`, the worst first. Hints are left out: editors have hundreds. */
export function problemLines(files: readonly FileProblems[]): string[] {
  const hint = severities.indexOf('hint');
  return files
    .flatMap(({ path, problems }) => problems.map((problem) => ({ path, ...problem })))
    .filter(({ severity }) => severity < hint)
    .toSorted((one, other) => one.severity - other.severity)
    .slice(0, maxProblems)
    .map(
      ({ path, line, character, severity, message, source }) =>
        `${path}:${line + 1}:${character + 1}: ${severities[severity] ?? 'problem'}: ${message.replace(/\s+/g, ' ')}${source ? ` (${source})` : ''}`,
    );
}
