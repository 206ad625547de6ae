// What is spawned for a server's command: the program itself, and on Windows cmd.exe where it is a script, such as npx.
import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { UserError } from '../../../base/errors.ts';

export interface CommandLine {
  file: string;
  args: string[];
  /** Whether the arguments are one line as cmd.exe reads it. */
  isVerbatim: boolean;
}

/** Throws UserError for arguments that cmd.exe can't be given. */
export function commandLine(
  command: string,
  args: readonly string[],
  { PATH, Path }: NodeJS.ProcessEnv,
  isWindows = process.platform === 'win32',
): CommandLine {
  const script = isWindows ? windowsScript(command, PATH ?? Path ?? '') : undefined;
  if (script === undefined) return { file: command, args: [...args], isVerbatim: false };
  // Between quotes cmd.exe reads `"` and `%`, for which there is no safe way to write them (CVE-2024-27980).
  const unsafe = [script, ...args].find((word) => /["%\r\n]/.test(word));
  if (unsafe !== undefined)
    throw new UserError(
      'unsafe-argument',
      `${command} is a script on Windows, and can't be given the argument ${unsafe.slice(0, 200)}. Use the program that it starts instead.`,
    );
  // Programs take a quote behind a backslash for a part of the argument, so that backslashes before the last one are doubled.
  const line = [script, ...args].map((word) => `"${word.replace(/\\+$/, '$&$&')}"`).join(' ');
  return { file: 'cmd.exe', args: ['/d', '/s', '/v:off', '/c', `"${line}"`], isVerbatim: true };
}

function windowsScript(command: string, path: string): string | undefined {
  if (/\.(cmd|bat)$/i.test(command)) return command;
  if (/[\\/]|\.exe$/i.test(command)) return undefined;
  const found = path
    .split(delimiter)
    .filter(isAbsolute)
    .flatMap((folder) => ['.exe', '.cmd', '.bat'].map((end) => join(folder, `${command}${end}`)))
    .find((file) => existsSync(file));
  return found?.endsWith('.exe') ? undefined : found;
}
