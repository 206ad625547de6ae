// TABLE OF CONTENTS of the daemon: every message it answers, whether it needs the profile of its session, its handler, and how it is
// scheduled. Also the one place where cancellation becomes an AbortSignal and errors become codes.
import { type CancellationToken, type MessageConnection, ResponseError } from 'vscode-jsonrpc/node';
import type { AnyRequest } from '../shared/protocol/define.ts';
import * as wire from '../shared/protocol/index.ts';
import * as lsp from '../shared/protocol/lsp.ts';
import { CancelledError, recordBug, throwIfCancelled, UserError } from './base/errors.ts';
import { LinkedAbort } from './base/listeners.ts';
import * as agent from './handlers/agent.ts';
import * as answers from './handlers/answer.ts';
import * as backup from './handlers/backup.ts';
import { withProfile, withProfileOrNone } from './handlers/call-profile.ts';
import * as chat from './handlers/chat.ts';
import * as codeAction from './handlers/code-action.ts';
import * as codeIndex from './handlers/code-index.ts';
import * as commands from './handlers/commands.ts';
import * as commit from './handlers/commit.ts';
import * as completion from './handlers/completion.ts';
import * as context from './handlers/context.ts';
import * as costs from './handlers/costs.ts';
import * as daemon from './handlers/daemon.ts';
import * as documents from './handlers/documents.ts';
import * as gpu from './handlers/gpu.ts';
import type { Handler, IncomingRequest, ProfileNeed } from './handlers/handler.ts';
import * as jobs from './handlers/jobs.ts';
import * as keys from './handlers/keys.ts';
import * as lifecycle from './handlers/lifecycle.ts';
import * as mcp from './handlers/mcp.ts';
import * as memories from './handlers/memories.ts';
import * as models from './handlers/models.ts';
import * as profiles from './handlers/profiles.ts';
import { describeIssue, readParams } from './handlers/read-params.ts';
import * as review from './handlers/review.ts';
import * as reviews from './handlers/reviews.ts';
import * as revisions from './handlers/revisions.ts';
import * as router from './handlers/router.ts';
import * as search from './handlers/search.ts';
import * as tools from './handlers/tools.ts';
import * as transfer from './handlers/transfer.ts';
import * as trash from './handlers/trash.ts';
import * as trust from './handlers/trust.ts';
import * as vision from './handlers/vision.ts';
import * as write from './handlers/write.ts';
import type { Services } from './services.ts';
import type { Session } from './sessions/session.ts';

type Scheduling = 'concurrent' | 'one-per-chat';
interface MessageRow {
  message: AnyRequest;
  need: ProfileNeed;
  handler: AnyHandler;
  scheduling: Scheduling;
}
/** A handler whose call has what its row says that it needs. */
type AnyHandler = (params: unknown, call: IncomingRequest<AnyRequest>) => unknown;

/** Ties the handler's types to the message's and to the profile that the row needs, then forgets them, so that the table is uniform. */
function row<M extends AnyRequest, Need extends ProfileNeed>(
  message: M,
  need: Need,
  handler: Handler<M, keyof Services, Need>,
  scheduling: Scheduling = 'concurrent',
): MessageRow {
  return { message, need, handler: handler as unknown as AnyHandler, scheduling };
}

