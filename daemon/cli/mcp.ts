// `switchyard mcp`: Switchyard's tools for other agents, over the Model Context Protocol on stdio. With --config it prints how to set that up.
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ExitCode, readArguments, UsageError } from './kit/command.ts';
import { configurations } from './mcp/configurations.ts';

export const options = {
  root: {
    type: 'string',
    multiple: true,
    value: 'DIR',
    description:
      "Use this folder, whatever the client says. Otherwise the client's folders, or the current one, are used",
  },
  profile: { type: 'string', value: 'NAME', description: 'Work in this profile' },
  'no-index': { type: 'boolean', description: "Don't index the folders for searches of code" },
  config: {
    type: 'string',
    value: 'CLIENT',
    description: `Print the configuration for ${Object.keys(configurations).join(', ')}`,
  },
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values } = readArguments(args, options, 0);
  const { root = [], profile, config, 'no-index': isUnindexed = false } = values;
  const roots = root.map(folderNamed);
  if (config !== undefined) {
    const flags = [
      ...roots.flatMap((folder) => ['--root', folder]),
      ...(profile === undefined ? [] : ['--profile', profile]),
      ...(isUnindexed ? ['--no-index'] : []),
    ];
    return printConfiguration(config, flags);
  }
  const [{ DaemonLink }, { serveTools, ownFolder }] = await Promise.all([
    import('./mcp/daemon-link.ts'),
    import('./mcp/server.ts'),
  ]);
  const link = new DaemonLink({ ...(profile !== undefined && { profile }), ...(isUnindexed && { index: false }) });
  const fixed = roots.length > 0 ? roots.map((folder) => pathToFileURL(folder).href) : undefined;
  await serveTools(link, { fixed, own: ownFolder(process.cwd()) });
  process.exit(0); // a daemon may still be starting
}

function folderNamed(name: string): string {
  const path = resolve(name);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`There's no folder ${path}.`);
  return path;
}

/** stdout has what is to be pasted and nothing else. */
function printConfiguration(client: string, flags: readonly string[]): ExitCode {
  const known = Object.hasOwn(configurations, client) ? configurations[client] : undefined;
  if (!known) throw new UsageError(`--config must be one of ${Object.keys(configurations).join(', ')}.`);
  const program = realpathSync(process.argv[1] ?? '');
  process.stderr.write(`Add this to ${known.place}:\n`);
  process.stdout.write(`${known.text({ command: process.execPath, args: [program, 'mcp', ...flags] })}\n`);
  return 0;
}
