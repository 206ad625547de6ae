// `switchyard serve`: the daemon itself. Clients start it this way, and learn over IPC whether it started.
import { UserError } from '../base/errors.ts';
import { serveShared } from '../main.ts';
import type { StartReport } from '../rpc/join.ts';
import type { ExitCode } from './kit/command.ts';

export async function run(args: string[]): Promise<ExitCode> {
  const quiet = args.includes('--quiet');
  const report = (message: StartReport): void => {
    process.send?.(message);
    if (process.connected) process.disconnect?.();
    if (!quiet && message.ready)
      process.stderr.write(`switchyard: the daemon is ready (process ${process.pid}). Press Ctrl+C to stop it.\n`);
  };
  try {
    await serveShared(report);
  } catch (error) {
    const known =
      error instanceof UserError
        ? error
        : new UserError('daemon-failed', `The daemon couldn't start: ${(error as Error).message}`);
    if (process.send)
      await new Promise<void>((resolve) =>
        process.send?.(
          { ready: false, code: known.code, message: known.message } satisfies StartReport,
          undefined,
          undefined,
          () => resolve(),
        ),
      );
    throw known;
  }
  process.exit(process.exitCode ?? 0); // a client's open socket must not keep the process alive
}