export const requests: readonly MessageRow[] = [
  row(lsp.Initialize, 'none', lifecycle.handleInitialize),
  row(lsp.Shutdown, 'none', lifecycle.handleShutdown),
  row(lsp.Diagnostics, 'own-or-none', documents.handleDiagnostics),
  row(lsp.CodeActions, 'own-or-none', codeAction.handleCodeActions),
  row(lsp.CodeActionResolve, 'none', codeAction.handleCodeActionResolve),
  row(wire.InlineCompletion, 'own-or-none', completion.handleInlineCompletion),
  row(wire.ListCompletion, 'own-or-none', completion.handleListCompletion),
  row(lsp.ExecuteCommand, 'none', commands.handleExecuteCommand),
  row(wire.DaemonStatus, 'none', daemon.handleDaemonStatus),
  row(wire.DaemonDoctor, 'none', daemon.handleDaemonDoctor),
  row(wire.DaemonShutdown, 'none', daemon.handleDaemonShutdown),
  row(wire.GatewayOpen, 'own-or-none', daemon.handleGatewayOpen),
  row(wire.ChatSend, 'own', chat.handleChatSend, 'one-per-chat'),
  row(wire.ChatStop, 'own', chat.handleChatStop),
  row(wire.ChatCreate, 'own', chat.handleChatCreate),
  row(wire.ChatRename, 'own', chat.handleChatRename),
  row(wire.ChatDelete, 'own', chat.handleChatDelete, 'one-per-chat'),
  row(wire.ChatFork, 'own', chat.handleChatFork),
  row(wire.ChatList, 'own', chat.handleChatList),
  row(wire.ChatMessages, 'own', chat.handleChatMessages),
  row(wire.ChatBranch, 'own', chat.handleChatBranch),
  row(wire.ChatPin, 'own', chat.handleChatPin),
  row(wire.ChatChanges, 'own', chat.handleChatChanges),
  row(wire.ChatExport, 'own', transfer.handleChatExport),
  row(wire.ChatTree, 'own', transfer.handleChatTree),
  row(wire.ChatImport, 'own', transfer.handleChatImport),
  row(wire.ChatDeleted, 'own', trash.handleChatDeleted),
  row(wire.ChatRestore, 'own', trash.handleChatRestore, 'one-per-chat'),
  row(wire.ChatPurge, 'own', trash.handleChatPurge, 'one-per-chat'),
  row(wire.ProfileList, 'own', profiles.handleProfileList),
  row(wire.ProfileCreate, 'none', profiles.handleProfileCreate),
  row(wire.ProfileUpdate, 'none', profiles.handleProfileUpdate),
  row(wire.ProfileDelete, 'none', profiles.handleProfileDelete),
  row(wire.ProfileUse, 'none', profiles.handleProfileUse),
  row(wire.ProjectList, 'own', profiles.handleProjectList),
  row(wire.ProjectAttach, 'own', profiles.handleProjectAttach),
  row(wire.ReviewRun, 'own-or-none', review.handleReviewRun),
  row(wire.ReviewDismiss, 'own', review.handleReviewDismiss),
  row(wire.ReviewUndismiss, 'own', review.handleReviewUndismiss),
  row(wire.ReviewForget, 'own', review.handleReviewForget),
  row(wire.ReviewDismissed, 'own', reviews.handleReviewDismissed),
  row(wire.ReviewCurrent, 'own', reviews.handleReviewCurrent),
  row(wire.ReviewFix, 'own', review.handleReviewFix),
  row(wire.ReviewList, 'own', reviews.handleReviewList),
  row(wire.ReviewFindings, 'own', reviews.handleReviewFindings),
  row(wire.ReviewRevisions, 'none', revisions.handleReviewRevisions),
  row(wire.ReviewScope, 'none', revisions.handleReviewScope),
  row(wire.CodeAction, 'own-or-none', codeAction.handleCodeAction),
  row(wire.CodeTests, 'none', codeAction.handleCodeTests),
  row(wire.CodeWrite, 'own', write.handleCodeWrite),
  row(wire.CommitMessage, 'own-or-none', commit.handleCommitMessage),
  row(wire.VisionOcr, 'none', vision.handleVisionOcr),
  row(wire.VisionGenerate, 'own', vision.handleVisionGenerate),
  row(wire.CompletionOutcome, 'own', completion.handleCompletionOutcome),
  row(wire.CompletionFilter, 'own', completion.handleCompletionFilter),
  row(wire.CompletionForget, 'own', completion.handleCompletionForget),
  row(wire.JobsList, 'own', jobs.handleJobsList),
  row(wire.JobsGet, 'own', jobs.handleJobsGet),
  row(wire.JobsCancel, 'own', jobs.handleJobsCancel),
  row(wire.JobsResume, 'own', jobs.handleJobsResume),
  row(wire.ModelAnswer, 'own-or-none', answers.handleModelAnswer),
  row(wire.ModelTokens, 'none', answers.handleModelTokens),
  row(wire.JobsAnswer, 'own', jobs.handleJobsAnswer),
  row(wire.ModelsList, 'own-or-none', models.handleModelsList),
  row(wire.ModelsSetup, 'none', models.handleModelsSetup),
  row(wire.ModelsSearch, 'none', models.handleModelsSearch),
  row(wire.ModelsPull, 'none', models.handleModelsPull),
  row(wire.ModelsDownloads, 'none', models.handleModelsDownloads),
  row(wire.ModelsDiscard, 'none', models.handleModelsDiscard),
  row(wire.ModelsImport, 'none', models.handleModelsImport),
  row(wire.ModelsLoad, 'none', models.handleModelsLoad),
  row(wire.ModelsUnload, 'none', models.handleModelsUnload),
  row(wire.ModelsDelete, 'none', models.handleModelsDelete),
  row(wire.ModelsDeleted, 'none', models.handleModelsDeleted),
  row(wire.ModelsRestore, 'none', models.handleModelsRestore),
  row(wire.ModelsPurge, 'none', models.handleModelsPurge),
  row(wire.ModelsEdits, 'own', models.handleModelsEdits),
  row(wire.ModelsSettings, 'none', models.handleModelsSettings),
  row(wire.ModelsConfigure, 'none', models.handleModelsConfigure),
  row(wire.ModelsWaiting, 'own', models.handleModelsWaiting),
  row(wire.ModelsPrefer, 'own', models.handleModelsPrefer),
  row(wire.ModelsStop, 'own', models.handleModelsStop),
  row(wire.GpuStatus, 'none', gpu.handleGpuStatus),
  row(wire.GpuInstall, 'none', gpu.handleGpuInstall),
  row(wire.GpuRemove, 'none', gpu.handleGpuRemove),
  row(wire.ContextSuggest, 'own', context.handleContextSuggest),
  row(wire.IndexStatus, 'own', codeIndex.handleIndexStatus),
  row(wire.IndexRefresh, 'own', codeIndex.handleIndexRefresh),
  row(wire.KeysSet, 'none', keys.handleKeysSet),
  row(wire.KeysCheck, 'none', keys.handleKeysCheck),
  row(wire.KeysList, 'none', keys.handleKeysList),
  row(wire.KeysDelete, 'none', keys.handleKeysDelete),
  row(wire.KeysRotate, 'none', keys.handleKeysRotate),
  row(wire.TrustSet, 'none', trust.handleTrustSet),
  row(wire.TrustList, 'none', trust.handleTrustList),
  row(wire.TrustAllowed, 'own', trust.handleTrustAllowed),
  row(wire.TrustForget, 'own', trust.handleTrustForget),
  row(wire.CostsSummary, 'own', costs.handleCostsSummary),
  row(wire.BackupCreate, 'none', backup.handleBackupCreate),
  row(wire.BackupList, 'none', backup.handleBackupList),
  row(wire.BackupVerify, 'none', backup.handleBackupVerify),
  row(wire.BackupRestore, 'none', backup.handleBackupRestore),
  row(wire.RouterAnalyze, 'own-or-none', router.handleRouterAnalyze),
  row(wire.RouterDecisions, 'own', router.handleRouterDecisions),
  row(wire.RouterDecision, 'own', router.handleRouterDecision),
  row(wire.RouterOutcome, 'own', router.handleRouterOutcome),
  row(wire.RouterReplay, 'own', router.handleRouterReplay),
  row(wire.Search, 'own', search.handleSearch),
  row(wire.MemoriesList, 'own', memories.handleMemoriesList),
  row(wire.MemoriesAdd, 'own', memories.handleMemoriesAdd),
  row(wire.MemoriesUpdate, 'own', memories.handleMemoriesUpdate),
  row(wire.MemoriesDelete, 'own', memories.handleMemoriesDelete),
  row(wire.MemoriesAccept, 'own', memories.handleMemoriesAccept),
  row(wire.MemoriesDismiss, 'own', memories.handleMemoriesDismiss),
  row(wire.ToolsList, 'none', tools.handleToolsList),
  row(wire.ToolsCall, 'own', tools.handleToolsCall),
  row(wire.AgentRun, 'own', agent.handleAgentRun, 'one-per-chat'),
  row(wire.AgentApprove, 'own', agent.handleAgentApprove),
  row(wire.AgentCall, 'own', agent.handleAgentCall),
  row(wire.AgentChanges, 'own', agent.handleAgentChanges),
  row(wire.AgentKeep, 'own', agent.handleAgentKeep),
  row(wire.AgentUndo, 'own', agent.handleAgentUndo),
  row(wire.AgentPrune, 'own', agent.handleAgentPrune),
  row(wire.AgentModes, 'none', agent.handleAgentModes),
  row(wire.McpList, 'own', mcp.handleMcpList),
  row(wire.McpApprove, 'own', mcp.handleMcpApprove),
  row(wire.McpConfigure, 'none', mcp.handleMcpConfigure),
  row(wire.McpRestart, 'own', mcp.handleMcpRestart),
  row(wire.McpLogin, 'own', mcp.handleMcpLogin),
  row(wire.McpLogout, 'own', mcp.handleMcpLogout),
  row(wire.AgentPrompts, 'none', agent.handleAgentPrompts),
];

