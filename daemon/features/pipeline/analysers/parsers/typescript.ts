// What `tsc --pretty false` prints: one line per error, its further explanation indented below.
import { realpathSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import type { ToolReport, Unread } from '../report.ts';

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

/** With `--listFiles` it names each file that it has read. */
export function unlisted(output: string, file: string, typescript: readonly string[]): Unread | undefined {
  const name = basename(file).toLowerCase();
  const isListed = output.split(/\r?\n/).some((line) => {
    const path = line.trim();
    return path.toLowerCase().endsWith(`/${name}`) && isSamePath(path, file);
  });
  if (isListed) return undefined;
  return typescript.includes(extname(file).toLowerCase())
    ? { state: 'failed', why: "didn't check it because no tsconfig.json includes it" }
    : { state: 'left-out', why: "doesn't check JavaScript here" };
}

/** It prints the path behind a link. */
function isSamePath(one: string, other: string): boolean {
  const real = (path: string): string => realpathOr(resolve(path));
  return one === other || real(one) === real(other);
}

function realpathOr(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
