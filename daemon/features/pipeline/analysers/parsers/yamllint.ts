// What `yamllint -f parsable` prints, and which files it reads.
import type { ToolReport } from '../report.ts';

const remark =
  /^(?<path>.+?):(?<line>\d+):(?<column>\d+): \[(?<level>error|warning)\] (?<message>.*?)(?: \((?<rule>[\w-]+)\))?$/;

export function parseYamllint(output: string): ToolReport[] {
  return output.split(/\r?\n/).flatMap((line): ToolReport[] => {
    const found = remark.exec(line)?.groups;
    if (!found) return [];
    const { path = '', message = '', rule } = found;
    return [
      {
        path,
        start: { line: Number(found['line']), column: Number(found['column']) },
        severity: found['level'] === 'error' ? 'error' : 'warning',
        message,
        ...(rule !== undefined && { rule }),
      },
    ];
  });
}

/** What `yamllint --list-files` prints: paths, one a line. */
export function listedByYamllint(output: string): string[] {
  return output.split(/\r?\n/).filter((line) => line !== '');
}
