// What `tsc --pretty false` prints: one line per error, its further explanation indented below.
import type { ToolReport } from '../report.ts';

const heading = /^(?<path>.+?)\((?<line>\d+),(?<column>\d+)\): (?<kind>error|warning) (?<rule>TS\d+): (?<message>.*)$/;

export function parseTypescript(output: string): ToolReport[] {
  const reports: ToolReport[] = [];
  for (const line of output.split(/\r?\n/)) {
    const found = heading.exec(line)?.groups;
    const last = reports.at(-1);
    if (found) {
      const { path = '', kind, rule = '', message = '' } = found;
      reports.push({
        path,
        rule,
        message,
        severity: kind === 'error' ? 'error' : 'warning',
        start: { line: Number(found['line']), column: Number(found['column']) },
      });
    } else if (last && /^\s+\S/.test(line)) {
      last.message += ` ${line.trim()}`;
    }
  }
  return reports;
}
