// Commands for clients that know only LSP. Each does what its method does. Edits leave as `workspace/applyEdit`, texts as
// `window/showDocument` of a file in the data directory, progress as work-done progress.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { AgentUndo } from '../../shared/protocol/agent.ts';
import { CodeAction, CodeWrite } from '../../shared/protocol/code.ts';
import { CompletionOutcome } from '../../shared/protocol/completion.ts';
import type { AnyRequest, Params } from '../../shared/protocol/define.ts';
import type { ExecuteCommand } from '../../shared/protocol/lsp.ts';
import { ReviewDismiss, ReviewFix, ReviewRun } from '../../shared/protocol/review.ts';
import { Range, type WorkspaceEdit } from '../../shared/protocol/text.ts';
import { changesMarkdown } from '../../shared/words/changes-markdown.ts';
import { counted } from '../../shared/words/counted.ts';
import { cleanMessage } from '../base/clean-text.ts';
import { CancelledError, throwIfCancelled, UserError } from '../base/errors.ts';
import { fileIdentity } from '../base/uri.ts';
import type { Session } from '../sessions/session.ts';
import { handleAgentChanges, handleAgentKeep, handleAgentUndo } from './agent.ts';
import { withProfile, withProfileOrNone } from './call-profile.ts';
import { handleCodeAction } from './code-action.ts';
import { handleCompletionOutcome } from './completion.ts';
import type { Call, Handler } from './handler.ts';
import { describeIssue, readParams } from './read-params.ts';
import { handleReviewDismiss, handleReviewFix, handleReviewRun, wantedChange } from './review.ts';
import { handleCodeWrite } from './write.ts';

type CommandServices =
  | 'paths'
  | 'sessionProfiles'
  | 'storage'
  | 'review'
  | 'board'
  | 'actions'
  | 'chat'
  | 'completions'
  | 'trust'
  | 'jobs'
  | 'checkpoints'
  | 'pendingFiles'
  | 'sessions';
type CommandCall = Call<AnyRequest, CommandServices, 'none'> & { workDoneToken: string | number | undefined };
type LspCommand = (argument: unknown, call: CommandCall) => Promise<unknown>;

/** A document or a part of it, else changes of a repository: of the session's first folder where `root` is left out. */
const reviewArgument = z.object({
  uri: z.string().optional(),
  range: Range.optional(),
  diff: z.enum(['staged', 'unstaged']).optional(),
  ...ReviewRun.params.pick({ commit: true, base: true, root: true }).shape,
});

const defaultSnooze = 15; // minutes
const maxSnooze = 24 * 60;

