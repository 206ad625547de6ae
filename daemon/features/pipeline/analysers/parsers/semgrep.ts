// What `semgrep scan --json` prints. Its columns count bytes.
import {
  fields,
  items,
  leftOutByConfiguration,
  lineColumnFrom,
  type ToolReport,
  text,
  type Unread,
} from '../report.ts';

const severities = { ERROR: 'error', WARNING: 'warning', INFO: 'info' } as const;

export function parseSemgrep(output: string): ToolReport[] {
  return items(fields(JSON.parse(output))['results']).flatMap((result): ToolReport[] => {
    const [first, last, extra] = [fields(result['start']), fields(result['end']), fields(result['extra'])];
    const start = lineColumnFrom(first['line'], first['col']);
    const end = lineColumnFrom(last['line'], last['col']);
    if (!start || !end) return [];
    const fix = extra['fix'];
    return [
      {
        path: text(result['path']),
        start,
        end,
        severity: severities[text(extra['severity']) as keyof typeof severities] ?? 'warning',
        message: text(extra['message']),
        rule: text(result['check_id']),
        ...(typeof fix === 'string' && { fix: { start, end, text: fix } }),
      },
    ];
  });
}

/** It names the files that it has read, as it was given them. */
export function unreadBySemgrep(output: string, file: string): Unread | undefined {
  const { paths, errors } = fields(JSON.parse(output));
  const { scanned } = fields(paths);
  if (!Array.isArray(scanned)) return undefined;
  if (!scanned.includes(file)) return { state: 'left-out', why: leftOutByConfiguration };
  return items(errors).some(({ path }) => path === file)
    ? { state: 'failed', why: "couldn't read all of its code" }
    : undefined;
}
