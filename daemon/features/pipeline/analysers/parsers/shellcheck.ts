// What `shellcheck -f json1` prints. A fix of several replacements is left to the user.
import { fields, items, lineColumnFrom, type ToolReport, text } from '../report.ts';

const severities = { error: 'error', warning: 'warning', info: 'info', style: 'hint' } as const;

export function parseShellcheck(output: string): ToolReport[] {
  return items(fields(JSON.parse(output))['comments']).flatMap((comment): ToolReport[] => {
    const start = lineColumnFrom(comment['line'], comment['column']);
    if (!start) return [];
    const end = lineColumnFrom(comment['endLine'], comment['endColumn']);
    const severity = severities[text(comment['level']) as keyof typeof severities] ?? 'warning';
    return [
      { start, severity, message: text(comment['message']), rule: `SC${String(comment['code'])}`, ...(end && { end }) },
    ];
  });
}