export const notifications: readonly MessageRow[] = [
  row(lsp.DidChangeConfiguration, 'none', lifecycle.handleDidChangeConfiguration),
  row(lsp.WorkDoneCancel, 'none', lifecycle.handleWorkDoneCancel),
  row(lsp.DidChangeWorkspaceFolders, 'none', lifecycle.handleDidChangeWorkspaceFolders),
  row(lsp.DidOpen, 'none', documents.handleDidOpen),
  row(lsp.DidChange, 'none', documents.handleDidChange),
  row(lsp.DidClose, 'none', documents.handleDidClose),
];

/** How a request ended, before a transport puts it in its own words. */
export type RpcOutcome =
  | { result: unknown }
  | { error: { code: number; message: string; data?: { code: string; retryable: boolean } } };

// Codes of LSP 3.17 and JSON-RPC 2.0.
const code = {
  notInitialized: -32002,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  cancelled: -32800,
  failed: -32803,
};

const daemonStopped = 'The Switchyard daemon stopped before it finished. Try again.';

const notificationsByMethod = new Map(notifications.map((entry) => [entry.message.method, entry]));
const rowsByMethod = new Map(requests.map((entry) => [entry.message.method, entry]));

/** Answers one request, whatever carried it: the one catch and the one check of params. */
export async function answer(method: string, raw: unknown, request: IncomingRequest<AnyRequest>): Promise<RpcOutcome> {
  const { session, services } = request;
  const found = rowsByMethod.get(method);
  if (!found) return { error: { code: code.methodNotFound, message: `Unknown method ${method.slice(0, 100)}` } };
  if (!session.initialized && found.message !== lsp.Initialize)
    return { error: { code: code.notInitialized, message: 'Send initialize first.' } };
  const params = readParams(found.message.params, raw ?? {});
  if (!params.success) return { error: { code: code.invalidParams, message: describeIssue(params.error.issues[0]) } };
  if (session.isShutDown)
    return { error: { code: code.invalidRequest, message: 'This session was shut down. Connect again.' } };
  const end = session.begin(method);
  const left = found.message === wire.ChatSend ? session.forsaken : session.closed;
  using abort = new LinkedAbort([request.signal, left]);
  const { signal } = abort;
  try {
    const call = { ...request, signal, cancel: () => abort.abort(new CancelledError()) };
    const work = () => perform(found, params.data, call);
    return { result: (await services.requestContext.run(session, work, call.cancel)) ?? null };
  } catch (error) {
    return { error: toError(error, { ...request, method, signal, left }) };
  } finally {
    end();
  }
}

