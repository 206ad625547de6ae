// What `go vet -json` prints: findings as JSON per package and check; code that does not compile as plain lines.
import { fields, items, type LineColumn, type ToolReport, text } from '../report.ts';

export function parseGoVet(stdout: string, stderr: string): ToolReport[] {
  return [...jsonDocuments(stdout), ...jsonDocuments(stderr)].flatMap(checksOf).concat(compileErrors(stderr));
}

/** A template for `go list` that names the files of a package that are built here, one a line. */
export const builtFiles = ['GoFiles', 'CgoFiles', 'TestGoFiles', 'XTestGoFiles']
  .map((kind) => `{{range .${kind}}}{{println .}}{{end}}`)
  .join('');

export function builtByGo(output: string): string[] | undefined {
  const lines = output.split(/\r?\n/).filter((line) => line !== '');
  return lines.every((line) => line.endsWith('.go')) ? lines : undefined;
}

/** Packages are separate documents, and lines that begin with `#` name them. */
function jsonDocuments(output: string): unknown[] {
  const documents = output.replace(/^#.*$/gm, '').match(/^\{$[\s\S]*?^\}$/gm) ?? [];
  return documents.map((document): unknown => JSON.parse(document));
}

function checksOf(document: unknown): ToolReport[] {
  return Object.values(fields(document)).flatMap((checks) =>
    Object.entries(fields(checks)).flatMap(([rule, findings]) =>
      items(findings).flatMap((finding): ToolReport[] => {
        const start = placeAt(text(finding['posn']));
        const end = placeAt(text(finding['end']));
        return start
          ? [
              {
                path: start.path,
                start: start.place,
                ...(end && { end: end.place }),
                rule,
                message: text(finding['message']),
                severity: 'warning',
              },
            ]
          : [];
      }),
    ),
  );
}

function compileErrors(output: string): ToolReport[] {
  return [...output.matchAll(/^(?:vet: )?(.+?\.go:\d+:\d+): (.+)$/gm)].flatMap(
    ([, position = '', message = '']): ToolReport[] => {
      const start = placeAt(position);
      return start ? [{ path: start.path, start: start.place, rule: 'syntax', message, severity: 'error' }] : [];
    },
  );
}

function placeAt(position: string): { path: string; place: LineColumn } | undefined {
  const found = /^(.+):(\d+):(\d+)$/.exec(position);
  return found ? { path: found[1] ?? '', place: { line: Number(found[2]), column: Number(found[3]) } } : undefined;
}
