// @switchyard /why: who gave the last answer, and why that model, as it was written down then.
import * as vscode from 'vscode';
import { type RecordedDecision, RouterDecision, RouterDecisions } from '../../shared/protocol/router.ts';
import type { Context } from '../context.ts';
import { decisionWords } from './chat-words.ts';
import { lastNote, type ParticipantCall, type ResultNote } from './participant-call.ts';

export async function explainChoice({ ctx, history, stream, signal }: ParticipantCall): Promise<ResultNote> {
  const id = lastNote(history, 'decisionId')?.decisionId;
  const decision = await decisionOf(ctx, id, signal);
  stream.markdown(
    decision
      ? decisionWords(decision, vscode.l10n.t)
      : vscode.l10n.t('No model has answered in this profile yet. Ask something first.'),
  );
  return {};
}

/** The named one, else this profile's last one. */
async function decisionOf(
  { daemon }: Pick<Context, 'daemon'>,
  id: string | undefined,
  signal: AbortSignal,
): Promise<RecordedDecision | undefined> {
  if (id !== undefined) return (await daemon.call(RouterDecision, { id }, { signal })).decision;
  return (await daemon.call(RouterDecisions, { limit: 1 }, { signal })).decisions[0];
}
