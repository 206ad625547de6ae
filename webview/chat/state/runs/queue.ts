// A message that is written while a run works: sent when the run has ended, or taken back. Pure; a part of the update.
import { t } from '../../../words.ts';
import { stop, submit } from '../answers.ts';
import { isEmpty } from '../drafts.ts';
import type { Transition } from '../messages.ts';
import { emptyDraft, isAnswering, joinedDrafts, type State, shownRun } from '../state.ts';
import { emptyTranscript, entriesOf } from '../transcript.ts';

/** Sends the draft, or keeps it until the run that works has ended. */
export function submitOrQueue(state: State, at: number): Transition {
  const { chatId, draft, queued } = state;
  if (chatId === undefined || shownRun(state) === undefined || state.editing) return submit(state, at);
  if (isEmpty(draft)) return [state, []];
  const waiting = { draft: joinedDrafts(queued[chatId]?.draft, draft), at };
  const announcement = t("Queued. It's sent when the run has ended.");
  return [{ ...state, draft: emptyDraft, queued: { ...queued, [chatId]: waiting }, announcement }, []];
}

/** What waits comes back to where it was written, before what is written there now. */
export function takeBack(state: State, chatId = state.chatId): State {
  const { [chatId ?? '']: waiting, ...queued } = state.queued;
  if (!waiting || chatId === undefined) return state;
  if (chatId === state.chatId) return { ...state, queued, draft: joinedDrafts(waiting.draft, state.draft) };
  const draft = joinedDrafts(waiting.draft, state.drafts[chatId] ?? emptyDraft);
  return { ...state, queued, drafts: { ...state.drafts, [chatId]: draft } };
}

/** Stops what goes on in the chat shown; what waits for its end isn't sent. */
export function stopAll(state: State): Transition {
  return stop(takeBack(state));
}

/** Sends what waits in a chat whose run has ended. What can't be sent now comes back. */
export function sendAfterRun([state, effects]: Transition, chatId: string): Transition {
  const { [chatId]: waiting, ...queued } = state.queued;
  if (!waiting) return [state, effects];
  const isShown = chatId === state.chatId;
  const there = isShown ? state : { ...state, chatId, transcript: emptyTranscript };
  const [sent, more] = submit({ ...there, queued, draft: waiting.draft, editing: undefined }, waiting.at);
  if (sent.answers.length === state.answers.length) return [takeBack(state, chatId), effects];
  const { draft, editing } = state;
  if (isShown) return [{ ...sent, draft, editing }, [...effects, ...more]];
  const { answers, serial } = sent;
  return [{ ...state, queued, answers, serial }, [...effects, ...more]];
}

/** A run that this view doesn't follow has ended once its page says so. */
export function sendAfterPage([state, effects]: Transition): Transition {
  const { chatId } = state;
  if (chatId === undefined || !state.queued[chatId] || isAnswering(state)) return [state, effects];
  const last = entriesOf(state.transcript).findLast(({ role }) => role === 'assistant');
  return last?.status === 'complete' ? sendAfterRun([state, effects], chatId) : [takeBack(state), effects];
}