/** What params of a row may name that decides where its work is done. */
interface PlaceParams {
  chatId?: string;
  profileId?: string;
}

/** Gives the call the profile that its row needs, then its turn. A handler that needs none runs at once: `initialize` must precede what comes next. */
async function perform(
  { need, handler, scheduling }: MessageRow,
  params: unknown,
  request: IncomingRequest<AnyRequest>,
): Promise<unknown> {
  const { signal, services } = request;
  throwIfCancelled(signal);
  if (need === 'none') return handler(params, request);
  const { chatId, profileId } = params as PlaceParams;
  const call = need === 'own' ? await withProfile(request, profileId) : await withProfileOrNone(request);
  const work = async (): Promise<unknown> => {
    throwIfCancelled(signal);
    return handler(params, call);
  };
  if (scheduling === 'concurrent' || !chatId) return work();
  // A queue belongs to a profile, so that waiting tells nothing of another's chats.
  return services.chatQueues.run(`${call.profile}/${chatId}`, work, signal);
}

/** Answers everything that a client sends over a JSON-RPC connection, and shows it the findings of its documents. */
export function serveConnection(connection: MessageConnection, session: Session, services: Services): void {
  documents.publishOnChange(session, services);
  // One handler for all requests: a handler for each would be most of the memory that a further client takes.
  connection.onRequest(async (method: string, params: unknown, token: CancellationToken) => {
    const raw = onlyOf(params);
    const emit = session.progress(tokenOf(raw));
    const outcome = await answer(method, raw, { session, services, signal: toSignal(token), emit });
    if ('result' in outcome) return outcome.result;
    return new ResponseError(outcome.error.code, outcome.error.message, outcome.error.data);
  });
  connection.onNotification((method: string, raw: unknown) => {
    const found = notificationsByMethod.get(method);
    if (!found || session.isShutDown) return;
    const params = readParams(found.message.params, onlyOf(raw));
    if (!params.success) {
      documents.closeUnreadable(session, method, onlyOf(raw));
      return services.log.warn({ method, issue: describeIssue(params.error.issues[0]) }, 'bad notification');
    }
    try {
      void found.handler(params.data, { session, services, signal: session.closed, emit() {} });
    } catch (error) {
      recordBug(error, method, services.log);
    }
  });
}

