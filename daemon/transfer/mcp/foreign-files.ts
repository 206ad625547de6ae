// MCP servers as other programs' files name them: where those files are, and what of each server our configuration can say.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import { looksSecret } from '../../base/child-environment.ts';
import { readPlainFileSync } from '../../base/disk.ts';
import { errnoCode } from '../../base/errors.ts';
import { shellWord } from '../../base/paths.ts';

export interface ForeignServer {
  name: string;
  /** As our config.json has it. */
  server: {
    command?: string;
    args?: string[];
    env?: Record<string, string>;
    cwd?: string;
    url?: string;
    headers?: Record<string, string>;
  };
  /** What the user has to do besides, in sentences. */
  notes: string[];
}

export interface ForeignFile {
  path: string;
  servers: ForeignServer[];
  /** Those that can't be had, with why. */
  leftOut: string[];
}

/** Where VS Code, Claude and Cursor keep theirs: for the user, and in folders. */
export function foreignPlaces(
  folders: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  home = homedir(),
): string[] {
  const applications =
    {
      darwin: join(home, 'Library', 'Application Support'),
      win32: env['APPDATA'] ?? join(home, 'AppData', 'Roaming'),
    }[process.platform as string] ??
    env['XDG_CONFIG_HOME'] ??
    join(home, '.config');
  return [
    ...folders.flatMap((folder) => [
      join(folder, '.vscode', 'mcp.json'),
      join(folder, '.mcp.json'),
      join(folder, '.cursor', 'mcp.json'),
    ]),
    join(applications, 'Code', 'User', 'mcp.json'),
    join(applications, 'Claude', 'claude_desktop_config.json'),
    join(home, '.claude.json'),
    join(home, '.cursor', 'mcp.json'),
  ];
}

/** Undefined where there is no such file. Throws what the file system does. */
export function readForeignFile(path: string): ForeignFile | undefined {
  try {
    return { path, ...foreignServers(readPlainFileSync(path)) };
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export function foreignServers(text: string): Omit<ForeignFile, 'path'> {
  const file: unknown = parse(text.replace(/^\uFEFF/, ''), [], { allowTrailingComma: true });
  const listed =
    objectIn(file, 'servers') ?? objectIn(file, 'mcpServers') ?? objectIn(objectIn(file, 'mcp'), 'servers');
  const servers: ForeignServer[] = [];
  const leftOut: string[] = [];
  for (const [name, given] of Object.entries(listed ?? {})) {
    const own = ownName(name);
    const read = readServer(own, given);
    if (typeof read === 'string') leftOut.push(`${name}: ${read}`);
    else servers.push({ name: own, ...read });
  }
  return { servers, leftOut };
}

/** Two files may name different servers alike: the second gets a number. */
export function withOwnNames(files: readonly ForeignFile[]): ForeignFile[] {
  const taken = new Map<string, number>();
  return files.map((file) => ({
    ...file,
    servers: file.servers.map((server) => {
      const count = (taken.get(server.name) ?? 0) + 1;
      taken.set(server.name, count);
      return count === 1 ? server : renamed(server, `${server.name.slice(0, 26)}-${count}`);
    }),
  }));
}

/** With keys of its own: it isn't given those of the other one. */
function renamed({ name: before, server, notes }: ForeignServer, name: string): ForeignServer {
  const own = (text: string): string => text.replaceAll(keyPrefix(before), keyPrefix(name));
  const { env, headers, ...rest } = server;
  const valuesOf = (values: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, own(value)]));
  return {
    name,
    server: { ...rest, ...(env && { env: valuesOf(env) }), ...(headers && { headers: valuesOf(headers) }) },
    notes: notes.map(own),
  };
}

/** A name of a server has no dot. */
function keyPrefix(server: string): string {
  return `mcp-${server}.`;
}

/** The keys that its values come from, by name: what VS Code asks its user for is saved as one. */
export function keysOf(server: ForeignServer['server']): string[] {
  const values = Object.values({ ...server.env, ...server.headers }).join(' ');
  return [...new Set([...values.matchAll(/\$\{key:([^}]+)\}/g)].map(([, key = '']) => key))];
}

