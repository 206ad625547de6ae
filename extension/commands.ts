// TABLE OF CONTENTS of the extension: every command it has. Nothing is registered anywhere else.
// A gesture's file is loaded when it is first used, so that activation loads none.
import * as vscode from 'vscode';
import type { Context } from './context.ts';
import { DaemonError } from './daemon-client.ts';
import { tellSentence, window } from './window.ts';

/** `selected`: all that is selected where a menu was opened on one thing. */
type Gesture = (ctx: Context, argument: unknown, selected: unknown) => Promise<void>;

const commands: Record<`switchyard.${string}`, Gesture> = {
  // Review
  'switchyard.reviewSelection': async (ctx) => (await import('./commands/review.ts')).reviewSelection(ctx),
  'switchyard.reviewFile': async (ctx, uri) => (await import('./commands/review.ts')).reviewFile(ctx, uri),
  'switchyard.reviewFiles': async (ctx, uri, uris) =>
    (await import('./commands/review.ts')).reviewFiles(ctx, uri, uris),
  'switchyard.reviewChanges': async (ctx, changes) =>
    (await import('./commands/review-changes.ts')).reviewChanges(ctx, changes),
  'switchyard.reviewStaged': async (ctx, repository) =>
    (await import('./commands/review-changes.ts')).reviewStaged(ctx, repository),
  'switchyard.reviewUnstaged': async (ctx, repository) =>
    (await import('./commands/review-changes.ts')).reviewUnstaged(ctx, repository),
  'switchyard.reviewCommit': async (ctx, repository) =>
    (await import('./commands/review-changes.ts')).reviewCommit(ctx, repository),
  'switchyard.reviewBranch': async (ctx, repository) =>
    (await import('./commands/review-changes.ts')).reviewBranch(ctx, repository),
  'switchyard.review': async (ctx, place) => (await import('./commands/review.ts')).reviewPlace(ctx, place),
  'switchyard.fix': async (ctx, finding) => (await import('./commands/fix-finding.ts')).fixFinding(ctx, finding),
  'switchyard.dismiss': async (ctx, finding) =>
    (await import('./commands/dismiss-finding.ts')).dismissFinding(ctx, finding),
  'switchyard.showDismissed': async (ctx) => (await import('./commands/dismiss-finding.ts')).showDismissed(ctx),
  'switchyard.explainFinding': async (ctx, finding) =>
    (await import('./commands/explain.ts')).explainFinding(ctx, finding),
  'switchyard.forgetDismissals': async (ctx) => (await import('./commands/dismiss-finding.ts')).forgetDismissals(ctx),
  'switchyard.restoreFinding': async (ctx, row) =>
    (await import('./commands/dismiss-finding.ts')).restoreFinding(ctx, row),
  'switchyard.openFinding': async (ctx, row) => (await import('./commands/open-finding.ts')).openFinding(ctx, row),
  'switchyard.nextFinding': async (ctx) => (await import('./commands/open-finding.ts')).goToFinding(ctx, 'next'),
  'switchyard.previousFinding': async (ctx) =>
    (await import('./commands/open-finding.ts')).goToFinding(ctx, 'previous'),
  'switchyard.copyFinding': async (ctx, row) => (await import('./commands/copy-finding.ts')).copyFinding(ctx, row),
  'switchyard.closeExplanation': async (ctx, thread) => ctx.findings.close(thread),

  // The Review view
  'switchyard.rerunReview': async (ctx) => (await import('./commands/review.ts')).rerunReview(ctx, false),
  'switchyard.rerunReviewFresh': async (ctx) => (await import('./commands/review.ts')).rerunReview(ctx, true),
  'switchyard.applyFixes': async (ctx) => (await import('./commands/apply-fixes.ts')).applyFixes(ctx),
  'switchyard.copyReview': async (ctx) => (await import('./commands/copy-finding.ts')).copyReview(ctx),
  'switchyard.compareReviews': async (ctx) => ctx.review.compare(),
  'switchyard.groupByFile': async (ctx) => ctx.review.group('file'),
  'switchyard.groupBySeverity': async (ctx) => ctx.review.group('severity'),
  'switchyard.groupByState': async (ctx) => ctx.review.group('state'),

  // Inline actions
  'switchyard.action': async (ctx, action) => (await import('./commands/code-action.ts')).codeAction(ctx, action),
  'switchyard.explainSelection': async (ctx) => (await import('./commands/code-action.ts')).explainSelection(ctx),
  'switchyard.fixSelection': async (ctx) => (await import('./commands/code-action.ts')).fixSelection(ctx),
  'switchyard.askHere': async (ctx) => (await import('./commands/ask-here.ts')).askHere(ctx),
  'switchyard.retryAsk': async (ctx) => (await import('./commands/ask-here.ts')).retryAsk(ctx),
  'switchyard.followUpAsk': async (ctx) => (await import('./commands/ask-here.ts')).followUpAsk(ctx),
  'switchyard.write': async (ctx) => (await import('./commands/write.ts')).write(ctx),
  'switchyard.textFromPicture': async (ctx, uri) =>
    (await import('./pictures/text-from-picture.ts')).textFromPicture(ctx, uri),
  'switchyard.generatePicture': async (ctx) => (await import('./pictures/generate-picture.ts')).generatePicture(ctx),
  'switchyard.showJobs': async (ctx) => (await import('./commands/show-jobs.ts')).showJobs(ctx),
  'switchyard.commitMessage': async (ctx, sourceControl) =>
    (await import('./commands/commit-message.ts')).commitMessage(ctx, sourceControl),
  'switchyard.applyPreview': async (ctx) => ctx.edits.choose('apply'),
  'switchyard.discardPreview': async (ctx) => ctx.edits.choose('discard'),
  'switchyard.keepChange': async (ctx, id) => ctx.changes.keep(id),
  'switchyard.undoChange': async (ctx, id) => ctx.changes.undo(id),
  'switchyard.keepAllChanges': async (ctx) => ctx.changes.keepAll(),
  'switchyard.undoAllChanges': async (ctx) => ctx.changes.undoAll(),

  'switchyard.reviewAgentChanges': async (ctx, jobId) =>
    (await import('./change-sets/review-run.ts')).reviewRun(ctx, jobId),
  'switchyard.showAllowed': async (ctx) => (await import('./agent/always-allowed.ts')).showAlwaysAllowed(ctx),
  'switchyard.manageMcpServers': async (ctx) => (await import('./mcp/manage-servers.ts')).manageMcpServers(ctx),

  // Completion
  'switchyard.completionAccepted': async (ctx, id) =>
    typeof id === 'string' ? ctx.completion.accepted(id) : undefined,
  'switchyard.toggleCompletion': async (ctx) => (await import('./completion/gestures.ts')).toggleCompletion(ctx),
  'switchyard.toggleCompletionForLanguage': async (ctx) =>
    (await import('./completion/gestures.ts')).toggleCompletionForLanguage(ctx),
  'switchyard.toggleCompletionForFile': async (ctx) =>
    (await import('./completion/gestures.ts')).toggleCompletionForFile(ctx),
  'switchyard.snoozeCompletion': async (ctx) => (await import('./completion/gestures.ts')).snoozeCompletion(ctx),
  'switchyard.resumeCompletion': async (ctx) => ctx.completion.resume(),
  'switchyard.setUpCompletion': async (ctx) => (await import('./completion/gestures.ts')).setUpCompletion(ctx),

  // Chat
  'switchyard.openChat': async (ctx, chatId) =>
    typeof chatId === 'string' ? ctx.chat.openChat(chatId) : ctx.chat.focus(),
  'switchyard.openHistory': async (ctx, query) => ctx.history.open(typeof query === 'string' ? query : undefined),
  'switchyard.newChat': async (ctx) => ctx.chat.newChat(),
  'switchyard.chat': async (ctx, question) => (await import('./commands/ask.ts')).ask(ctx, question),
  'switchyard.attachSelection': async (ctx) => (await import('./commands/attach.ts')).attachSelection(ctx),
  'switchyard.attachFile': async (ctx, uri) => (await import('./commands/attach.ts')).attachFile(ctx, uri),
  'switchyard.attachPicture': async (ctx, uri) =>
    (await import('./pictures/attach-picture.ts')).attachPicture(ctx, uri),
  'switchyard.importChats': async (ctx) => (await import('./commands/import-chats.ts')).importChats(ctx),
  'switchyard.exportChats': async (ctx, which) => (await import('./commands/export-chats.ts')).exportChats(ctx, which),
  'switchyard.openInBrowser': async (ctx) => (await import('./commands/open-in-browser.ts')).openInBrowser(ctx),

  'switchyard.attachProblems': async (ctx) => (await import('./commands/attach-editor.ts')).attachProblems(ctx),
  'switchyard.attachTerminal': async (ctx) => (await import('./commands/attach-editor.ts')).attachTerminal(ctx),
  'switchyard.refreshIndex': async (ctx) => (await import('./commands/refresh-index.ts')).refreshIndex(ctx),

  // Profiles and projects
  'switchyard.switchProfile': async (ctx) => (await import('./commands/switch-profile.ts')).switchProfile(ctx),
  'switchyard.attachProject': async (ctx) => (await import('./commands/attach-project.ts')).attachProject(ctx),

  // Models and keys
  'switchyard.chooseModel': async (ctx) => (await import('./commands/choose-model.ts')).chooseModel(ctx),
  'switchyard.routingPolicy': async (ctx) => (await import('./commands/routing-policy.ts')).chooseRoutingPolicy(ctx),
  'switchyard.budgets': async (ctx) => (await import('./commands/budgets.ts')).budgets(ctx),
  'switchyard.setKey': async (ctx, provider) => (await import('./commands/keys.ts')).setKey(ctx, provider),
  'switchyard.deleteKey': async (ctx) => (await import('./commands/keys.ts')).deleteKey(ctx),
  'switchyard.rotateKeys': async (ctx) => (await import('./commands/keys.ts')).rotateKeys(ctx),
  'switchyard.importModel': async (ctx) => (await import('./commands/import-model.ts')).importModel(ctx),
  'switchyard.downloadModel': async (ctx) => (await import('./commands/get-model.ts')).downloadModel(ctx),
  'switchyard.pullFromOllama': async (ctx) => (await import('./commands/get-model.ts')).pullFromOllama(ctx),

  // The Models view
  'switchyard.manageModels': async (ctx) => ctx.models.focus(),
  'switchyard.refreshModels': async (ctx) => (await import('./commands/manage-models.ts')).refreshModels(ctx),
  'switchyard.loadModel': async (ctx, row) => (await import('./commands/manage-models.ts')).loadModel(ctx, row),
  'switchyard.unloadModel': async (ctx, row) => (await import('./commands/manage-models.ts')).unloadModel(ctx, row),
  'switchyard.keepModel': async (ctx, row) => (await import('./commands/manage-models.ts')).keepModel(ctx, row, true),
  'switchyard.releaseModel': async (ctx, row) =>
    (await import('./commands/manage-models.ts')).keepModel(ctx, row, false),
  'switchyard.modelSettings': async (ctx, row) =>
    (await import('./commands/model-settings.ts')).modelSettings(ctx, row),
  'switchyard.copyModelId': async (ctx, row) => (await import('./commands/manage-models.ts')).copyModelId(ctx, row),
  'switchyard.deleteModel': async (ctx, row) => (await import('./commands/manage-models.ts')).deleteModel(ctx, row),
  'switchyard.removeModel': async (ctx, row) => (await import('./commands/manage-models.ts')).deleteModel(ctx, row),
  'switchyard.restoreModel': async (ctx) => (await import('./commands/manage-models.ts')).restoreModel(ctx),
  'switchyard.pauseDownload': async (ctx, row) => (await import('./commands/manage-models.ts')).pauseDownload(ctx, row),
  'switchyard.resumeDownload': async (ctx, row) =>
    (await import('./commands/manage-models.ts')).resumeDownload(ctx, row),
  'switchyard.discardDownload': async (ctx, row) =>
    (await import('./commands/manage-models.ts')).discardDownload(ctx, row),
  'switchyard.installGpu': async (ctx) => (await import('./commands/gpu.ts')).installGpu(ctx),
  'switchyard.removeGpu': async (ctx) => (await import('./commands/gpu.ts')).removeGpu(ctx),

  // The daemon
  'switchyard.menu': async (ctx) => (await import('./commands/menu.ts')).menu(ctx),
  'switchyard.doctor': async (ctx) => (await import('./commands/doctor.ts')).doctor(ctx),
  'switchyard.restartDaemon': async (ctx) => (await import('./commands/restart-daemon.ts')).restartDaemon(ctx),
  'switchyard.openConfig': async (ctx) => (await import('./commands/open-config.ts')).openConfig(ctx),
  'switchyard.showLog': async (ctx) => ctx.log.show(),
};

export function registerCommands(ctx: Context): vscode.Disposable[] {
  return Object.entries(commands).map(([id, gesture]) =>
    vscode.commands.registerCommand(id, (argument: unknown, selected: unknown) =>
      gesture(ctx, argument, selected).catch((error: unknown) => tell(ctx, id, error)),
    ),
  );
}

/** The one catch of every command: silent about cancellation, the daemon's sentence as written, the rest into the log. */
function tell(ctx: Context, id: string, error: unknown): void {
  if (error instanceof DaemonError && error.code === 'cancelled') return;
  ctx.log.error(`${id}: ${forLog(error)}`);
  if (error instanceof DaemonError && error.code !== 'bug') return void tellSentence('showErrorMessage', error);
  const sentence =
    error instanceof DaemonError ? error.message : 'Something went wrong in Switchyard. See the log for details.';
  void window.showErrorMessage(sentence, 'Show Log').then((choice) => {
    if (choice) ctx.log.show();
  });
}

/** A bug is logged with its stack; a failure that the daemon explained is logged without. */
function forLog(error: unknown): string | undefined {
  if (!(error instanceof Error)) return String(error);
  const isExplained = error instanceof DaemonError && error.code !== 'bug';
  return isExplained ? error.message : error.stack;
}
