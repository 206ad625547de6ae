// What happens to answers: a turn is sent, parts come in, the answer ends. Pure; a part of the update.
import type { Attachment } from '../../../shared/protocol/chat.ts';
import { t } from '../../words.ts';
import { loneMention } from '../composer/mentions.ts';
import { chatNotFound, lostChat, wantPage } from './chats.ts';
import { isEmpty } from './drafts.ts';
import { withPiece } from './made-pictures.ts';
import type { Effect, Of, Transition } from './messages.ts';
import { attachedToTask, modesWithChat, talkMode, taskOf, wayOf } from './runs/modes.ts';
import { runSlash } from './slash.ts';
import {
  type Answer,
  type ChatSendResult,
  type Draft,
  emptyDraft,
  isAnswering,
  type State,
  shownAnswer,
  strangersAnswer,
  waitingChats,
} from './state.ts';
import {
  appendEntry,
  canContinue,
  cutBefore,
  type DraftPicture,
  type Entry,
  entriesOf,
  isStored,
  localId,
  removeEntry,
} from './transcript.ts';
import { beginWait, withWait } from './waits.ts';

/**
 * Sends the draft. While an answer is coming in, or there is nothing to send, the draft stays; while an older part of the chat
 * is in view, it waits for the newest page.
 */
export function submit(state: State, at: number): Transition {
  if (isEmpty(state.draft) || isAnswering(state) || !canSend(state)) return [state, []];
  const slash = state.editing ? undefined : runSlash(state, at);
  if (slash && !('draft' in slash)) return slash;
  return send({ ...state, ...slash }, at);
}

function send(state: State, at: number): Transition {
  const { editing, draft: written } = state;
  const { mode, isTask } = editing ? { mode: talkMode(state), isTask: false } : wayOf(state);
  const text = isTask ? taskOf(written) : written.text;
  const attachments = isTask ? attachedToTask(written) : written.attachments;
  const { pictures = [] } = written;
  const lone = loneMention(text);
  if (lone !== undefined)
    return [{ ...state, problem: t('Add a question after {0}.', lone) }, [{ kind: 'focus-composer' }]];
  if (!editing && waitingChats(state).has(state.chatId ?? ''))
    return [{ ...state, problem: t('The task in this chat waits for your answer. Answer it, or stop it, first.') }, []];
  if (state.transcript.newer.length > 0 && !state.editing) return wantPage({ ...state, queuedAt: at }, 'latest');
  const question: Entry = {
    ...blankEntry(state, state.serial + 1, at),
    role: 'user',
    text,
    status: 'complete',
    ...(attachments.length > 0 && { attachments: [...attachments] }),
    ...(pictures.length > 0 && { pictures }),
  };
  const draft = editing?.before ?? emptyDraft;
  const transcript = editing ? cutBefore(state.transcript, editing.key) : state.transcript;
  const asked = { ...state, draft, editing: undefined, transcript: appendEntry(transcript, question) };
  return begin(asked, { at, text, attachments, pictures, editOf: editing?.messageId, mode, isTask });
}

/**
 * Answers the last question once more. One that the daemon has stored is answered, not stored again; one that never reached it is
 * sent again. Which of both is known once the page is there.
 */
export function retry(state: State, { key, at, overBudget }: Of<'retry'>): Transition {
  if (isAnswering(state) || !canSend(state) || state.transcript.loading !== undefined) return [state, []];
  const entries = entriesOf(state.transcript);
  const index = entries.findIndex((entry) => entry.key === key);
  const answer = entries[index];
  const question = entries[index - 1];
  if (answer?.role !== 'assistant' || answer.jobId !== undefined) return [state, []];
  const without = { ...state, transcript: removeEntry(state.transcript, key) };
  const retryOf = [answer, question].find((entry) => entry && isStored(entry))?.id;
  const { text = '', attachments = [], pictures = [] } = question ?? {};
  const { taskMode } = answer;
  const way = { mode: taskMode ?? talkMode(state), isTask: taskMode !== undefined };
  return begin(without, { at, text, attachments, pictures, retryOf, ...way, ...(overBudget && { overBudget }) });
}

/** The last answer grows: what it has stays in view meanwhile. */
export function continueAnswer(state: State, { key, at }: Of<'continued'>): Transition {
  if (isAnswering(state) || !canSend(state) || state.transcript.loading !== undefined) return [state, []];
  const answer = entriesOf(state.transcript).at(-1);
  if (answer?.key !== key || !canContinue(answer)) return [state, []];
  const without = { ...state, transcript: removeEntry(state.transcript, key) };
  return begin(without, { at, text: '', attachments: [], continued: answer, mode: talkMode(state) });
}

