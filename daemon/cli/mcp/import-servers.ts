// `switchyard mcp import`: takes over MCP servers from the files of VS Code, Claude and Cursor. Each is shown with exactly what would be
// started, and nothing is taken over unasked.
import { fileURLToPath } from 'node:url';
import { McpConfigure, McpList } from '../../../shared/protocol/mcp.ts';
import { errnoCode } from '../../base/errors.ts';
import {
  type ForeignFile,
  type ForeignServer,
  foreignPlaces,
  foreignServers,
  lineOf,
  readForeignFile,
  withOwnNames,
} from '../../transfer/mcp/foreign-files.ts';
import { askAtTerminal } from '../kit/ask-trust.ts';
import { chooseRows } from '../kit/choose.ts';
import type { DaemonClient } from '../kit/client.ts';
import { HintedError } from '../kit/command.ts';
import { readNamedFile } from '../kit/named-file.ts';
import { printJson, printLine, printNote } from '../kit/terminal.ts';

export async function importServers(
  client: DaemonClient,
  { from, yes, json }: { from: string | undefined; yes: boolean; json: boolean },
): Promise<void> {
  const files = withOwnNames(await filesToRead(from));
  const { servers: known } = await client.call(McpList, {});
  const names = new Set(known.map(({ name }) => name));
  const found = files.flatMap(({ path, servers }) => servers.map((server) => ({ ...server, path })));
  const wanted = found.filter(({ name }) => !names.has(name));
  describe({ files, wanted, known: names }, json ? printNote : printLine);
  const ask = askAtTerminal();
  if (wanted.length > 0 && !yes && !ask)
    throw new HintedError(
      'not-asked',
      "Nothing was imported, since there's nobody to ask.",
      'To import all of them, add `--yes`.',
    );
  const rows = yes || !ask ? wanted.map((_, row) => row) : await chooseRows(ask, 'Which to import?', wanted.length);
  const chosen = wanted.length > 0 ? rows.flatMap((row) => wanted[row] ?? []) : [];
  for (const { name, server } of chosen) await client.call(McpConfigure, { name, server });
  if (json) return printJson({ imported: chosen.map(({ name, path, notes }) => ({ name, path, notes })) });
  for (const { name, notes } of chosen) {
    for (const note of notes) printLine(`${name}: ${note}`);
    printLine(`${name} is imported. To see its tools and approve them, run \`switchyard mcp approve ${name}\`.`);
  }
}

/** Throws UserError where the file that is named can't be read. One of the others is passed over. */
async function filesToRead(from: string | undefined): Promise<ForeignFile[]> {
  if (from === undefined) return foreignPlaces([process.cwd()]).flatMap(readOther);
  const { uri, text } = await readNamedFile(from);
  return [{ path: fileURLToPath(uri), ...foreignServers(text) }];
}

function readOther(path: string): ForeignFile[] {
  try {
    return [readForeignFile(path) ?? []].flat();
  } catch (error) {
    printNote(`${path} can't be read (${errnoCode(error) ?? String(error)}).`);
    return [];
  }
}

interface FoundServers {
  files: readonly ForeignFile[];
  wanted: readonly ForeignServer[];
  /** Names in config.json. */
  known: ReadonlySet<string>;
}

function describe({ files, wanted, known }: FoundServers, print: (line: string) => void): void {
  let row = 0;
  for (const { path, servers, leftOut } of files) {
    print(path);
    for (const server of servers) {
      if (known.has(server.name)) print(`      ${server.name} is in config.json already`);
      else print(`  ${String(++row).padStart(2)}  ${server.name}  ${lineOf(server)}`);
    }
    for (const why of leftOut) print(`      Left out. ${why}`);
  }
  if (wanted.length === 0) print('No MCP servers to import.');
}
