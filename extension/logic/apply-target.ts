// Where the code of a chat answer goes when the user presses "apply". Pure.

export type ApplyTarget = 'selection' | 'file' | 'cursor';

const shareOfSameLines = 0.5;

/**
 * The selection, if there is one. Else the whole file, if the code looks like another version of it: at least half of the
 * file's lines stand in the code. Else the cursor.
 */
export function chooseApplyTarget(options: { hasSelection: boolean; fileText: string; code: string }): ApplyTarget {
  if (options.hasSelection) return 'selection';
  const fileLines = wordedLines(options.fileText);
  const codeLines = wordedLines(options.code);
  const same = [...fileLines].filter((line) => codeLines.has(line)).length;
  return same >= fileLines.size * shareOfSameLines ? 'file' : 'cursor';
}

/** Distinct lines that say something: a lone bracket stands in every file. */
function wordedLines(text: string): Set<string> {
  return new Set(
    text
      .split(/\r\n|\r|\n/)
      .map((line) => line.trim())
      .filter((line) => /\w/.test(line)),
  );
}