const commands: Record<`switchyard.${string}`, LspCommand> = {
  'switchyard.review': async (argument, call) => {
    const { uri = call.session.documents.last?.uri, range, ...changes } = read(reviewArgument, argument);
    const isOfDocument = wantedChange(changes) === undefined;
    if (isOfDocument && uri === undefined)
      throw new UserError('nothing-to-review', 'No file is open here. Open one and try again.');
    const what = isOfDocument ? { textDocument: { uri }, ...(range && { range }) } : changes;
    const { runId, summary, findings } = await handleReviewRun(
      ReviewRun.params.parse({ ...what, workDoneToken: call.workDoneToken }),
      await withProfileOrNone(call),
    );
    tell(summary, call);
    return { runId, summary, findings: findings.length };
  },
  'switchyard.fix': async (argument, call) => {
    const { findingId } = read(ReviewFix.params, argument);
    const { edit, text, note } = await handleReviewFix(
      { findingId, workDoneToken: call.workDoneToken },
      await withProfile(call),
    );
    if (note) tell(note, call);
    return edit ? applyEdit(edit, call) : showText('fix', text ?? '', call);
  },
  'switchyard.dismiss': async (argument, call) =>
    handleReviewDismiss(read(ReviewDismiss.params, argument), await withProfile(call)),
  'switchyard.action': async (argument, call) => {
    const { uri, ...asked } = read(
      CodeAction.params
        .pick({ kind: true, range: true, diagnostic: true, instruction: true, previous: true, retry: true })
        .extend({ uri: z.string() }),
      argument,
    );
    const { edit, text, note } = await handleCodeAction(
      { ...asked, textDocument: { uri }, workDoneToken: call.workDoneToken },
      await withProfileOrNone(call),
    );
    if (note) tell(note, call);
    return edit ? applyEdit(edit, call) : showText(asked.kind, text ?? '', call);
  },
  /** What a suggestion of code carries: the client runs it when its user has accepted. */
  'switchyard.completionAccepted': async (argument, call) =>
    handleCompletionOutcome(
      { ...read(CompletionOutcome.params.pick({ id: true }), argument), accepted: true },
      await withProfile(call),
    ),
  'switchyard.snooze': async (argument, call) => {
    const { minutes = defaultSnooze } = read(
      z.object({ minutes: z.number().min(0).max(maxSnooze).optional() }),
      argument,
    );
    call.session.snoozedUntil = Date.now() + minutes * 60_000;
    tell(minutes === 0 ? 'Completion is on again.' : `Completion is snoozed for ${counted(minutes, 'minute')}.`, call);
    return { minutes };
  },
  'switchyard.completionStatus': async (argument, call) => {
    const { session, services, signal } = call;
    const { uri = session.documents.last?.uri ?? '' } = read(z.object({ uri: z.string().optional() }), argument);
    const document = session.document(uri);
    const { roots, options, snoozedUntil } = session;
    const state = await services.completions.state(
      options.completion,
      signal,
      document && { uri, languageId: document.languageId, roots },
    );
    const left = Math.ceil((snoozedUntil - Date.now()) / 60_000);
    const snoozed = left > 0 ? ` It's snoozed for ${counted(left, 'minute')}.` : '';
    tell(state.why ?? `Completion is on, with ${state.model ?? 'no model'}.${snoozed}`, call);
    return state;
  },
  'switchyard.write': async (argument, call) => {
    const { uri, ...request } = read(
      CodeWrite.params.pick({ instruction: true, range: true, tests: true }).extend({ uri: z.string() }),
      argument,
    );
    const { edit, code, judge, label, notes } = await handleCodeWrite(
      { ...request, textDocument: { uri }, workDoneToken: call.workDoneToken },
      await withProfile(call),
    );
    const words = [...(label === undefined ? [] : [label]), ...notes];
    if (words.length > 0) tell(words.join(' '), call);
    return edit && judge.verdict !== 'rejected' ? applyEdit(edit, call) : showText('code', code, call);
  },
  'switchyard.chat': async (argument, call) => {
    const { text, chatId } = read(z.object({ text: z.string().min(1), chatId: z.string().optional() }), argument);
    const progress = call.session.workDone(call.workDoneToken, 'Chat', call.cancel);
    try {
      const { session: sender, services, profile, signal } = await withProfile(call);
      const reply = await services.chat.send(
        { text, ...(chatId !== undefined && { chatId }) },
        { sender, profile, signal, onPart() {} },
      );
      return { ...(await showText('answer', reply.text, call)), chatId: reply.chatId };
    } finally {
      progress.end('');
    }
  },
  'switchyard.agentChanges': async (argument, call) => {
    const { jobId, uri } = await runArgument(argument, call);
    const changes = await handleAgentChanges({ jobId }, await withProfile(call));
    const identity = uri === undefined ? undefined : fileIdentity(uri);
    const files = changes.files.filter((file) => identity === undefined || fileIdentity(file.uri) === identity);
    return { ...(await showText('changes', changesMarkdown({ ...changes, files }), call)), jobId };
  },
  'switchyard.agentKeep': async (argument, call) => {
    const { jobId, uri, hunks } = await runArgument(argument, call);
    const { kept, conflicts } = await handleAgentKeep({ jobId, uri, hunks }, await withProfile(call));
    const left = conflicts.map(({ path, why }) => `${path}: ${why}`);
    const what = hunks ? counted(hunks.length, 'change') : `the agent's changes to ${counted(kept.length, 'file')}`;
    const said = left.length > 0 ? [] : ['There is nothing left to keep.'];
    tell([...(kept.length > 0 ? [`Kept ${what}.`] : said), ...left].join(' '), call);
    return { jobId, kept: kept.length, conflicts };
  },
  'switchyard.agentUndo': async (argument, call) => {
    const request = await runArgument(argument, call);
    const undone = await handleAgentUndo(request, await withProfile(call));
    const { restored, conflicts } = undone;
    const left = conflicts.map(({ path, why }) => `${path}: ${why}`);
    const reload = restored.length > 0 ? ['If your editor still shows what the agent wrote, reload the file.'] : [];
    const undid =
      request.hunks && restored.length > 0
        ? `${counted(request.hunks.length, 'change')} undone.`
        : `${counted(restored.length, 'file')} restored.`;
    tell([undid, ...reload, ...left].join(' '), call);
    return { ...undone, jobId: request.jobId };
  },
  /** For clients that can't cancel a request, or don't show progress. */
  'switchyard.stop': async (_argument, call) => {
    const stopped = call.session.stopWork();
    tell(stopped === 0 ? 'Nothing is running.' : 'Stopped.', call);
    return { stopped };
  },
};

export const commandNames: readonly string[] = Object.keys(commands);

const messageType = { info: 3 }; // LSP MessageType

