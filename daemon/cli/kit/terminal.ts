// Output to a terminal: text of models and files without what could steer the terminal, and a little colour.
import { escapeHidden, withoutHidden } from '../../../shared/hidden-characters.ts';

/** Removes the characters that could steer a terminal or hide text. */
export function clean(text: string): string {
  return withoutHidden(text);
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
export type Style = keyof typeof codes;

/** Colours a text where the stream is a terminal that wants colours. */
export function styled(stream: NodeJS.WriteStream, style: Style, text: string): string {
  const wanted = stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  return wanted ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;
}

/** A terminal, or what stands for one. */
export interface StatusStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const defaultColumns = 80;

/** Writes a line that the next one replaces. A line wider than the terminal would wrap and stay, so it is cut before its end. */
export function writeStatus(stream: StatusStream, text: string, end = ''): void {
  const room = Math.max(2, (stream.columns || defaultColumns) - 1 - end.length);
  const characters = [...clean(text)];
  const shown = characters.length > room ? `${characters.slice(0, room - 1).join('')}…` : characters.join('');
  stream.write(`\r\u001b[K${shown}${end}`);
}

/** Prints one JSON document and nothing else. What nobody sees in it is escaped, which a parser reads as it was. */
export function printJson(value: unknown): void {
  process.stdout.write(`${escapeHidden(JSON.stringify(value, null, 2))}\n`);
}

export function printLine(text: string): void {
  process.stdout.write(`${clean(text)}\n`);
}

/** What is said beside a result. */
export function printNote(text: string): void {
  process.stderr.write(`${clean(text)}\n`);
}

/** What helps, as a sentence. */
export function printHint(text: string): void {
  printNote(`hint: ${text}`);
}

/** A size in a readable unit. */
export function readableBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
