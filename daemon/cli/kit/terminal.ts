// Output to a terminal: text of models and files without what could steer the terminal, and a little colour.

// Control characters but tab and newline; bidirectional overrides; Unicode tag characters, which hide text.
const unsafe =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]|[\u{e0000}-\u{e007f}]/gu;

/** Removes the characters that could steer a terminal or hide text. */
export function clean(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(unsafe, '');
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
export type Style = keyof typeof codes;

/** Colours a text where the stream is a terminal that wants colours. */
export function styled(stream: NodeJS.WriteStream, style: Style, text: string): string {
  const wanted = stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  return wanted ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;
}

/** Prints one JSON document and nothing else. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function printLine(text: string): void {
  process.stdout.write(`${clean(text)}\n`);
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