function tell(sentence: string, { session }: CommandCall): void {
  session.peer.notify('window/showMessage', { type: messageType.info, message: `Switchyard: ${sentence}` });
}

export const handleExecuteCommand: Handler<typeof ExecuteCommand, CommandServices, 'none'> = (params, call) => {
  const command = Object.hasOwn(commands, params.command)
    ? commands[params.command as keyof typeof commands]
    : undefined;
  if (!command)
    throw new UserError(
      'unknown-command',
      `Switchyard has no command ${params.command.slice(0, 100)}. Available commands: ${commandNames.join(', ')}.`,
    );
  return command(params.arguments?.[0], { ...call, workDoneToken: params.workDoneToken });
};

function read<S extends z.ZodType>(schema: S, argument: unknown): z.infer<S> {
  const result = readParams(schema, argument ?? {});
  if (result.success) return result.data;
  throw new UserError(
    'wrong-argument',
    `The command's first argument is invalid: ${describeIssue(result.error.issues[0])}.`,
  );
}

/** The run that is named, else the last one that changed the file, or any file, and whose changes are neither kept nor undone. */
async function runArgument(argument: unknown, call: CommandCall): Promise<Params<typeof AgentUndo>> {
  const { jobId, uri, step, hunks } = read(AgentUndo.params.partial({ jobId: true }), argument);
  const { services, profile } = await withProfile(call);
  const found = jobId ?? (await services.pendingFiles.runOf(profile, uri));
  if (found !== undefined) return { jobId: found, uri, step, hunks };
  throw new UserError(
    'no-agent-changes',
    `There are no changes of the agent to ${uri === undefined ? 'keep or undo' : 'this file'}. To list its runs, run \`switchyard jobs\` in a terminal.`,
  );
}

async function applyEdit(edit: WorkspaceEdit, { session, signal }: CommandCall): Promise<{ applied: boolean }> {
  if (!session.capabilities.workspace?.applyEdit)
    throw new UserError('cannot-apply', "This editor doesn't let servers change documents (workspace/applyEdit).");
  const plain = session.capabilities.workspace.workspaceEdit?.documentChanges ? edit : withoutVersions(edit);
  const asked = session.peer
    .ask('workspace/applyEdit', { label: 'Switchyard', edit: plain })
    .catch((error: unknown) => ({ applied: false, failureReason: reasonOf(error) }));
  const answer = (await untilCancelled(asked, signal)) as { applied?: unknown; failureReason?: unknown } | null;
  if (answer?.applied === false) {
    const { failureReason: reason } = answer;
    throw new UserError(
      'edit-refused',
      `The editor didn't apply the edit: ${(typeof reason === 'string' && reason) || 'the document may have changed'}. Try again.`,
      { retryable: true },
    );
  }
  return { applied: true };
}

/** An editor may ask its user first, or never answer at all: what it was asked for can be cancelled meanwhile. */
async function untilCancelled<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = (): void => reject(new CancelledError());
  signal.addEventListener('abort', cancel, { once: true });
  try {
    throwIfCancelled(signal);
    return await Promise.race([asked, promise]);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** What an editor says when it answers with an error, without its last period. */
function reasonOf(error: unknown): string | undefined {
  return error instanceof Error ? cleanMessage(error.message, 200).replace(/\.$/, '') || undefined : undefined;
}

/** The older form of a WorkspaceEdit, for clients that do not know `documentChanges`. */
function withoutVersions(edit: WorkspaceEdit): { changes: Record<string, unknown> } {
  return {
    changes: Object.fromEntries(edit.documentChanges.map(({ textDocument, edits }) => [textDocument.uri, edits])),
  };
}

const maxShownChars = 1_000_000; // nobody reads a longer text

async function showText(
  name: string,
  text: string,
  { session, services }: CommandCall,
): Promise<{ text: string; uri: string }> {
  const folder = join(services.paths.data, 'texts');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${name}-${session.id}.md`);
  await writeFile(file, text.slice(0, maxShownChars), { mode: 0o600 });
  const uri = pathToFileURL(file).href;
  const message = `Switchyard wrote the text to ${file}`;
  void showDocument(uri, session).then((isShown) => {
    if (!isShown) session.peer.notify('window/showMessage', { type: messageType.info, message });
  }); // the text is there, whether or not the editor ever answers
  return { text, uri };
}

/** False where the editor can't show a document, or didn't. The text is in its file all the same. */
async function showDocument(uri: string, { capabilities, peer }: Session): Promise<boolean> {
  if (!capabilities.window?.showDocument?.support) return false;
  try {
    const answer = (await peer.ask('window/showDocument', { uri, takeFocus: false })) as { success?: unknown } | null;
    return answer?.success !== false;
  } catch {
    return false;
  }
}
