// What every command of the terminal is.

/** 0 fine, 1 findings at or above `--fail-on`, 2 usage, 3 failed. */
export type ExitCode = 0 | 1 | 2 | 3;
/** A command gets what follows its name. Throws UsageError or UserError. */
export type Command = (args: string[]) => Promise<ExitCode>;

/** The words of the call are off; shown with the command's usage. */
export class UsageError extends Error {}
