// What `staticcheck -f json` prints: a finding a line. Every one is an "error" there.
import { fields, lineColumnFrom, type ToolReport, text } from '../report.ts';

/** Throws where the package does not compile, since it checks nothing then. */
export function parseStaticcheck(output: string): ToolReport[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .flatMap((line): ToolReport[] => {
      const finding = fields(JSON.parse(line));
      const message = text(finding['message']);
      const rule = text(finding['code']);
      if (rule === 'compile') throw new SyntaxError(`the package doesn't compile: ${message}`);
      const [location, last] = [fields(finding['location']), fields(finding['end'])];
      const start = lineColumnFrom(location['line'], location['column']);
      const end = lineColumnFrom(last['line'], last['column']);
      if (!start) return [];
      return [{ path: text(location['file']), start, message, rule, severity: 'warning', ...(end && { end }) }];
    });
}
