// Takes over MCP servers from the files of VS Code, Claude and Cursor. The user chooses them by exactly what would be started, and is asked
// once more; nothing is started by it.
import * as vscode from 'vscode';
import {
  type ForeignServer,
  foreignPlaces,
  keysOf,
  lineOf,
  readForeignFile,
  withOwnNames,
} from '../../daemon/transfer/mcp/foreign-files.ts';
import { KeysSet } from '../../shared/protocol/keys.ts';
import { McpConfigure, McpList } from '../../shared/protocol/mcp.ts';
import type { Context } from '../context.ts';
import { withoutIcons } from '../logic/without-icons.ts';
import { window } from '../window.ts';

const title = 'Switchyard: import MCP servers';

const allKnown = 'All MCP servers in the files of VS Code, Claude, and Cursor are in config.json already.';
const noneFound = 'No MCP servers to import were found in the files of VS Code, Claude, and Cursor.';

interface FoundServers {
  servers: (ForeignServer & { path: string })[];
  /** Why others can't be had, in sentences. */
  leftOut: string[];
}

export async function importServers(ctx: Context): Promise<void> {
  const known = new Set((await ctx.daemon.call(McpList, {})).servers.map(({ name }) => name));
  const { servers, leftOut } = findServers();
  const wanted = servers.filter(({ name }) => !known.has(name));
  if (wanted.length === 0) return void tell(ctx, servers.length > 0 ? allKnown : noneFound, leftOut);
  const rows = wanted.map((server) => ({
    label: server.name,
    description: withoutIcons(lineOf(server)),
    detail: withoutIcons([server.path, ...server.notes].join(' · ')),
    server,
  }));
  const picked = await window.showQuickPick(rows, {
    title,
    placeHolder: 'Choose which to import. Nothing is started by it',
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
    ignoreFocusOut: true,
  });
  const chosen = (picked ?? []).map(({ server }) => server);
  if (chosen.length === 0 || !(await isMeant(chosen))) return;
  for (const { name, server } of chosen) await ctx.daemon.call(McpConfigure, { name, server });
  for (const key of new Set(chosen.flatMap(({ server }) => keysOf(server)))) await askKey(ctx, key);
  const notes = [...chosen.flatMap((server) => server.notes.map((note) => `${server.name}: ${note}`)), ...leftOut];
  void tell(ctx, vscode.l10n.t('Imported: {0}. Choose one to see its tools and approve them.', namesOf(chosen)), notes);
}

/** Of the workspace's own files only where the user trusts it. A file that can't be read is told of like a server that can't be had. */
function findServers(): FoundServers {
  const folders = vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []) : [];
  const paths = folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
  const leftOut: string[] = [];
  const files = foreignPlaces(paths).flatMap((path) => {
    try {
      return readForeignFile(path) ?? [];
    } catch (error) {
      leftOut.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  const named = withOwnNames(files);
  return {
    servers: named.flatMap(({ path, servers }) => servers.map((server) => ({ ...server, path }))),
    leftOut: [...leftOut, ...named.flatMap((file) => file.leftOut.map((why) => `${file.path}: ${why}`))],
  };
}

/** A list cuts long commands: here they are whole. */
async function isMeant(chosen: readonly ForeignServer[]): Promise<boolean> {
  const detail = chosen.map((server) => `${server.name}: ${lineOf(server)}`).join('\n\n');
  const question = 'Import these MCP servers?';
  return (await window.showInformationMessage(question, { modal: true, detail }, 'Import')) !== undefined;
}

async function askKey(ctx: Context, name: string): Promise<void> {
  const key = await window.showInputBox({
    title,
    prompt: vscode.l10n.t(
      'Enter the value of {0}, which the server needs. It is stored encrypted on this machine. Leave empty to do it later.',
      name,
    ),
    password: true,
    ignoreFocusOut: true, // it is copied from elsewhere
  });
  if (key?.trim()) await ctx.daemon.call(KeysSet, { provider: name, key: key.trim(), scope: 'global' });
}

async function tell(ctx: Context, sentence: string, notes: readonly string[]): Promise<void> {
  const button = await window.showInformationMessage(sentence, ...(notes.length > 0 ? ['Show Notes'] : []));
  if (button) await ctx.documents.showReport('MCP servers.md', `${notes.map((note) => `- ${note}`).join('\n')}\n`);
}

function namesOf(servers: readonly ForeignServer[]): string {
  return servers.map(({ name }) => name).join(', ');
}
