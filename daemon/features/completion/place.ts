// Where the cursor is, and how much is suggested there: a line, several where the code asks for them, or nothing. Pure.

/** `block`: the code asks for several lines. */
export type Extent = 'line' | 'block';

export interface CursorPlace {
  text: string;
  offset: number;
  languageId: string;
}

const closers = /^[\])}>'"`,;:]/;
const opener = /([{[]|=>|\b(do|then|else|begin))$/;
const announcing = /^(\/\/|#(?!\s*(include|define|if|endif|pragma))|--|\/\*|\*|"""|''')/;

/** Undefined where nothing is suggested unasked: before code on the same line, and so within a word. */
export function extentAt(
  place: CursorPlace,
  { isInvoked, multiline }: { isInvoked: boolean; multiline: boolean },
): Extent | undefined {
  const { before, after } = lineAround(place);
  const rest = after.trim();
  if (rest !== '' && (!closers.test(rest) || /^\w/.test(after))) return isInvoked ? 'line' : undefined;
  if (!multiline) return 'line';
  const line = before.trim();
  if (line !== '') {
    const isEmptyBody = rest === '' || (line.endsWith('{') && /^}[\])};,]*$/.test(rest));
    return isEmptyBody && opens(line, place.languageId) && !announcing.test(line) ? 'block' : 'line';
  }
  if (rest !== '') return 'line';
  const previous = lineBefore(place).trim();
  return opens(previous, place.languageId) || announcing.test(previous) ? 'block' : 'line';
}

const colonLanguages: ReadonlySet<string> = new Set(['python', 'yaml', 'nim', 'gdscript']);

function opens(line: string, languageId: string): boolean {
  return opener.test(line) || (line.endsWith(':') && colonLanguages.has(languageId));
}

/** The cursor's line, to both sides. */
export function lineAround({ text, offset }: Pick<CursorPlace, 'text' | 'offset'>): { before: string; after: string } {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return {
    before: text.slice(offset === 0 ? 0 : start, offset),
    after: text.slice(offset, end < 0 ? text.length : end).replace(/\r$/, ''),
  };
}

const maxBlankChars = 2000;

/** The last line before the cursor's that says something. */
function lineBefore({ text, offset }: Pick<CursorPlace, 'text' | 'offset'>): string {
  const { before } = lineAround({ text, offset });
  const above = text.slice(Math.max(0, offset - before.length - maxBlankChars), offset - before.length).trimEnd();
  return above.slice(above.lastIndexOf('\n') + 1);
}

/** The columns that a line is indented by, a tab as four. */
export function indentOf(line: string): number {
  const [white = ''] = /^[ \t]*/.exec(line) ?? [];
  return white.replaceAll('\t', '    ').length;
}

/** The columns up to which a block that begins at the cursor is left. */
export function outerIndent(place: CursorPlace): number {
  const { before } = lineAround(place);
  if (before.trim() !== '') return indentOf(before);
  const previous = lineBefore(place);
  return opens(previous.trim(), place.languageId) ? indentOf(previous) : indentOf(before) - 1;
}
