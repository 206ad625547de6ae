// TABLE OF CONTENTS of the daemon: every message it answers, who answers it, and how it is scheduled.
// Also the one place where cancellation becomes an AbortSignal and errors become codes.
import { type CancellationToken, type MessageConnection, ResponseError } from 'vscode-jsonrpc/node';
import type * as z from 'zod';
import type { AnyRequest } from '../shared/protocol/define.ts';
import * as wire from '../shared/protocol/index.ts';
import * as lsp from '../shared/protocol/lsp.ts';
import { CancelledError, recordBug, throwIfCancelled, UserError } from './base/errors.ts';
import { SerialQueues } from './base/fair-queue.ts';
import * as backup from './handlers/backup.ts';
import * as chat from './handlers/chat.ts';
import * as codeAction from './handlers/code-action.ts';
import * as codeIndex from './handlers/code-index.ts';
import * as commands from './handlers/commands.ts';
import * as context from './handlers/context.ts';
import * as costs from './handlers/costs.ts';
import * as daemon from './handlers/daemon.ts';
import * as documents from './handlers/documents.ts';
import type { Call, Handler } from './handlers/handler.ts';
import * as keys from './handlers/keys.ts';
import * as lifecycle from './handlers/lifecycle.ts';
import * as memories from './handlers/memories.ts';
import * as models from './handlers/models.ts';
import * as profiles from './handlers/profiles.ts';
import * as review from './handlers/review.ts';
import * as router from './handlers/router.ts';
import * as search from './handlers/search.ts';
import * as transfer from './handlers/transfer.ts';
import * as history from './handlers/trash.ts';
import type { Services } from './services.ts';
import type { Session } from './sessions/session.ts';

type Scheduling = 'concurrent' | 'one-per-chat';
interface Row {
  message: AnyRequest;
  handler: Handler<AnyRequest>;
  scheduling: Scheduling;
}

/** Ties the handler's types to the message's, then forgets them: the table is uniform, the call is checked. */
function row<M extends AnyRequest>(message: M, handler: Handler<M>, scheduling: Scheduling = 'concurrent'): Row {
  return { message, handler: handler as unknown as Handler<AnyRequest>, scheduling };
}

export const requests: readonly Row[] = [
  row(lsp.Initialize, lifecycle.handleInitialize),
  row(lsp.Shutdown, lifecycle.handleShutdown),
  row(lsp.Diagnostics, documents.handleDiagnostics),
  row(lsp.CodeActions, codeAction.handleCodeActions),
  row(lsp.CodeActionResolve, codeAction.handleCodeActionResolve),
  row(lsp.ExecuteCommand, commands.handleExecuteCommand),
  row(wire.DaemonStatus, daemon.handleDaemonStatus),
  row(wire.DaemonDoctor, daemon.handleDaemonDoctor),
  row(wire.DaemonShutdown, daemon.handleDaemonShutdown),
  row(wire.GatewayOpen, daemon.handleGatewayOpen),
  row(wire.ChatSend, chat.handleChatSend, 'one-per-chat'),
  row(wire.ChatStop, chat.handleChatStop),
  row(wire.ChatCreate, chat.handleChatCreate),
  row(wire.ChatRename, chat.handleChatRename),
  row(wire.ChatDelete, chat.handleChatDelete, 'one-per-chat'),
  row(wire.ChatFork, chat.handleChatFork),
  row(wire.ChatList, chat.handleChatList),
  row(wire.ChatMessages, chat.handleChatMessages),
  row(wire.ChatBranch, chat.handleChatBranch),
  row(wire.ChatPin, chat.handleChatPin),
  row(wire.ChatExport, transfer.handleChatExport),
  row(wire.ChatTree, transfer.handleChatTree),
  row(wire.ChatImport, transfer.handleChatImport),
  row(wire.ChatDeleted, history.handleChatDeleted),
  row(wire.ChatRestore, history.handleChatRestore, 'one-per-chat'),
  row(wire.ChatPurge, history.handleChatPurge, 'one-per-chat'),
  row(wire.ProfileList, profiles.handleProfileList),
  row(wire.ProfileCreate, profiles.handleProfileCreate),
  row(wire.ProfileUpdate, profiles.handleProfileUpdate),
  row(wire.ProfileDelete, profiles.handleProfileDelete),
  row(wire.ProfileUse, profiles.handleProfileUse),
  row(wire.ProjectList, profiles.handleProjectList),
  row(wire.ProjectAttach, profiles.handleProjectAttach),
  row(wire.ReviewRun, review.handleReviewRun),
  row(wire.ReviewDismiss, review.handleReviewDismiss),
  row(wire.ReviewFix, review.handleReviewFix),
  row(wire.ReviewList, history.handleReviewList),
  row(wire.ReviewFindings, history.handleReviewFindings),
  row(wire.CodeAction, codeAction.handleCodeAction),
  row(wire.ModelsList, models.handleModelsList),
  row(wire.ModelsSetup, models.handleModelsSetup),
  row(wire.ModelsPull, models.handleModelsPull),
  row(wire.ModelsImport, models.handleModelsImport),
  row(wire.ModelsUnload, models.handleModelsUnload),
  row(wire.ContextSuggest, context.handleContextSuggest),
  row(wire.IndexStatus, codeIndex.handleIndexStatus),
  row(wire.IndexRefresh, codeIndex.handleIndexRefresh),
  row(wire.KeysSet, keys.handleKeysSet),
  row(wire.KeysList, keys.handleKeysList),
  row(wire.KeysDelete, keys.handleKeysDelete),
  row(wire.KeysRotate, keys.handleKeysRotate),
  row(wire.CostsSummary, costs.handleCostsSummary),
  row(wire.BackupCreate, backup.handleBackupCreate),
  row(wire.BackupList, backup.handleBackupList),
  row(wire.BackupVerify, backup.handleBackupVerify),
  row(wire.BackupRestore, backup.handleBackupRestore),
  row(wire.RouterAnalyze, router.handleRouterAnalyze),
  row(wire.RouterDecisions, router.handleRouterDecisions),
  row(wire.RouterDecision, router.handleRouterDecision),
  row(wire.RouterOutcome, router.handleRouterOutcome),
  row(wire.RouterReplay, router.handleRouterReplay),
  row(wire.Search, search.handleSearch),
  row(wire.MemoriesList, memories.handleMemoriesList),
  row(wire.MemoriesAdd, memories.handleMemoriesAdd),
  row(wire.MemoriesUpdate, memories.handleMemoriesUpdate),
  row(wire.MemoriesDelete, memories.handleMemoriesDelete),
  row(wire.MemoriesAccept, memories.handleMemoriesAccept),
  row(wire.MemoriesDismiss, memories.handleMemoriesDismiss),
];

