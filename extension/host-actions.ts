// What the chat page asks its host to do: one row per gesture. A row reuses the command of the same gesture where there is one.
import * as vscode from 'vscode';
import { escapeHidden, hiddenWarning, withoutHidden } from '../shared/hidden-characters.ts';
import type { Range } from '../shared/protocol/text.ts';
import type { HostAction, HostActionKind } from '../shared/webview.ts';
import type { Context } from './context.ts';
import { toEditor } from './places.ts';
import { window } from './window.ts';

type Actions = { [Kind in HostActionKind]: (ctx: Context, action: HostAction & { kind: Kind }) => unknown };

const actions: Actions = {
  copy: (_ctx, { text }) => withVisible(text, (visible) => vscode.env.clipboard.writeText(visible)),
  insert: (ctx, { code }) => withVisible(code, (visible) => ctx.edits.insert(visible)),
  apply: (ctx, { code, decisionId, language }) =>
    withVisible(code, (visible) => ctx.edits.previewCode(visible, { decisionId, language })),
  'review-edits': async (ctx, answer) => (await import('./change-sets/review-answer.ts')).reviewAnswer(ctx, answer),
  'open-diff': (ctx, { diff }) => ctx.documents.showReport(diffName(diff), escapeHidden(diff)),
  'review-run': (_ctx, { jobId }) => run('switchyard.reviewAgentChanges', jobId),
  'undo-run': async (ctx, { jobId, step }) => (await import('./agent/undo-run.ts')).undoRun(ctx, jobId, step),
  attach: (_ctx, { what }) => run(attachCommands[what === 'code' ? selectionOrFile() : what]),
  'attach-files': (ctx, { uris }) => attachFiles(ctx, uris),
  'confirm-paths': (ctx, { paths }) => confirmPaths(ctx, paths),
  'switch-profile': () => run('switchyard.switchProfile'),
  'refresh-index': () => run('switchyard.refreshIndex'),
  'manage-trust': () => run('workbench.trust.manage'),
  'open-attachment': (_ctx, { uri, range }) => openAttachment(uri, range),
  'open-external': (_ctx, { url }) => openExternal(url),
  'set-key': (_ctx, { provider }) => run('switchyard.setKey', { provider }),
  'open-budgets': () => run('switchyard.budgets'),
  'import-gguf': () => run('switchyard.importModel'),
  'open-settings': () => run('workbench.action.openSettings', 'switchyard.'),
  'show-log': () => run('switchyard.showLog'),
  'restart-daemon': () => run('switchyard.restartDaemon'),
  'save-picture': async (_ctx, { mediaType, data }) =>
    (await import('./pictures/generate-picture.ts')).savePicture({ mediaType, data }),
  'save-export': (_ctx, { text, name }) => saveExport(text, name),
  async 'fix-finding'(_ctx, { findingId, uri, range }) {
    await openAttachment(uri, range); // the daemon knows the text of open files only
    await run('switchyard.fix', { findingId });
  },
  'open-chat': (ctx, { chatId }) => ctx.chat.openChat(chatId),
  run: (_ctx, { what }) => run(runCommands[what]),
  'open-history': (_ctx, { query }) => run('switchyard.openHistory', query),
  'export-all': () => run('switchyard.exportChats', 'all'),
  'import-chats': () => run('switchyard.importChats'),
};

/** Asks first where a text has characters that nobody sees: the user may go on without them, with them, or not at all. */
async function withVisible(text: string, use: (visible: string) => unknown): Promise<void> {
  const warning = hiddenWarning(text, vscode.l10n.t);
  if (warning === undefined) return void (await use(text));
  const choice = await window.showWarningMessage(warning, { modal: true }, 'Remove Them', 'Keep Them');
  if (choice !== undefined) await use(choice === 'Remove Them' ? withoutHidden(text) : text);
}

const attachCommands = {
  selection: 'switchyard.attachSelection',
  file: 'switchyard.attachFile',
  problems: 'switchyard.attachProblems',
  terminal: 'switchyard.attachTerminal',
};

function selectionOrFile(): 'selection' | 'file' {
  return vscode.window.activeTextEditor?.selection.isEmpty === false ? 'selection' : 'file';
}

const runCommands = {
  'review-file': 'switchyard.reviewFile',
  'review-changes': 'switchyard.reviewChanges',
  'explain-selection': 'switchyard.explainSelection',
};

export const actionKinds = Object.keys(actions) as HostActionKind[];

/** Does what the page asks. An unknown action is ignored; a failure is shown. */
export async function carryOut(ctx: Context, action: HostAction): Promise<void> {
  if (!Object.hasOwn(actions, action.kind)) return;
  const perform = actions[action.kind] as (ctx: Context, action: HostAction) => unknown;
  try {
    await perform(ctx, action);
  } catch (error) {
    ctx.log.error(`${action.kind}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    void window.showErrorMessage(
      `${vscode.l10n.t("That didn't work.")} ${error instanceof Error ? error.message : ''}`,
    );
  }
}

function run(command: string, ...args: unknown[]): Thenable<unknown> {
  return vscode.commands.executeCommand(command, ...args);
}

/** After the file that it would change. */
function diffName(diff: string): string {
  const paths = [...diff.matchAll(/^(?:\+\+\+|---) (.+)$/gm)].map(([, path = '']) => path);
  const name =
    paths
      .findLast((path) => path !== '/dev/null')
      ?.split('/')
      .at(-1) ?? '';
  return `${name.replace(/[^\w.-]+/g, '-') || 'change'}.diff`;
}

const maxFilesAtOnce = 20;

async function attachFiles(ctx: Context, uris: readonly string[]): Promise<void> {
  const { attachFile } = await import('./commands/attach.ts');
  const { attachPicture, isPictureName } = await import('./pictures/attach-picture.ts');
  for (const address of uris.slice(0, maxFilesAtOnce)) {
    const uri = vscode.Uri.parse(address, true);
    await (isPictureName(uri) ? attachPicture : attachFile)(ctx, uri);
  }
}

async function confirmPaths(ctx: Context, paths: readonly string[]): Promise<void> {
  const { filesOf } = await import('./cited-files.ts');
  ctx.chat.confirmPaths(await filesOf(paths));
}

async function openAttachment(uri: string, range: Range | undefined): Promise<void> {
  await vscode.window.showTextDocument(vscode.Uri.parse(uri, true), {
    preview: true,
    ...(range && { selection: toEditor(range) }),
  });
}

/** Web addresses only: an answer may hold links that would run a command or start a program. VS Code asks about unknown hosts. */
async function openExternal(url: string): Promise<void> {
  const uri = vscode.Uri.parse(url, true);
  if (uri.scheme === 'https' || uri.scheme === 'http') await vscode.env.openExternal(uri);
  else
    void window.showWarningMessage(
      vscode.l10n.t('Switchyard only opens web addresses, and this one starts with "{0}:".', uri.scheme),
    );
}

async function saveExport(text: string, name: string): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const safeName = name.replace(/[^\p{L}\p{N} ._-]/gu, '-');
  const uri = await vscode.window.showSaveDialog(folder ? { defaultUri: vscode.Uri.joinPath(folder, safeName) } : {});
  if (!uri) return;
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  await vscode.window.showTextDocument(uri);
}
