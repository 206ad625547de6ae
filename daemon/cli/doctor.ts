// `switchyard doctor`: runs every check, and says what to do about those that fail.
import { DaemonDoctor } from '../../shared/protocol/daemon.ts';
import { withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments } from './kit/command.ts';
import { clean, printJson, styled } from './kit/terminal.ts';

export const options = { json };

export async function run(args: string[]): Promise<ExitCode> {
  const { values } = readArguments(args, options, 0);
  const { checks } = await withDaemon((client) => client.call(DaemonDoctor, {}));
  if (values.json) printJson({ checks });
  else {
    for (const { name, ok, detail, fix } of checks) {
      const mark = ok ? styled(process.stdout, 'green', 'ok  ') : styled(process.stdout, 'yellow', 'look');
      process.stdout.write(`${mark}  ${clean(name)}: ${clean(detail)}\n${!ok && fix ? `      ${clean(fix)}\n` : ''}`);
    }
  }
  return 0;
}
