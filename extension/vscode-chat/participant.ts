// TABLE OF CONTENTS of @switchyard in VS Code's chat: its commands, what may be asked next, and the one catch of all of them.
import * as vscode from 'vscode';
import { RouterOutcome } from '../../shared/protocol/router.ts';
import type { Context } from '../context.ts';
import { DaemonError } from '../daemon-client.ts';
import { escapeMarkdown } from '../logic/markdown.ts';
import { nextSteps, withoutTerminal } from '../logic/next-steps.ts';
import { answerQuestion, explain } from './answer-question.ts';
import { signalOf } from './cancellation.ts';
import { explainChoice } from './explain-choice.ts';
import type { ParticipantCall, ResultNote } from './participant-call.ts';
import { reviewSubjects } from './review-subjects.ts';
import { searchAll } from './search-all.ts';
import { writeFix, writeTests } from './write-edits.ts';

const { t } = vscode.l10n;

type Command = (call: ParticipantCall) => Promise<ResultNote>;

const commands: Readonly<Record<string, Command>> = {
  review: reviewSubjects,
  explain,
  fix: writeFix,
  tests: writeTests,
  search: searchAll,
  why: explainChoice,
};

export async function answerRequest(
  ctx: Context,
  ...[request, { history }, stream, token]: Parameters<vscode.ChatRequestHandler>
): Promise<vscode.ChatResult> {
  const { command = '' } = request;
  const answer = Object.hasOwn(commands, command) ? commands[command] : undefined;
  const signal = signalOf(token);
  try {
    const note = await (answer ?? answerQuestion)({ ctx, request, history, stream, signal });
    return { metadata: { ...note, command } };
  } catch (error) {
    if (signal.aborted || (error instanceof DaemonError && error.code === 'cancelled')) return {};
    ctx.log.error(`@switchyard /${command}: ${error instanceof Error ? error.stack : String(error)}`);
    return tellFailure(stream, error);
  }
}

/** Where something in this window helps, it stands as buttons below the sentence: VS Code shows an error below all else. */
function tellFailure(stream: vscode.ChatResponseStream, error: unknown): vscode.ChatResult {
  if (!(error instanceof DaemonError))
    return { errorDetails: { message: t('Something went wrong in Switchyard. See the log for details.') } };
  const steps = nextSteps(error);
  const message = withoutTerminal(error.message);
  if (steps.length === 0) return { errorDetails: { message } };
  stream.markdown(`${escapeMarkdown(message)}\n\n`);
  for (const { title, command } of steps) stream.button({ title: t(title), command });
  return {};
}

export function followUps({ metadata }: vscode.ChatResult): vscode.ChatFollowup[] {
  const { command, decisionId, hasFindings } = (metadata ?? {}) as ResultNote & { command?: string };
  return [
    ...(command === 'review' && hasFindings ? [{ prompt: '', command: 'fix', label: t('Fix the problems') }] : []),
    ...(command === 'explain' ? [{ prompt: '', command: 'tests', label: t('Write tests for it') }] : []),
    ...(decisionId !== undefined && command !== 'why'
      ? [{ prompt: '', command: 'why', label: t('Why this model?') }]
      : []),
  ];
}

/** Thumbs are what the router learns from. */
export async function takeFeedback(ctx: Context, { result, kind }: vscode.ChatResultFeedback): Promise<void> {
  const { decisionId } = (result.metadata ?? {}) as ResultNote;
  if (decisionId === undefined) return;
  const thumbs = kind === 1 ? 'up' : 'down'; // ChatResultFeedbackKind.Helpful
  await ctx.daemon
    .call(RouterOutcome, { decisionId, thumbs })
    .catch((error: unknown) => ctx.log.warn(`Couldn't save your rating: ${String(error)}`));
}
