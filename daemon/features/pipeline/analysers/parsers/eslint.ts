// What `eslint --format json` prints: one object a file, each with messages. Fixes are offsets into the text.
import { lineStarts, positionAt } from '../../../../base/snippet.ts';
import {
  fields,
  items,
  leftOutByConfiguration,
  lineColumnFrom,
  type ReportedFix,
  type ToolReport,
  text,
  type Unread,
} from '../report.ts';

export function parseEslint(output: string, source: string): ToolReport[] {
  const starts = lineStarts(source);
  return items(JSON.parse(output)).flatMap((file) =>
    items(file['messages']).flatMap((message): ToolReport[] => {
      const start = lineColumnFrom(message['line'], message['column']);
      if (!start) return []; // about the file as a whole, such as "ignored by a pattern"
      const end = lineColumnFrom(message['endLine'], message['endColumn']);
      const rule = text(message['ruleId']) || (message['fatal'] === true ? 'syntax' : '');
      const fix = fixFrom(message['fix'], source, starts);
      return [
        {
          path: text(file['filePath']),
          start,
          severity: message['severity'] === 2 ? 'error' : 'warning',
          message: text(message['message']),
          ...(end && { end }),
          ...(rule && { rule }),
          ...(fix && { fix }),
        },
      ];
    }),
  );
}

/** Of a file that its configuration leaves out, it says only that, or nothing where it is told not to warn. */
export function ignoredByEslint(
  { stdout, stderr }: { stdout: string; stderr: string },
  path: string,
): Unread | undefined {
  if (stderr.includes('ESLintEmptyConfigWarning'))
    return { state: 'left-out', why: 'has no rules in its configuration' };
  const files = items(JSON.parse(stdout));
  const own = files.filter((file) => files.length === 1 || file['filePath'] === path);
  const isIgnored = own
    .flatMap((file) => items(file['messages']))
    .some(
      (message) => message['line'] === undefined && /ignore|no matching configuration/i.test(text(message['message'])),
    );
  return isIgnored || files.length === 0 ? { state: 'left-out', why: leftOutByConfiguration } : undefined;
}

function fixFrom(value: unknown, source: string, starts: number[]): ReportedFix | undefined {
  const { range, text: newText } = fields(value);
  if (!Array.isArray(range) || typeof newText !== 'string') return undefined;
  const place = (offset: number) => {
    const { line, character } = positionAt(source, offset, starts);
    return { line: line + 1, column: character + 1 };
  };
  return { start: place(Number(range[0])), end: place(Number(range[1])), text: newText };
}
