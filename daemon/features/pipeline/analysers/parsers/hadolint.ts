// What `hadolint --format json` prints. A remark names a line: its column is 1, whatever it is about.
import { items, lineColumnFrom, type ToolReport, text } from '../report.ts';

const severities = { error: 'error', warning: 'warning', info: 'info', style: 'hint' } as const;

const unreadable = 'DL1000';

export function parseHadolint(output: string): ToolReport[] {
  return items(JSON.parse(output)).flatMap((remark): ToolReport[] => {
    const start = lineColumnFrom(remark['line'], remark['column']);
    if (!start) return [];
    const severity = severities[text(remark['level']) as keyof typeof severities] ?? 'warning';
    const code = text(remark['code']);
    return [{ start, severity, message: text(remark['message']), rule: code === unreadable ? 'syntax' : code }];
  });
}