export function stop(state: State): Transition {
  const answer = shownAnswer(state);
  if (answer) return [state, [{ kind: 'stop', key: answer.key }]];
  const { chatId } = state;
  const stranger = strangersAnswer(state);
  if (!stranger || chatId === undefined) return [state, []];
  const { jobId } = stranger;
  return [state, [jobId === undefined ? { kind: 'stop-chat', chatId } : { kind: 'cancel-run', jobId, chatId }]];
}

export function createdChat(state: State, { key, chatId }: Of<'chat-created'>): State {
  const answer = state.answers.find((waiting) => waiting.key === key);
  // The user may have begun another chat meanwhile: then that one stays in view.
  const isShown = answer !== undefined && answer === shownAnswer(state);
  const answers = state.answers.map((waiting) => (waiting.key === key ? { ...waiting, chatId } : waiting));
  const chosenModes = modesWithChat(state.chosenModes, { chatId, mode: answer?.mode, isShown });
  return { ...state, answers, chosenModes, ...(isShown && { chatId }) };
}

export function receivePart(state: State, { key, part }: Of<'answer-part'>): Transition {
  if (part.kind === 'picture') return [withPiece(state, part), []];
  const answers = state.answers.map((answer) =>
    answer.key === key ? { ...answer, entry: withWait(withPart(answer.entry, part, answer.begun), part) } : answer,
  );
  const received = { ...state, answers };
  // What was found for the question's mentions is stored by now, and can be looked at while the answer comes.
  const hasMentions =
    part.kind === 'decision' &&
    shownAnswer(received)?.key === key &&
    entriesOf(state.transcript).at(-1)?.text.includes('@');
  return hasMentions ? wantPage(received, 'refresh') : beginWait(received, key, part);
}

export function endAnswer(state: State, { key, sent, at }: Of<'answer-done'>): Transition {
  return finishAnswer(state, key, (entry) => ({
    ...entry,
    id: sent.messageId,
    chatId: sent.chatId,
    text: sent.text === '' ? entry.text : sent.text,
    status: statusAfter(sent.finishReason),
    decision: sent.decision,
    usage: sent.usage,
    ...(sent.cost !== undefined && { cost: sent.cost }),
    ...(sent.context && { context: sent.context }),
    finishReason: sent.finishReason,
    durationMs: at - entry.createdAt,
    ...(sent.cached && { notes: [...(entry.notes ?? []), t('Answered from the cache.')] }),
  }));
}

function statusAfter(finishReason: ChatSendResult['finishReason']): Entry['status'] {
  if (finishReason === 'cancelled') return 'cancelled';
  return finishReason === 'error' ? 'partial' : 'complete';
}

export function failAnswer(state: State, { key, failure, at }: Of<'answer-failed'>): Transition {
  const { code, retryable } = failure;
  if (code === chatNotFound) return failInLostChat(state, key);
  const [failed, effects] = finishAnswer(state, key, (entry) => {
    const status = statusWithout(entry, code);
    const isSaved = status === 'partial' && (code === 'disconnected' || code === 'daemon-lost');
    const message = isSaved ? t('{0} The partial answer is saved.', failure.message) : failure.message;
    const error = { message, code, retryable };
    return { ...entry, status, ...(code !== 'cancelled' && { error }), durationMs: at - entry.createdAt };
  });
  return [failed, code === 'no-model' ? [...effects, { kind: 'load-models', refresh: false }] : effects];
}

/** What was asked goes back to where it was typed. */
function failInLostChat(state: State, key: string): Transition {
  const answer = state.answers.find((waiting) => waiting.key === key);
  const rest = { ...state, answers: state.answers.filter((waiting) => waiting !== answer) };
  if (!answer || answer.chatId !== state.chatId) return [rest, [{ kind: 'load-chats', cursor: undefined }]];
  const question = entriesOf(state.transcript).findLast(({ role }) => role === 'user');
  return lostChat(rest, question && draftOf(question));
}

function draftOf({ text, attachments = [], pictures = [] }: Entry): Draft {
  return { text, attachments, ...(pictures.length > 0 && { pictures }) };
}

/** What had come in before the failure is kept. */
function statusWithout({ text }: Entry, code: string): Entry['status'] {
  if (code === 'cancelled') return 'cancelled';
  return text === '' ? 'failed' : 'partial';
}

function canSend(state: State): boolean {
  return state.connection.state === 'connected';
}