export const notifications: readonly Row[] = [
  row(lsp.DidChangeConfiguration, lifecycle.handleDidChangeConfiguration),
  row(lsp.DidOpen, documents.handleDidOpen),
  row(lsp.DidChange, documents.handleDidChange),
  row(lsp.DidClose, documents.handleDidClose),
];

/** How a request ended, before a transport puts it in its own words. */
export type Outcome =
  | { result: unknown }
  | { error: { code: number; message: string; data?: { code: string; retryable: boolean } } };

// Codes of LSP 3.17 and JSON-RPC 2.0.
const code = {
  notInitialized: -32002,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  cancelled: -32800,
  failed: -32803,
};

const queues = new WeakMap<Services, SerialQueues>();
const notificationsByMethod = new Map(notifications.map((entry) => [entry.message.method, entry]));
const rowsByMethod = new Map(requests.map((entry) => [entry.message.method, entry]));

/** Answers one request, whatever carried it: the one catch and the one check of params. */
export async function answer(method: string, raw: unknown, call: Call<AnyRequest>): Promise<Outcome> {
  const found = rowsByMethod.get(method);
  if (!found) return { error: { code: code.methodNotFound, message: `Unknown method ${method.slice(0, 100)}` } };
  if (!call.session.initialized && found.message !== lsp.Initialize)
    return { error: { code: code.notInitialized, message: 'Send initialize first.' } };
  const params = found.message.params.safeParse(raw ?? {});
  if (!params.success) return { error: { code: code.invalidParams, message: describe(params.error.issues[0]) } };
  const end = call.session.begin(method);
  const signal = AbortSignal.any([call.signal, call.session.closed]);
  try {
    const work = async (): Promise<unknown> => {
      throwIfCancelled(signal);
      return call.services.requestContext.run(call.session, () => found.handler(params.data, { ...call, signal }));
    };
    const chatId = found.scheduling === 'one-per-chat' ? (params.data as { chatId?: string }).chatId : undefined;
    // A queue belongs to a profile, so that waiting tells nothing of another's chats.
    const queue = chatId && `${await call.services.sessionProfiles.profileOf(call.session)}/${chatId}`;
    return { result: (await (queue ? queueOf(call.services).run(queue, work, signal) : work())) ?? null };
  } catch (error) {
    return { error: toError(error, { method, signal, services: call.services }) };
  } finally {
    end();
  }
}

/** Answers everything a client sends over a JSON-RPC connection. */
export function serve(connection: MessageConnection, session: Session, services: Services): void {
  // One handler for all of them: one for each would be most of what a further client takes.
  connection.onRequest(async (method: string, params: unknown, token: CancellationToken) => {
    const raw = onlyOf(params);
    const emit = session.progress(tokenOf(raw));
    const outcome = await answer(method, raw, { session, services, signal: toSignal(token), emit });
    if ('result' in outcome) return outcome.result;
    return new ResponseError(outcome.error.code, outcome.error.message, outcome.error.data);
  });
  connection.onNotification((method: string, raw: unknown) => {
    const found = notificationsByMethod.get(method);
    if (!found) return;
    const params = found.message.params.safeParse(onlyOf(raw));
    if (!params.success)
      return services.log.warn({ method, issue: describe(params.error.issues[0]) }, 'bad notification');
    try {
      void found.handler(params.data, { session, services, signal: session.closed, emit() {} });
    } catch (error) {
      recordBug(error, method, services.log);
    }
  });
}

/** JSON-RPC has params by position as well; ours are one object. */
function onlyOf(params: unknown): unknown {
  return Array.isArray(params) && params.length < 2 ? (params[0] as unknown) : params;
}

function queueOf(services: Services): SerialQueues {
  const queue = queues.get(services) ?? new SerialQueues();
  queues.set(services, queue);
  return queue;
}

function tokenOf(raw: unknown): string | number | undefined {
  const token = (raw as { partialResultToken?: unknown } | null | undefined)?.partialResultToken;
  return typeof token === 'string' || typeof token === 'number' ? token : undefined;
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  return issue ? `${issue.path.map(String).join('.') || 'params'}: ${issue.message}` : 'wrong params';
}

function toSignal(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

function toError(
  error: unknown,
  { method, signal, services }: { method: string; signal: AbortSignal; services: Services },
): Extract<Outcome, { error: unknown }>['error'] {
  if (signal.aborted || error instanceof CancelledError) return { code: code.cancelled, message: 'cancelled' };
  if (error instanceof UserError)
    return { code: code.failed, message: error.message, data: { code: error.code, retryable: error.retryable } };
  const id = recordBug(error, method, services.log);
  return {
    code: code.internal,
    message: `Something went wrong inside Switchyard (report ${id} in the log). Your chats and files are safe.`,
  };
}
