// `switchyard mcp`: Switchyard's tools for other agents, over the Model Context Protocol on stdio. With --config it prints how to set that up.
// With a subcommand it is about the other direction: the servers whose tools our own agent may call.
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type DaemonClient, withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments, subcommandOf, UsageError } from './kit/command.ts';
import { configurations } from './mcp/configurations.ts';

export const options = {
  root: {
    type: 'string',
    multiple: true,
    value: 'DIR',
    goesWith: [''],
    description:
      "Use this folder, whatever the client says. Otherwise the client's folders, or the current one, are used",
  },
  profile: { type: 'string', value: 'NAME', description: 'Work in this profile' },
  'no-index': { type: 'boolean', goesWith: [''], description: "Don't index the folders for searches of code" },
  config: {
    type: 'string',
    value: 'CLIENT',
    goesWith: [''],
    description: `Print the configuration for ${Object.keys(configurations).join(', ')}`,
  },
  from: {
    type: 'string',
    value: 'FILE',
    goesWith: ['import'],
    description: 'Read this file instead of looking for those of VS Code, Claude, and Cursor',
  },
  url: { type: 'string', value: 'URL', goesWith: ['add'], description: 'Reach the server at this address' },
  env: {
    type: 'string',
    multiple: true,
    value: 'NAME=VALUE',
    goesWith: ['add'],
    description: 'Set a variable in its environment',
  },
  header: {
    type: 'string',
    multiple: true,
    value: 'NAME=VALUE',
    goesWith: ['add'],
    description: 'Send a header with each request',
  },
  cwd: { type: 'string', value: 'DIR', goesWith: ['add'], description: 'Start its command in this folder' },
  local: {
    type: 'boolean',
    goesWith: ['add'],
    description: 'Say that the program connects only to this machine, so that it may run under "local only"',
  },
  revoke: { type: 'boolean', goesWith: ['approve'], description: 'Take the approval back' },
  yes: { type: 'boolean', goesWith: ['approve', 'import'], description: "Don't ask" },
  json,
} as const;

type McpValues = ReturnType<typeof readArguments<typeof options>>['values'];

interface Subcommand {
  /** How many words may follow it. */
  words: number;
  needsName: boolean;
  run(client: DaemonClient, words: string[], values: McpValues): Promise<void>;
}

const servers = () => import('./mcp/servers.ts');

const subcommands: Readonly<Record<string, Subcommand>> = {
  list: {
    words: 0,
    needsName: false,
    run: async (client, _words, values) => (await servers()).listServers(client, values),
  },
  approve: {
    words: 1,
    needsName: true,
    run: async (client, [what = ''], { yes = false, revoke = false, json: wantsJson }) =>
      (await servers()).approveTools(client, { what, yes, revoke, json: wantsJson }),
  },
  add: {
    words: Number.POSITIVE_INFINITY,
    needsName: true,
    run: async (client, [name = '', ...command], { url, env = [], header = [], cwd, local = false, json: wantsJson }) =>
      (await servers()).addServer(client, { name, command, url, env, headers: header, cwd, local, json: wantsJson }),
  },
  remove: {
    words: 1,
    needsName: true,
    run: async (client, [name = ''], values) => (await servers()).removeServer(client, name, values),
  },
  import: {
    words: 0,
    needsName: false,
    run: async (client, _words, { from, yes = false, json: wantsJson = false }) =>
      (await import('./mcp/import-servers.ts')).importServers(client, { from, yes, json: wantsJson }),
  },
  restart: {
    words: 1,
    needsName: true,
    run: async (client, [name = ''], values) => (await servers()).restartServer(client, name, values),
  },
  login: {
    words: 1,
    needsName: true,
    run: async (client, [name = ''], values) => (await servers()).logIn(client, name, values),
  },
  logout: {
    words: 1,
    needsName: true,
    run: async (client, [name = ''], values) => (await servers()).logOut(client, name, values),
  },
};

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options);
  const [name, ...words] = positionals;
  return name === undefined ? await serve(values) : await runSubcommand(name, words, values);
}

async function runSubcommand(name: string, words: string[], values: McpValues): Promise<ExitCode> {
  const subcommand = subcommandOf('mcp', subcommands, name);
  const extra = words[subcommand.words];
  if (extra !== undefined) throw new UsageError(`Unexpected argument "${extra}".`);
  if (subcommand.needsName && words.length === 0)
    throw new UsageError(`Name the MCP server, as in \`switchyard mcp ${name} NAME\`.`);
  const { profile } = values;
  await withDaemon((client) => subcommand.run(client, words, values), { ...(profile !== undefined && { profile }) });
  return 0;
}

/** Offers our own tools, until the client leaves. */
async function serve(values: McpValues): Promise<ExitCode> {
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
    import('./kit/daemon-link.ts'),
    import('./mcp/server.ts'),
  ]);
  const link = new DaemonLink({ ...(profile !== undefined && { profile }), ...(isUnindexed && { index: false }) });
  const fixed = roots.length > 0 ? roots.map((folder) => pathToFileURL(folder).href) : undefined;
  const code = await serveTools(link, { fixed, own: ownFolder(process.cwd()) });
  process.exit(code); // a daemon may still be starting
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