interface TurnStart {
  at: number;
  text: string;
  attachments: readonly Attachment[];
  pictures?: readonly DraftPicture[];
  mode: string | undefined;
  isTask?: boolean;
  retryOf?: string | undefined;
  overBudget?: true;
  editOf?: string | undefined;
  continued?: Entry;
}

function begin(state: State, turn: TurnStart): Transition {
  const { at, text, attachments, pictures = [], retryOf, editOf, overBudget, continued, mode, isTask } = turn;
  const serial = state.serial + 2;
  const blank: Entry = {
    ...blankEntry(state, serial, at),
    role: 'assistant',
    text: '',
    status: 'streaming',
    ...(isTask && mode !== undefined && { taskMode: mode }),
    ...(state.modes.some(({ id, makes }) => id === mode && makes === 'picture') && { isPicture: true }),
  };
  const entry = continued ? reopened(continued, blank) : blank;
  const answer: Answer = {
    key: entry.key,
    chatId: state.chatId,
    entry,
    mode,
    ...(continued && { begun: continued.text.length }),
  };
  const begun = {
    ...state,
    serial,
    spot: undefined,
    panel: undefined,
    problem: undefined,
    answers: [...state.answers, answer],
  };
  return [
    begun,
    [
      {
        kind: 'send',
        key: entry.key,
        turn: {
          chatId: state.chatId,
          text,
          attachments,
          ...(pictures.length > 0 && { pictures }),
          model: state.model,
          retryOf,
          editOf,
          ...(continued && { continueOf: continued.id }),
          ...(overBudget && { overBudget }),
          ...(mode !== undefined && { mode }),
          ...(isTask && { isTask }),
        },
      },
    ],
  ];
}

/** What an answer said of its end does not hold while it goes on. */
function reopened({ error: _error, notes: _notes, ...answer }: Entry, { key, createdAt, status }: Entry): Entry {
  return { ...answer, key, createdAt, status };
}

function blankEntry(state: State, serial: number, at: number): Pick<Entry, 'key' | 'id' | 'chatId' | 'createdAt'> {
  return { key: localId(serial), id: localId(serial), chatId: state.chatId ?? '', createdAt: at };
}

function withPart(entry: Entry, part: Of<'answer-part'>['part'], begun = 0): Entry {
  switch (part.kind) {
    case 'decision':
      return { ...entry, id: part.messageId, chatId: part.chatId, decision: part.decision };
    case 'text':
      return { ...entry, text: entry.text + part.text };
    case 'reasoning':
      return { ...entry, reasoning: (entry.reasoning ?? '') + part.text };
    case 'thought':
      return {
        ...entry,
        text: entry.text.slice(0, begun),
        reasoning: (entry.reasoning ?? '') + entry.text.slice(begun),
      };
    case 'note':
      return part.waiting ? entry : { ...entry, notes: [...(entry.notes ?? []), part.text] };
    case 'usage':
      return { ...entry, usage: part.usage };
    case 'memory':
      return { ...entry, proposal: part.memory };
    case 'memories':
      return { ...entry, memories: part.used };
    default:
      return entry;
  }
}

/** The answer takes its place in the transcript, if its chat is the one shown. */
export function finishAnswer(state: State, key: string, end: (entry: Entry) => Entry): Transition {
  const answer = state.answers.find((waiting) => waiting.key === key);
  if (!answer) return [state, []];
  const { wait: _over, ...entry } = end(answer.entry);
  const ended = { ...state, answers: state.answers.filter((waiting) => waiting !== answer) };
  const effects: Effect[] = [{ kind: 'load-chats', cursor: undefined }];
  if (answer.chatId !== state.chatId || state.transcript.newer.length > 0) return [ended, effects];
  const others = entriesOf(state.transcript).filter(({ id }) => id === entry.id);
  const transcript = others.reduce((rest, { key: other }) => removeEntry(rest, other), state.transcript);
  const shown = { ...ended, transcript: appendEntry(transcript, entry), announcement: announce(entry) };
  if (entry.error?.code === 'disconnected') return [shown, effects]; // the page is asked for when the connection is back
  // What only the daemon knows: the question's id and what it found for it, the versions, what the model was shown.
  const [looking, look] = wantPage(shown, 'refresh');
  return [looking, [...effects, ...look]];
}

const maxAnnouncedChars = 600;

function announce({ text, status, error }: Entry): string {
  if (error) return t('The answer failed: {0}', error.message);
  const beginning = text.length > maxAnnouncedChars ? `${text.slice(0, maxAnnouncedChars)} …` : text;
  return status === 'cancelled' ? t('Stopped. {0}', beginning) : t('Answer: {0}', beginning);
}
