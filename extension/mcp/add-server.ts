// Adds an MCP server to config.json: a program with its arguments, or an address. The user sees once more what would be started, argument by
// argument, before it is written.
import * as vscode from 'vscode';
import { McpConfigure, McpList, type McpServerState } from '../../shared/protocol/mcp.ts';
import type { Context } from '../context.ts';
import { window } from '../window.ts';
import { showTools } from './approve-tools.ts';
import { attempt } from './attempt.ts';
import { argumentsIn, targetWords } from './server-rows.ts';

type Target = McpServerState['target'];

const title = 'Switchyard: add an MCP server';

export async function addServer(ctx: Context): Promise<void> {
  const { servers } = await ctx.daemon.call(McpList, {});
  const target = await askTarget();
  if (!target) return;
  const name = await askName(new Set(servers.map((server) => server.name)));
  if (name === undefined) return;
  const button = await window.showInformationMessage(
    vscode.l10n.t('Add the MCP server {0}?', name),
    { modal: true, detail: targetWords({ target }) },
    'Add and Start',
    'Add',
  );
  if (!button) return;
  await ctx.daemon.call(McpConfigure, { name, server: configOf(target) });
  if (button === 'Add and Start') await attempt(showTools(ctx, name), ctx, name);
}

async function askTarget(): Promise<Target | undefined> {
  const program = {
    label: '$(terminal) Program',
    detail: 'Runs on this machine, with your rights',
    isAddress: false,
  };
  const address = { label: '$(globe) Address', detail: 'Is reached over HTTP', isAddress: true };
  const picked = await window.showQuickPick([program, address], { title });
  if (!picked) return undefined;
  if (picked.isAddress) {
    const url = await window.showInputBox({
      title,
      prompt: 'Enter its address, such as https://docs.example/mcp.',
      ignoreFocusOut: true,
      validateInput: (text) =>
        isAddress(text.trim()) ? undefined : vscode.l10n.t('An address begins with https:// or http://.'),
    });
    return url === undefined ? undefined : { kind: 'address', url: url.trim() };
  }
  const command = await window.showInputBox({
    title,
    prompt:
      'Enter its command, such as npx -y @modelcontextprotocol/server-memory. There is no shell; quotes hold an argument together.',
    ignoreFocusOut: true,
    validateInput: (text) =>
      argumentsIn(text)?.length ? undefined : vscode.l10n.t('A program and its arguments, with each quote closed.'),
  });
  const argv = command === undefined ? undefined : argumentsIn(command);
  return argv && { kind: 'program', argv };
}

/** As config.json takes it. */
const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9]|[-_](?=[A-Za-z0-9])){0,29}$/;

async function askName(taken: ReadonlySet<string>): Promise<string | undefined> {
  const text = await window.showInputBox({
    title,
    prompt: 'Name it. The name stands before its tools, as in notes__add.',
    ignoreFocusOut: true,
    validateInput: (value) => {
      if (taken.has(value.trim())) return vscode.l10n.t('There is an MCP server with this name already.');
      return namePattern.test(value.trim())
        ? undefined
        : vscode.l10n.t('Letters, digits, and single dashes or underscores between them, at most 30.');
    },
  });
  return text?.trim();
}

function configOf(target: Target): Record<string, unknown> {
  if (target.kind === 'address') return { url: target.url };
  const [command, ...args] = target.argv;
  return { command, args };
}

function isAddress(text: string): boolean {
  return /^https?:\/\/[^\s/]/i.test(text) && URL.canParse(text);
}
