// What mypy and Pyright print.
import {
  fields,
  items,
  leftOutByConfiguration,
  lineColumnFrom,
  type ToolReport,
  text,
  type Unread,
} from '../report.ts';

const mypyLine =
  /^(?<path>.+?):(?<line>\d+):(?<column>\d+):(?<endLine>\d+):(?<endColumn>\d+): (?:error|warning): (?<message>.*?)(?: {2}\[(?<rule>[\w-]+)\])?$/;

/** What `mypy --show-error-end` prints: one line an error. The end is the last character. */
export function parseMypy(output: string): ToolReport[] {
  return output.split(/\r?\n/).flatMap((line): ToolReport[] => {
    const found = mypyLine.exec(line)?.groups;
    if (!found) return []; // a note
    const { path = '', message = '', rule } = found;
    const start = { line: Number(found['line']), column: Number(found['column']) };
    const end = { line: Number(found['endLine']), column: Number(found['endColumn']) + 1 };
    const isPoint = end.line === start.line && end.column === start.column + 1; // it may know no end
    return [
      {
        path,
        start,
        ...(!isPoint && { end }),
        severity: 'error',
        message,
        ...(rule !== undefined && { rule }),
      },
    ];
  });
}

/** A file that it cannot parse ends the run for all others. */
export function unreadByMypy(output: string): Unread | undefined {
  return parseMypy(output).some(({ rule }) => rule === 'syntax')
    ? { state: 'failed', why: 'stopped at a syntax error in another file' }
    : undefined;
}

const severities = { error: 'error', warning: 'warning', information: 'info' } as const;

/** What `pyright --outputjson` prints. It counts from zero. */
export function parsePyright(output: string): ToolReport[] {
  return items(fields(JSON.parse(output))['generalDiagnostics']).flatMap((diagnostic): ToolReport[] => {
    const { start, end } = fields(diagnostic['range']);
    const [first, last] = [start, end].map(placeOf);
    if (!first || !last) return []; // about the run, not about a place
    return [
      {
        path: text(diagnostic['file']),
        start: first,
        end: last,
        severity: severities[text(diagnostic['severity']) as keyof typeof severities] ?? 'warning',
        message: text(diagnostic['message']).replace(/\s*\n\s*/g, ' '),
        rule: text(diagnostic['rule']) || 'syntax',
      },
    ];
  });
}

/** It only says how many of the files it has read. */
export function unreadByPyright(output: string, file: string, files: readonly string[]): Unread | undefined {
  const count = fields(fields(JSON.parse(output))['summary'])['filesAnalyzed'];
  const isNamed = parsePyright(output).some(({ path }) => path === file);
  if (isNamed || typeof count !== 'number' || count >= files.length) return undefined;
  const why = `leaves out ${files.length - count} of these files by the project's configuration, and doesn't say which`;
  return { state: 'left-out', why: count === 0 ? leftOutByConfiguration : why };
}

function placeOf(value: unknown) {
  const { line, character } = fields(value);
  return typeof line === 'number' && typeof character === 'number'
    ? lineColumnFrom(line + 1, character + 1)
    : undefined;
}
