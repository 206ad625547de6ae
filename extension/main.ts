// Entry of the extension: builds the Context and registers everything. Only what is needed to register is loaded here; the
// language client, the protocol's schemas and the gestures are loaded when they are first used.
// In a remote window the extension runs where it is installed (`extensionKind`), on the remote machine first: there its daemon reads the
// project's files and runs its linters, and the models are that machine's. Where it is installed on the user's own machine alone, it runs
// here with the models of this one, and its daemon knows of the workspace what the window shows of it.
import * as vscode from 'vscode';
import { ChangeSets } from './change-sets/change-sets.ts';
import { ChatView } from './chat-view.ts';
import { registerCommands } from './commands.ts';
import { Completion } from './completion/completion.ts';
import type { Context } from './context.ts';
import { DaemonClient } from './daemon-client.ts';
import { Edits } from './edits.ts';
import { Findings } from './findings.ts';
import { HistoryView } from './history-view.ts';
import { actionKinds, carryOut } from './host-actions.ts';
import { IndexWatch } from './index-watch.ts';
import { KeptEdits } from './kept-edits.ts';
import { cleanShown } from './logic/clean-shown.ts';
import { registerMcpServers } from './mcp/mcp-servers.ts';
import { Downloads } from './models/downloads.ts';
import { ModelsView } from './models/models-view.ts';
import { InlineAsks } from './previews/inline-asks.ts';
import { VirtualDocuments } from './previews/virtual-documents.ts';
import { ReviewView } from './review/review-view.ts';
import { affectsConnection, affectsSession } from './settings.ts';
import { StatusBar } from './status-bar.ts';
import type { ViewOptions } from './view-page.ts';
import { registerVsCodeChat } from './vscode-chat/register.ts';

export function activate(extension: vscode.ExtensionContext): void {
  const log = cleanShown(vscode.window.createOutputChannel('Switchyard', { log: true }));
  const program = extension.asAbsolutePath('dist/daemon/switchyard.js');
  const fileSwitches = new Map<string, boolean>();
  const daemon = new DaemonClient({ program, log, fileSwitches });
  const documents = new VirtualDocuments();
  const kept = new KeptEdits(daemon, log);
  const edits = new Edits(documents, kept);
  const changes = new ChangeSets(edits, daemon);
  const findings = new Findings();
  const review = new ReviewView(findings, extension.workspaceState);
  const view: ViewOptions = {
    extensionUri: extension.extensionUri,
    daemon,
    actions: actionKinds,
    act: (action) => void carryOut(ctx, action),
  };
  const chat = new ChatView(view, extension.workspaceState);
  const history = new HistoryView(view);
  const index = new IndexWatch(daemon);
  const downloads = new Downloads(daemon);
  const models = new ModelsView(daemon, downloads);
  const asks = new InlineAsks();
  const completion = new Completion({ daemon, log, fileSwitches });
  const ctx: Context = {
    daemon,
    documents,
    edits,
    kept,
    changes,
    asks,
    findings,
    review,
    chat,
    history,
    index,
    completion,
    downloads,
    models,
    log, // the others may write to it to their end
  };

  extension.subscriptions.push(
    ...Object.values(ctx),
    ...showViews(ctx),
    ...registerCommands(ctx),
    ...registerVsCodeChat(ctx),
    ...followEditor(ctx),
    registerMcpServers(program, extension.extension.packageJSON.version),
  );
  setImmediate(() => daemon.start()); // after activation, which the editor waits for
}

function showViews({ daemon, chat, history, index, completion }: Context): vscode.Disposable[] {
  return [
    index.onDidChange((state) => chat.showIndex(state)),
    new StatusBar(daemon, index, completion),
    vscode.window.registerWebviewViewProvider(ChatView.id, chat),
    vscode.window.registerWebviewPanelSerializer(HistoryView.id, history),
  ];
}

/** What the extension does when settings, documents, the folder's trust or the connection change. */
function followEditor(ctx: Context): vscode.Disposable[] {
  const { daemon, chat, changes, findings } = ctx;
  return [
    daemon.onDidDecideChanges((decided) => changes.keptElsewhere(decided)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (affectsConnection(change)) void daemon.restart();
      if (affectsSession(change)) daemon.tellSettings();
      if (change.affectsConfiguration('switchyard')) chat.settingsChanged();
      if (change.affectsConfiguration('switchyard.review.comments')) findings.showComments();
    }),
    daemon.onDidChangeState(({ kind }) => {
      void vscode.commands.executeCommand('setContext', 'switchyard.daemon', kind); // decides what empty views say
      if (kind !== 'connected') return;
      void recall(ctx, vscode.workspace.textDocuments);
      void recallReview(ctx);
      void lookForGpu(ctx);
    }),
    vscode.workspace.onDidOpenTextDocument((document) => {
      if (daemon.state.kind === 'connected') void recall(ctx, [document]);
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void daemon.restart()),
  ];
}

async function recall(ctx: Context, documents: readonly vscode.TextDocument[]): Promise<void> {
  const { recallFindings } = await import('./commands/recall-findings.ts');
  await recallFindings(ctx, documents);
}

async function recallReview(ctx: Context): Promise<void> {
  const { recallLastReview } = await import('./commands/recall-findings.ts');
  await recallLastReview(ctx).catch((error: unknown) =>
    ctx.log.warn(`Couldn't show the last review: ${String(error)}`),
  );
}

async function lookForGpu(ctx: Context): Promise<void> {
  const { noteGpu } = await import('./commands/gpu.ts');
  await noteGpu(ctx).catch(() => {}); // the walkthrough leaves its step out
}
