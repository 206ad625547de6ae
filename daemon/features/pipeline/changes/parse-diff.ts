// Reads a unified diff as git writes it. Pure; what it cannot read it leaves out.

export interface ChangedFile {
  /** As the diff names the file after the change, without git's `b/`. */
  path: string;
  /** As the diff names it before the change; absent where that is the same, or nothing. */
  formerPath?: string;
  hunks: Hunk[];
}

/** The new side of a hunk. Line numbers are zero-based. */
interface Hunk {
  firstLine: number;
  lines: { text: string; isAdded: boolean }[];
}

/** Files that exist after the change and have text, in the diff's order. */
export function parseDiff(diff: string): ChangedFile[] {
  const files: ChangedFile[] = [];
  let oldPath = '';
  let file: ChangedFile | undefined;
  let hunk: Hunk | undefined;
  let [oldLeft, newLeft] = [0, 0];
  for (const line of diff.split('\n')) {
    if (hunk && (oldLeft > 0 || newLeft > 0)) {
      const mark = line.charAt(0);
      if (mark !== '+' && mark !== '\\') oldLeft--;
      if (mark !== '-' && mark !== '\\') {
        newLeft--;
        hunk.lines.push({ text: line.slice(1), isAdded: mark === '+' });
      }
      continue;
    }
    const header = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (header && file) {
      oldLeft = Number(header[1] ?? 1);
      newLeft = Number(header[3] ?? 1);
      hunk = { firstLine: Math.max(0, Number(header[2]) - 1), lines: [] };
      file.hunks.push(hunk);
    } else if (line.startsWith('diff ')) {
      file = undefined;
    } else if (line.startsWith('--- ')) {
      oldPath = pathIn(line);
    } else if (line.startsWith('+++ ')) {
      const newPath = pathIn(line);
      const path = withoutPrefix(newPath, oldPath);
      const formerPath = withoutPrefix(oldPath, newPath);
      const isMoved = formerPath !== path && formerPath !== '/dev/null' && formerPath !== '';
      file = path === '/dev/null' ? undefined : { path, ...(isMoved && { formerPath }), hunks: [] };
      if (file) files.push(file);
    }
  }
  return files.filter(({ hunks }) => hunks.length > 0);
}

/**
 * Cuts a diff into one diff for each file. A line of a file cannot begin with `diff`, since every line begins with a
 * mark.
 */
export function fileDiffsOf(diff: string): string[] {
  return diff.split(/^(?=diff --(?:git|cc|combined) )/m).filter((fileDiff) => fileDiff !== '');
}

/** The names of the file in its diff, before and after the change. */
export function pathsInFileDiff(fileDiff: string): string[] {
  const [first = '', ...rest] = fileDiff.slice(0, headLength(fileDiff)).split('\n');
  const paths = new Set<string>();
  const [, kind, names = ''] = /^diff --(\w+) (.*)$/.exec(first) ?? [];
  // The header has the same name twice, except for a renamed file, whose names are on lines of their own. A merge has
  // the name once.
  if (kind === 'git') paths.add(withoutPrefix(pathIn(`    ${names.slice(0, (names.length - 1) / 2)}`), 'a/'));
  else if (kind !== undefined) paths.add(pathIn(`    ${names}`));
  for (const line of rest) {
    const renamed = /^(?:rename|copy) (?:from|to) (.*)$/.exec(line)?.[1];
    if (renamed !== undefined) paths.add(pathIn(`    ${renamed}`));
    if (line.startsWith('--- ') || line.startsWith('+++ ')) paths.add(withoutPrefix(pathIn(line), 'a/'));
  }
  paths.delete('/dev/null');
  return [...paths];
}

/** The files that a diff names without their content, since it is no text; as they are called after the change. */
export function binaryPathsIn(diff: string): string[] {
  return fileDiffsOf(diff).flatMap((fileDiff) => {
    const head = fileDiff.slice(0, headLength(fileDiff));
    const isBinary = /^(?:Binary files .* differ|GIT binary patch)\r?$/m.test(head);
    const isDeleted = /^deleted file mode /m.test(head);
    return isBinary && !isDeleted ? pathsInFileDiff(fileDiff).slice(-1) : [];
  });
}

/** The header of a file's diff with the reason why the rest is left out. */
export function withoutHunks(fileDiff: string, reason: string): string {
  const [first = ''] = fileDiff.split('\n', 1);
  return `${first}\nnot shown: ${reason}\n`;
}

/** Where the lines of the file begin. */
function headLength(fileDiff: string): number {
  const at = fileDiff.search(/^@@ /m);
  return at < 0 ? fileDiff.length : at;
}

function pathIn(line: string): string {
  const path = line.slice(4).replace(/\t.*$/, '').replace(/\r$/, '');
  return path.startsWith('"') ? unquoted(path) : path;
}

/** git writes unusual names in quotes, with bytes as octal escapes. */
function unquoted(path: string): string {
  const bytes = path
    .slice(1, -1)
    .replace(/\\(?:([0-7]{3})|(.))/g, (_, octal?: string, escaped?: string) =>
      octal === undefined
        ? ({ n: '\n', t: '\t' }[escaped ?? ''] ?? escaped ?? '')
        : String.fromCharCode(Number.parseInt(octal, 8)),
    );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Both sides carry a letter (`a/`, `b/`, or git's mnemonic ones) unless the user switched that off. */
function withoutPrefix(path: string, oldPath: string): string {
  const isPrefixed = /^[a-z]\//.test(path) && (/^[a-z]\//.test(oldPath) || oldPath === '/dev/null');
  return isPrefixed ? path.slice(2) : path;
}
