// What the languages' own interpreters say of code they cannot read: one error, the first.
import { fields, lineColumnFrom, type ToolReport, text, type Unread } from '../report.ts';

/** `node --check` prints the place, the line, a caret under the column, and the error. */
export function parseNodeCheck(output: string): ToolReport[] {
  const place = /^(.+):(\d+)\r?\n(.*)\r?\n(?:([ \t]*)\^+)?/m.exec(output);
  const message = /^SyntaxError: (.+)$/m.exec(output)?.[1];
  if (!place || message === undefined) return [];
  const start = { line: Number(place[2]), column: (place[4] ?? '').length + 1 };
  return [{ start, message, rule: 'syntax', severity: 'error' }];
}

/** Where JSX, a decorator, or Flow's types stand in a `.js` file, Node is not who builds it, and its first error says nothing. */
export function beyondJavaScript(output: string, source: string): Unread | undefined {
  const [report] = parseNodeCheck(output);
  if (!report) return undefined;
  const line = source.split('\n')[report.start.line - 1] ?? '';
  const here = line.slice(report.start.column - 1);
  const isTag = /^<(?:>|[A-Za-z][\w.:-]*(?:[\s/>]|$))/.test(here);
  const isFlow = /^\s*(?:\/\*[^/]*|\/\/\s*)@flow\b/m.test(source.slice(0, 2000));
  if (!isTag && !/^@\w/.test(here) && !isFlow) return undefined;
  return {
    state: 'left-out',
    why: `reads plain JavaScript only, and the file has ${isTag ? 'JSX' : isFlow ? 'Flow types' : 'decorators'}`,
  };
}

/** Reads the code from its input and prints the first syntax error as JSON; compiles, never runs it. */
export const pythonCheckScript = `import json, sys
try: compile(sys.stdin.buffer.read(), sys.argv[1], "exec", dont_inherit=True)
except SyntaxError as e: print(json.dumps({"line": e.lineno, "column": e.offset, "message": e.msg}))
`;

export function parsePythonCheck(output: string): ToolReport[] {
  if (output.trim() === '') return [];
  const error = fields(JSON.parse(output));
  const start = lineColumnFrom(error['line'], error['column']);
  return start ? [{ start, message: text(error['message']), rule: 'syntax', severity: 'error' }] : [];
}
