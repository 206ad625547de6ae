// What a command of the command line is: its options with their descriptions, its exit codes, and how its arguments are read.
import { parseArgs } from 'node:util';
import { hintOf } from '../../../shared/similar.ts';
import { UserError } from '../../base/errors.ts';

/** 0 fine, 1 findings at or above `--fail-on`, 2 usage, 3 failed, or an answer that is empty, withheld or cut, 130 stopped by Ctrl+C. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;
/** Gets the arguments after the command's name. Throws UsageError or UserError. */
type Command = (args: string[]) => Promise<ExitCode>;

interface CommandOption {
  type: 'string' | 'boolean';
  multiple?: boolean;
  /** What stands for its value in the help: `ID`. */
  value?: string;
  /** A sentence without its period, a verb first. */
  description: string;
  /** The subcommands that it goes with, an empty word for none of them. With all of them where left out. */
  goesWith?: readonly string[];
}
export type CommandOptions = Readonly<Record<string, CommandOption>>;

/** A module in this folder. */
export interface CommandModule {
  run: Command;
  options?: CommandOptions;
}

export const json = { type: 'boolean', description: 'Print one JSON document, even if the command fails' } as const;

/** The arguments are wrong. Shown with the command's usage. */
export class UsageError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** A failure that the user can act on, with what to do in a sentence of its own. */
export class HintedError extends UserError {
  readonly hint: string;
  constructor(code: string, message: string, hint: string) {
    super(code, message);
    this.hint = hint;
  }
}

export function isHinted(error: unknown): error is Error & { hint: string } {
  return error instanceof Error && typeof (error as { hint?: unknown }).hint === 'string';
}

type Parsed<T extends CommandOptions> = ReturnType<
  typeof parseArgs<{ args: string[]; allowPositionals: true; options: T }>
>;

/** Reads a command's arguments. Throws UsageError, which names the option that was probably meant. */
export function readArguments<const T extends CommandOptions>(
  args: string[],
  options: T,
  maxPositionals = Number.POSITIVE_INFINITY,
): Parsed<T> {
  const parsed = parse(args, options);
  checkSubcommand(options, parsed);
  const extra = parsed.positionals[maxPositionals];
  if (extra !== undefined) throw new UsageError(`Unexpected argument "${extra}".`);
  return parsed;
}

function parse<T extends CommandOptions>(args: string[], options: T): Parsed<T> {
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string };
    if (!code.startsWith('ERR_PARSE_ARGS')) throw error;
    const unknown = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? /'(-[^' ]*)'/.exec(message)?.[1] : undefined;
    if (unknown === undefined) throw new UsageError(`${message.split('.')[0]}.`);
    const known = Object.keys(options).map((name) => `--${name}`);
    throw new UsageError(`Unknown option ${unknown}.`, hintOf(unknown, known));
  }
}

/** An option that would do nothing isn't what the user meant. */
function checkSubcommand(options: CommandOptions, given: { values: object; positionals: readonly string[] }): void {
  const [word = ''] = given.positionals;
  for (const name of Object.keys(given.values)) {
    const { goesWith } = options[name] ?? {};
    if (!goesWith || goesWith.includes(word)) continue;
    const words = goesWith.filter((each) => each !== '');
    const where = words.length === 0 ? 'without a subcommand' : `with ${wordsOf(words)}`;
    throw new UsageError(`\`--${name}\` goes ${where}.`);
  }
}

/** `add` or `remove`, as a sentence has them. */
export function wordsOf(subcommands: readonly string[]): string {
  return subcommands.map((word) => `\`${word}\``).join(' or ');
}

/** The entry of a command's table that a word names. Throws UsageError, which names the one that was probably meant. */
export function subcommandOf<T>(command: string, table: Readonly<Record<string, T>>, word: string): T {
  if (Object.hasOwn(table, word)) return table[word] as T;
  throw new UsageError(`${command} has no subcommand "${word}".`, hintOf(word, Object.keys(table)));
}

/** The same failure, with what to do about it where it has no hint of its own. */
export function withHint(error: unknown, hint: string | undefined): unknown {
  if (!(error instanceof Error) || isHinted(error) || hint === undefined) return error;
  return Object.assign(error, { hint });
}
