// `switchyard mcp import`: takes over MCP servers from the files of VS Code, Claude and Cursor. Each is shown with exactly what would be
// started, and nothing is taken over unasked.
import { resolve } from 'node:path';
import { McpConfigure, McpList } from '../../../shared/protocol/mcp.ts';
import {
  type ForeignFile,
  type ForeignServer,
  foreignPlaces,
  lineOf,
  readForeignFile,
  withOwnNames,
} from '../../transfer/mcp/foreign-files.ts';
import { askAtTerminal } from '../kit/ask-trust.ts';
import { chooseRows } from '../kit/choose.ts';
import type { DaemonClient } from '../kit/client.ts';
import { HintedError, UsageError } from '../kit/command.ts';
import { printJson, printLine } from '../kit/terminal.ts';

export async function importServers(
  client: DaemonClient,
  { from, yes, json }: { from: string | undefined; yes: boolean; json: boolean },
): Promise<void> {
  const files = withOwnNames(filesToRead(from));
  const { servers: known } = await client.call(McpList, {});
  const names = new Set(known.map(({ name }) => name));
  const found = files.flatMap(({ path, servers }) => servers.map((server) => ({ ...server, path })));
  const wanted = found.filter(({ name }) => !names.has(name));
  if (!json) describe(files, wanted, names);
  const ask = askAtTerminal();
  if (wanted.length > 0 && !yes && !ask)
    throw new HintedError(
      'not-asked',
      "Nothing was imported, since there's nobody to ask.",
      'add --yes to import all of them',
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

function filesToRead(from: string | undefined): ForeignFile[] {
  if (from === undefined) return foreignPlaces([process.cwd()]).flatMap((path) => readForeignFile(path) ?? []);
  const file = readForeignFile(resolve(from));
  if (!file) throw new UsageError(`There's no file ${resolve(from)}.`);
  return [file];
}

function describe(files: readonly ForeignFile[], wanted: readonly ForeignServer[], known: ReadonlySet<string>): void {
  let row = 0;
  for (const { path, servers, leftOut } of files) {
    printLine(path);
    for (const server of servers) {
      if (known.has(server.name)) printLine(`      ${server.name} is in config.json already`);
      else printLine(`  ${String(++row).padStart(2)}  ${server.name}  ${lineOf(server)}`);
    }
    for (const why of leftOut) printLine(`      Left out. ${why}`);
  }
  if (wanted.length === 0) printLine('No MCP servers to import.');
}
