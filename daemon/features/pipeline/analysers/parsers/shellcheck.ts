// What `shellcheck -f json1` prints. A fix of several replacements is left to the user.
import { fields, items, placeFrom, type Report, text } from '../report.ts';

const severities = { error: 'error', warning: 'warning', info: 'info', style: 'hint' } as const;

export function parseShellcheck(output: string): Report[] {
  return items(fields(JSON.parse(output))['comments']).flatMap((comment): Report[] => {
    const start = placeFrom(comment['line'], comment['column']);
    if (!start) return [];
    const end = placeFrom(comment['endLine'], comment['endColumn']);
    const severity = severities[text(comment['level']) as keyof typeof severities] ?? 'warning';
    return [
      { start, severity, message: text(comment['message']), rule: `SC${String(comment['code'])}`, ...(end && { end }) },
    ];
  });
}
