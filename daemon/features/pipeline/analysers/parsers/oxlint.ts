// What `oxlint --format json` prints, and which files it reads. Its columns and lengths count bytes.
import {
  fields,
  items,
  leftOutByConfiguration,
  lineColumnFrom,
  type ToolReport,
  text,
  type Unread,
} from '../report.ts';

export function parseOxlint(output: string): ToolReport[] {
  return items(fields(JSON.parse(output))['diagnostics']).flatMap((diagnostic): ToolReport[] => {
    const span = fields(items(diagnostic['labels'])[0]?.['span']);
    const start = lineColumnFrom(span['line'], span['column']);
    if (!start) return []; // about the run, not about a place
    const length = span['length'];
    const rule = text(diagnostic['code']);
    return [
      {
        path: text(diagnostic['filename']),
        start,
        ...(typeof length === 'number' && { end: { line: start.line, column: start.column + length } }),
        severity: diagnostic['severity'] === 'error' ? 'error' : 'warning',
        message: text(diagnostic['message']),
        rule: rule === '' ? 'syntax' : rule,
      },
    ];
  });
}

/** Of a single file that its configuration leaves out it says that there is none. */
export function ignoredByOxlint(output: string): Unread | undefined {
  const count = fields(JSON.parse(output))['number_of_files'];
  return count === 0 ? { state: 'left-out', why: leftOutByConfiguration } : undefined;
}

/** What `oxlint --debug=files` prints: paths, one a line. */
export function listedByOxlint(output: string): string[] {
  return output.split(/\r?\n/).filter((line) => line !== '');
}