/** JSON-RPC allows params by position; ours are one object. */
function onlyOf(params: unknown): unknown {
  return Array.isArray(params) && params.length < 2 ? (params[0] as unknown) : params;
}

function tokenOf(raw: unknown): string | number | undefined {
  const token = (raw as { partialResultToken?: unknown } | null | undefined)?.partialResultToken;
  return typeof token === 'string' || typeof token === 'number' ? token : undefined;
}

function toSignal(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

interface FailedCall extends Pick<IncomingRequest<AnyRequest>, 'services'> {
  method: string;
  /** Aborted by whoever stopped it. */
  signal: AbortSignal;
  /** Aborted when the session ended. */
  left: AbortSignal;
}

function toError(
  error: unknown,
  { method, signal, left, services }: FailedCall,
): Extract<RpcOutcome, { error: unknown }>['error'] {
  // A session that can still be answered ended with the daemon.
  if (left.aborted)
    return { code: code.failed, message: daemonStopped, data: { code: 'daemon-lost', retryable: true } };
  if (signal.aborted || error instanceof CancelledError) return { code: code.cancelled, message: 'cancelled' };
  if (error instanceof UserError)
    return { code: code.failed, message: error.message, data: { code: error.code, retryable: error.retryable } };
  const id = recordBug(error, method, services.log);
  return {
    code: code.internal,
    message: `Something went wrong inside Switchyard (report ${id} in the log). Your chats and files are safe.`,
  };
}
