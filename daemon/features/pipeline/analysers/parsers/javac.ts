// What `javac -Xlint` prints: a line for each flaw, the code, and a caret below its place.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ToolReport, Unread } from '../report.ts';

const heading = /^(?<path>.+?\.java):(?<line>\d+): (?<kind>error|warning): (?:\[(?<rule>[\w-]+)\] )?(?<message>.*)$/;

/** What it says of names from elsewhere when it was not told where the libraries are, or of a document under a name of ours. */
const aboutPlace =
  /^(?:package \S+ does not exist|cannot find symbol|class \S+ is public, should be declared in a file)/;

export function parseJavac(output: string): ToolReport[] {
  return reportsOf(output).filter(({ message }) => !aboutPlace.test(message));
}

/** Without its libraries a file is parsed, and its types are hardly checked. */
export function unreadByJavac(output: string): Unread | undefined {
  const isLost = reportsOf(output).some(({ message }) => /^package|^cannot find/.test(message));
  return isLost && parseJavac(output).length === 0
    ? { state: 'left-out', why: 'checks only its syntax, because it uses code that javac finds nowhere' }
    : undefined;
}

function reportsOf(output: string): ToolReport[] {
  const reports: ToolReport[] = [];
  const lines = output.split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const found = heading.exec(line)?.groups;
    if (!found) continue;
    const caret = lines.slice(index + 1, index + maxLinesToCaret).find((below) => /^\s*\^$/.test(below));
    const { path = '', message = '', rule } = found;
    reports.push({
      path,
      start: { line: Number(found['line']), column: (caret ?? '').length || 1 },
      severity: found['kind'] === 'error' ? 'error' : 'warning',
      message,
      ...(rule === undefined ? found['kind'] === 'error' && { rule: 'syntax' } : { rule }),
    });
  }
  return reports;
}

const maxLinesToCaret = 5;

/** The folder in which the file's package begins, so that javac finds its neighbours. */
export function sourceRootOf(file: string): string {
  const name = /^\s*package\s+([\w.]+)\s*;/m.exec(readFileSync(file, 'utf8'))?.[1];
  let folder = dirname(file);
  for (const _ of name?.split('.') ?? []) folder = dirname(folder);
  return folder;
}