/** What values have Switchyard fill in: saved keys and variables of the daemon's, as they are written. */
export function referencesIn(values: readonly string[]): string[] {
  return values.flatMap((value) => [...value.matchAll(/\$\{(?:key|env):[^}]*\}/g)].map(([whole]) => whole));
}

/**
 * What is started or asked, to the word. Variables decide about that as well, so that values are shown but of what is called like a secret.
 * What a value is filled in with goes to the server, so that it's named in any case.
 */
export function lineOf({ server: { command, args = [], env = {}, cwd, url, headers = {} } }: ForeignServer): string {
  const hidden = ([name, value]: [string, string]): string => {
    const filled = referencesIn([value]).join(' ');
    return filled === '' ? name : `${name}=${filled}`;
  };
  const variables = Object.entries(env).map(([name, value]) =>
    looksSecret(name) ? hidden([name, value]) : `${name}=${shellWord(value)}`,
  );
  const given = [...variables, ...Object.entries(headers).map(hidden)];
  return [
    url ?? [command ?? '', ...args].map(shellWord).join(' '),
    ...(cwd === undefined ? [] : [`in ${cwd}`]),
    ...(given.length > 0 ? [`(with ${given.join(', ')})`] : []),
  ].join('  ');
}

const maxKeyChars = 60; // a saved key has a name of 64 at most, and a second server of one name gets a number

/** A sentence where it can't be had. */
function readServer(name: string, given: unknown): Omit<ForeignServer, 'name'> | string {
  const { command, args, env, cwd, url, headers, envFile } = (given ?? {}) as Record<string, unknown>;
  const notes: string[] = [];
  const values = [env, headers].flatMap((given) => Object.values(Object(given)).map(String));
  const key = referencesIn(values).find((each) => each.startsWith(`\${key:`));
  if (key !== undefined) return `it asks for ${key}, a key saved in Switchyard, which no other program's file may`;
  if (typeof envFile === 'string')
    notes.push(`Its variables in ${envFile} aren't imported. Add them to "env" in config.json.`);
  if (typeof url === 'string') {
    if (url.includes(`\${`)) return `its address depends on ${url}`;
    return { server: { url, ...ownValues('headers', headers, { name, notes }) }, notes };
  }
  if (typeof command !== 'string') return 'it names no program and no address';
  const words = Array.isArray(args) ? args.map(String) : [];
  const open = [command, ...words, ...(typeof cwd === 'string' ? [cwd] : [])].find((word) => word.includes(`\${`));
  if (open !== undefined) return `its command depends on ${open}`;
  const server = {
    command,
    args: words,
    ...ownValues('env', env, { name, notes }),
    ...(typeof cwd === 'string' && { cwd }),
  };
  return { server, notes };
}

/** VS Code's inputs become saved keys of this server alone, and variables get our form. */
function ownValues<Field extends 'env' | 'headers'>(
  field: Field,
  given: unknown,
  { name, notes }: Pick<ForeignServer, 'name' | 'notes'>,
): { [Key in Field]?: Record<string, string> } {
  if (typeof given !== 'object' || given === null) return {};
  const values = Object.entries(given).map(([key, value]): [string, string] => {
    const own = String(value)
      .replace(/\$\{input:([^}]*)\}/g, (_, id: string) => {
        const key = (keyPrefix(name) + id.replace(/[^\w.-]/g, '-')).slice(0, maxKeyChars);
        notes.push(`Save its ${id} with \`switchyard keys set ${key}\`.`);
        return `\${key:${key}}`;
      })
      .replace(/\$\{(\w+)(:-[^}]*)?\}/g, (_, variable: string) => `\${env:${variable}}`);
    return [key, own];
  });
  return values.length === 0
    ? {}
    : ({ [field]: Object.fromEntries(values) } as { [Key in Field]?: Record<string, string> });
}

/** As config.json takes it. */
function ownName(name: string): string {
  const plain = name
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 30);
  return plain.replace(/-+$/, '') || 'server';
}

function objectIn(value: unknown, key: string): Record<string, unknown> | undefined {
  const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof found === 'object' && found !== null && !Array.isArray(found)
    ? (found as Record<string, unknown>)
    : undefined;
}
