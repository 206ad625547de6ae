// `switchyard acp`: chat and agent for editors that speak the Agent Client Protocol, on stdio. With --config it prints how to set that up.
import { realpathSync } from 'node:fs';
import { configurations } from './acp/configurations.ts';
import { type ExitCode, readArguments, UsageError } from './kit/command.ts';

export const options = {
  profile: { type: 'string', value: 'NAME', description: 'Work in this profile' },
  config: {
    type: 'string',
    value: 'EDITOR',
    description: `Print the configuration for ${Object.keys(configurations).join(', ')}`,
  },
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const {
    values: { profile, config },
  } = readArguments(args, options, 0);
  if (config !== undefined) return printConfiguration(config, profile === undefined ? [] : ['--profile', profile]);
  const { serveAgent } = await import('./acp/server.ts');
  const code = await serveAgent(profile === undefined ? {} : { profile });
  process.exit(code); // a daemon may still be starting
}

/** stdout has what is to be pasted and nothing else. */
function printConfiguration(editor: string, flags: readonly string[]): ExitCode {
  const known = Object.hasOwn(configurations, editor) ? configurations[editor] : undefined;
  if (!known) throw new UsageError(`--config must be one of ${Object.keys(configurations).join(', ')}.`);
  const program = realpathSync(process.argv[1] ?? '');
  process.stderr.write(`Add this to ${known.place}:\n`);
  process.stdout.write(`${known.text({ command: process.execPath, args: [program, 'acp', ...flags] })}\n`);
  return 0;
}
