// What `shellcheck -f json1` prints. A fix of several replacements is left to the user.
import { readFileSync } from 'node:fs';
import {
  fields,
  items,
  leftOutByConfiguration,
  lineColumnFrom,
  type ToolReport,
  text,
  type Unread,
} from '../report.ts';

const severities = { error: 'error', warning: 'warning', info: 'info', style: 'hint' } as const;

const otherShell = 'SC1071'; // its only remark about a script for a shell that it does not know

/** A script that it can't read, or that its configuration (a `.shellcheckrc`) tells it not to check. */
export function unreadByShellcheck(output: string, configuration: string | undefined): Unread | undefined {
  if (configuration !== undefined && /^\s*disable=(?:[^#\n]*,)?all\b/m.test(readFileSync(configuration, 'utf8')))
    return { state: 'left-out', why: leftOutByConfiguration };
  const isOther = parseShellcheck(output).some(({ rule }) => rule === otherShell);
  return isOther ? { state: 'left-out', why: 'does not know its shell' } : undefined;
}

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
