// The type of the command line's commands.

/** 0 fine, 1 findings at or above `--fail-on`, 2 usage, 3 failed, or an answer that is empty, withheld or cut. */
export type ExitCode = 0 | 1 | 2 | 3;
/** Gets the arguments after the command's name. Throws UsageError or UserError. */
export type Command = (args: string[]) => Promise<ExitCode>;

/** The arguments are wrong. Shown with the command's usage. */
export class UsageError extends Error {}
