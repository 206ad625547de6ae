// "MCP Servers…": the servers whose tools the agent may call, each with its state, and what can be done with one. The list comes back after
// each of these, until it is left. Nothing of a workspace adds a server.
import * as vscode from 'vscode';
import { McpConfigure, McpList, McpLogout, McpRestart, type McpServerState } from '../../shared/protocol/mcp.ts';
import { openConfig } from '../commands/open-config.ts';
import type { Context } from '../context.ts';
import { window, withCancellableProgress } from '../window.ts';
import { addServer } from './add-server.ts';
import { showTools } from './approve-tools.ts';
import { attempt, signIn } from './attempt.ts';
import { importServers } from './import-servers.ts';
import { serverRows, stateWords, targetWords, toolsWords } from './server-rows.ts';

interface ActionRow {
  label: string;
  description?: string;
  detail?: string;
  run(ctx: Context): Promise<unknown>;
  /** Nothing is listed after it. */
  isLast?: boolean;
}

const general: readonly ActionRow[] = [
  {
    label: '$(add) Add Server…',
    detail: 'A program on this machine, or an address. Nothing is started until you look at its tools',
    run: addServer,
  },
  {
    label: '$(cloud-download) Import Servers…',
    detail: 'From the files of VS Code, Claude, and Cursor. You choose which',
    run: importServers,
  },
  {
    label: '$(settings-gear) Open config.json',
    detail: 'For variables, headers, and which tools are used',
    run: openConfig,
    isLast: true,
  },
];

export async function manageMcpServers(ctx: Context): Promise<void> {
  for (;;) {
    const { servers } = await ctx.daemon.call(McpList, {});
    const rows: ActionRow[] = [
      ...serverRows(servers, vscode.l10n.t).map(({ server, ...row }) => ({
        ...row,
        run: () => showServer(ctx, server.name),
      })),
      ...general,
    ];
    const placeHolder =
      servers.length === 0
        ? 'No MCP servers are set up yet. Once you approve their tools, the agent may call them'
        : 'Choose a server to see its tools, or to restart or remove it';
    const picked = await window.showQuickPick(rows, {
      title: 'Switchyard: MCP servers',
      placeHolder,
      matchOnDetail: true,
    });
    if (!picked) return;
    await attempt(picked.run(ctx), ctx);
    if (picked.isLast) return;
  }
}

/** Until the user goes back, or the server is removed. */
async function showServer(ctx: Context, name: string): Promise<void> {
  for (;;) {
    const { servers } = await ctx.daemon.call(McpList, {});
    const server = servers.find((each) => each.name === name);
    if (!server) return;
    const picked = await window.showQuickPick(actionsOf(server), {
      title: vscode.l10n.t('Switchyard: MCP server {0}', name),
      placeHolder: targetWords(server),
    });
    if (!picked) return;
    await attempt(picked.run(ctx), ctx, name);
  }
}

function actionsOf(server: McpServerState): ActionRow[] {
  const { name, state, why, target } = server;
  const isUp = state === 'running' || state === 'starting';
  return [
    {
      label: '$(checklist) Tools…',
      description: toolsWords(server, vscode.l10n.t),
      run: (ctx) => showTools(ctx, name),
    },
    {
      label: isUp ? '$(debug-restart) Restart' : '$(play) Start',
      description: why ?? stateWords(server, vscode.l10n.t),
      run: (ctx) => restart(ctx, name),
    },
    ...(target.kind === 'address'
      ? [
          {
            label: '$(sign-in) Sign In…',
            description: 'in your browser, if the server asks for it',
            run: (ctx: Context) => signIn(ctx, name),
          },
          { label: '$(sign-out) Sign Out', run: (ctx: Context) => signOut(ctx, name) },
        ]
      : []),
    { label: '$(trash) Remove…', run: (ctx) => remove(ctx, name) },
  ];
}

async function restart(ctx: Context, server: string): Promise<void> {
  await withCancellableProgress('Starting the MCP server', (_progress, signal) =>
    ctx.daemon.call(McpRestart, { server }, { signal }),
  );
}

async function signOut(ctx: Context, server: string): Promise<void> {
  const { wasSignedIn } = await ctx.daemon.call(McpLogout, { server });
  void window.showInformationMessage(
    wasSignedIn
      ? vscode.l10n.t("You're signed out of {0}.", server)
      : vscode.l10n.t("You weren't signed in to {0}.", server),
  );
}

async function remove(ctx: Context, name: string): Promise<void> {
  const detail = "It's stopped, and the agent can't call its tools any more.";
  const question = vscode.l10n.t('Remove the MCP server {0} from config.json?', name);
  const button = await window.showWarningMessage(question, { modal: true, detail }, 'Remove');
  if (button === 'Remove') await ctx.daemon.call(McpConfigure, { name });
}
