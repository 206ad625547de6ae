// One request to @switchyard as its commands are given it, and what a result tells the turns that follow.
import type * as vscode from 'vscode';
import type { Context } from '../context.ts';

/** One request to the participant. Lives until it is answered. */
export interface ParticipantCall {
  ctx: Context;
  request: vscode.ChatRequest;
  /** Of the participant's own turns in this chat. */
  history: vscode.ChatContext['history'];
  stream: vscode.ChatResponseStream;
  signal: AbortSignal;
}

/** What a result tells of itself: later turns of the chat read it. */
export interface ResultNote {
  /** The decision that chose the model, for /why and for thumbs. */
  decisionId?: string;
  /** The chat in Switchyard that goes on with the next question, and the answer that was the last in it. */
  chatId?: string;
  messageId?: string;
  /** Whether there is something to do about what was found. */
  hasFindings?: boolean;
}

/** What the last of these results tells. */
export function lastNote(history: ParticipantCall['history'], has: keyof ResultNote): ResultNote | undefined {
  const notes = history.flatMap((turn) => ('result' in turn ? [turn.result.metadata as ResultNote | undefined] : []));
  return notes.findLast((note) => note?.[has] !== undefined);
}
