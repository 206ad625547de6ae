// What `ruff check --output-format json` prints. A fix of several edits is left to ruff itself.
import { isAbsolute } from 'node:path';
import { fields, items, lineColumnFrom, type ReportedFix, type ToolReport, text } from '../report.ts';

export function parseRuff(output: string): ToolReport[] {
  return items(JSON.parse(output)).flatMap((entry): ToolReport[] => {
    const start = locationOf(entry['location']);
    if (!start) return [];
    const end = locationOf(entry['end_location']);
    const path = text(entry['filename']);
    const code = text(entry['code']);
    const isSyntax = code === '' || code === 'invalid-syntax';
    const fix = fixFrom(entry['fix']);
    return [
      {
        start,
        message: text(entry['message']),
        rule: isSyntax ? 'syntax' : code,
        severity: isSyntax ? 'error' : 'warning',
        ...(path && { path }),
        ...(end && { end }),
        ...(fix && { fix }),
      },
    ];
  });
}

function fixFrom(value: unknown): ReportedFix | undefined {
  const [edit, ...others] = items(fields(value)['edits']);
  const [start, end] = [locationOf(edit?.['location']), locationOf(edit?.['end_location'])];
  return start && end && others.length === 0 ? { start, end, text: text(edit?.['content']) } : undefined;
}

/** What `ruff check --show-files` prints: absolute paths, one a line. */
export function shownByRuff(output: string): string[] | undefined {
  const lines = output.split(/\r?\n/).filter((line) => line !== '');
  return lines.every((line) => isAbsolute(line)) ? lines : undefined;
}

function locationOf(value: unknown) {
  return lineColumnFrom(fields(value)['row'], fields(value)['column']);
}
