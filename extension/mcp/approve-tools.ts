// The tools of an MCP server: each is read before it is approved, and where one changed, as a diff of what was approved and what it says now.
import * as vscode from 'vscode';
import { McpApprove, McpList, type McpToolState } from '../../shared/protocol/mcp.ts';
import { closeDiff, isDiffTab } from '../change-sets/diff-tab.ts';
import type { Context } from '../context.ts';
import { window, withCancellableProgress } from '../window.ts';
import { toApprove, toolRows, toolText } from './server-rows.ts';

interface ServerTools {
  server: string;
  tools: readonly McpToolState[];
}

/** Starts the server, if it doesn't run. Comes back after each decision, until it is left. */
export async function showTools(ctx: Context, server: string): Promise<void> {
  for (;;) {
    const { servers } = await withCancellableProgress('Reading the tools of the MCP server', (_progress, signal) =>
      ctx.daemon.call(McpList, { server }, { signal }),
    );
    const tools = servers.find(({ name }) => name === server)?.tools ?? [];
    const waiting = toApprove(tools);
    const all = {
      label:
        waiting.length === 1
          ? `$(check-all) ${vscode.l10n.t('Review and Approve 1 Tool…')}`
          : `$(check-all) ${vscode.l10n.t('Review and Approve {0} Tools…', waiting.length)}`,
      tool: undefined,
    };
    const picked = await window.showQuickPick(
      [...(waiting.length > 0 ? [all] : []), ...toolRows(tools, vscode.l10n.t)],
      {
        title: vscode.l10n.t('Switchyard: tools of {0}', server),
        placeHolder:
          tools.length === 0 ? 'This server offers no tools' : 'Choose a tool to read what it says, and to decide',
        matchOnDetail: true,
      },
    );
    if (!picked) return;
    await decide(ctx, { server, tools: picked.tool ? [picked.tool] : waiting });
  }
}

async function decide(ctx: Context, { server, tools }: ServerTools): Promise<void> {
  const waiting = toApprove(tools);
  const title = titleOf(server, tools);
  await vscode.commands.executeCommand(
    'vscode.changes',
    title,
    tools.map((tool) => sidesOf(ctx, server, tool)),
  );
  try {
    if (waiting.length > 0) await approve(ctx, { server, tools: waiting });
    else await revoke(ctx, { server, tools });
  } finally {
    await closeDiff(title);
  }
}

function titleOf(server: string, [first, ...others]: readonly McpToolState[]): string {
  if (others.length > 0 || !first) return vscode.l10n.t('Tools of {0}: approved ↔ now', server);
  const { name, was } = first;
  return was ? vscode.l10n.t('{0} of {1}: approved ↔ now', name, server) : vscode.l10n.t('{0} of {1}', name, server);
}

/** One that says what it said has no left side, so that it's shown whole; one that isn't offered any more has no right one. */
function sidesOf(ctx: Context, server: string, tool: McpToolState): (vscode.Uri | undefined)[] {
  const { name, state, was } = tool;
  const show = (words: { description: string; parameters: string }): vscode.Uri =>
    ctx.documents.addText(`${server}/${name}`, toolText(server, name, words));
  const now = show(tool);
  if (state === 'gone') return [now, now, undefined];
  return [now, was && show(was), now];
}

/** Holds for the words that were shown: the daemon refuses one that has changed since. */
async function approve(ctx: Context, { server, tools }: ServerTools): Promise<void> {
  const question =
    "Let the agent use what you see here? It's all that a model would be told. You're still asked before each call.";
  const button = await answered(titleOf(server, tools), window.showInformationMessage(question, 'Approve', 'Not Now'));
  if (button === 'Approve') await send(ctx, { server, tools }, true);
}

async function revoke(ctx: Context, { server, tools }: ServerTools): Promise<void> {
  if (tools.some(({ state }) => state === 'new'))
    return void window.showInformationMessage("config.json names other tools of this server, so this one isn't used.");
  const question = 'You approved this tool. Keep it, or take the approval back?';
  const button = await answered(titleOf(server, tools), window.showInformationMessage(question, 'Keep', 'Take Back'));
  if (button === 'Take Back') await send(ctx, { server, tools }, false);
}

async function send(ctx: Context, { server, tools }: ServerTools, approved: boolean): Promise<void> {
  const shown = tools.map(({ name, hash }) => ({ name, hash }));
  await ctx.daemon.call(McpApprove, { server, tools: shown, approved });
}

/** What is answered while the diff is open: a message, since a list would cover what is to be read. Who closes the diff decides nothing. */
async function answered(title: string, message: Thenable<string | undefined>): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const closing = vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
    if (closed.some((tab) => isDiffTab(tab, title))) resolve(undefined);
  });
  return await Promise.race([message, promise]).finally(() => closing.dispose());
}
