// What Cppcheck and clang-tidy print.
import type { ToolReport } from '../report.ts';

/** Fields between tabs, for `parseCppcheck`. `path` is its field for the file, or nothing where the file is known. */
export function cppcheckTemplate(path: '{file}' | ''): string {
  return `--template=${[path, '{line}', '{column}', '{severity}', '{id}', '{message}'].join('\\t')}`;
}

const severities = { error: 'error', warning: 'warning' } as const;

export function parseCppcheck(output: string): ToolReport[] {
  return output.split(/\r?\n/).flatMap((line): ToolReport[] => {
    const [path = '', at, column, severity = '', id = '', ...message] = line.split('\t');
    if (message.length === 0 || !(Number(at) >= 1)) return [];
    return [
      {
        ...(path !== '' && { path }),
        start: { line: Number(at), column: Math.max(1, Number(column)) },
        severity: severities[severity as keyof typeof severities] ?? 'info',
        message: message.join(' '),
        rule: id === 'syntaxError' ? 'syntax' : id,
      },
    ];
  });
}

const heading =
  /^(?<path>.+?):(?<line>\d+):(?<column>\d+): (?<kind>error|warning): (?<message>.*) \[(?<rule>[\w.,-]+)\]$/;

/** Headers that it does not find are about how it was run. */
export function parseClangTidy(output: string): ToolReport[] {
  return output.split(/\r?\n/).flatMap((line): ToolReport[] => {
    const found = heading.exec(line)?.groups;
    if (!found || /^'.+' file not found$/.test(found['message'] ?? '')) return [];
    const { path = '', message = '', rule = '' } = found;
    return [
      {
        path,
        start: { line: Number(found['line']), column: Number(found['column']) },
        severity: found['kind'] === 'error' ? 'error' : 'warning',
        message,
        rule: rule === 'clang-diagnostic-error' ? 'syntax' : rule,
      },
    ];
  });
}
