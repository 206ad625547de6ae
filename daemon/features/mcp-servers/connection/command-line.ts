// What is spawned for a server's command: on Windows, npx and its like are no programs but scripts.
import { programNamed, type SpawnedCommand, spawnedCommand } from '../../../base/process/windows-command.ts';

interface ServerCommand {
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
}

interface ServerProcess extends SpawnedCommand {
  /** Whether it is the Node that runs this, which is an editor's program otherwise. */
  isOwnNode: boolean;
}

/** Throws UserErrors `unsafe-argument` and `unsafe-folder`. */
export function commandLine(
  { command, args, env, cwd }: ServerCommand,
  isWindows = process.platform === 'win32',
): ServerProcess {
  const { file, before } = programNamed(command, { cwd, path: env['PATH'] ?? env['Path'] }, isWindows);
  const spawned = spawnedCommand(file, [...before, ...args], { areUsers: true, cwd, isWindows });
  return { ...spawned, isOwnNode: before.length > 0 && file === process.execPath };
}
