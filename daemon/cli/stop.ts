// `switchyard stop`: ends the daemon, and returns when it has ended.
import { setTimeout as delay } from 'node:timers/promises';
import { DaemonShutdown } from '../../shared/protocol/daemon.ts';
import { throwIfCancelled, UserError } from '../base/errors.ts';
import { isAlive, type LockRecord, readRecord } from '../base/lock.ts';
import { withDaemon } from './kit/client.ts';
import { type ExitCode, readArguments } from './kit/command.ts';
import { printLine } from './kit/terminal.ts';
import { Waiting } from './kit/waiting.ts';

const maxEndMs = 10_000;
const pollMs = 20;

export const options = {
  force: { type: 'boolean', description: 'Stop it even while it answers other clients' },
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values } = readArguments(args, options, 0);
  try {
    const { pid, holder, interrupted } = await withDaemon(
      async (client) => {
        const holder = readRecord(client.paths.lockFile); // the file loses it a moment before the process ends
        await client.call(DaemonShutdown, { ...(values.force && { force: true }) });
        return { pid: client.pid, holder, interrupted: client.interrupted };
      },
      { start: false },
    );
    if (holder) await waitUntilEnded(holder, interrupted);
    printLine(`The daemon (process ${pid}) has stopped.`);
  } catch (error) {
    if (!(error instanceof UserError && error.code === 'no-daemon')) throw error;
    printLine("The daemon isn't running.");
  }
  return 0;
}

async function waitUntilEnded(holder: LockRecord, interrupted: AbortSignal): Promise<void> {
  using _waiting = new Waiting('the daemon to stop');
  const deadline = Date.now() + maxEndMs;
  while (isAlive(holder)) {
    throwIfCancelled(interrupted);
    if (Date.now() > deadline)
      throw new UserError(
        'daemon-stuck',
        `The daemon (process ${holder.pid}) doesn't stop. End that process yourself.`,
      );
    await delay(pollMs);
  }
}
