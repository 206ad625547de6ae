// What each message does to the view's state: the table of contents of everything that can happen. Pure.
import { continueAnswer, createdChat, endAnswer, receivePart, retry, submit } from './answers.ts';
import {
  chatsLoaded,
  chooseChat,
  deleteChat,
  newChat,
  pageFailed,
  pageLoaded,
  poll,
  renameChat,
  wantChats,
  wantPage,
  workIn,
} from './chats.ts';
import { citePaths, confirmPaths, explain, explained, foundAgain, rate } from './feedback.ts';
import { doToMemory, memoriesLoaded, showMemories } from './memories.ts';
import { attach, suggested, takeFiles, typeDraft, typeMention } from './mentions.ts';
import type { Effect, Of, Transition, ViewMessage } from './messages.ts';
import { forgetLostPictures, removePicture } from './pictures.ts';
import {
  answerUndo,
  carryOut,
  changesFailed,
  changesLoaded,
  changesUndone,
  closeReview,
  keepFailed,
  keepFile,
  keepHunk,
  lookAtChanges,
  redo,
  showKept,
  undoHunk,
} from './runs/changes.ts';
import { pickMode } from './runs/modes.ts';
import { sendAfterPage, stopAll, submitOrQueue, takeBack } from './runs/queue.ts';
import {
  callLoaded,
  decide,
  endRun,
  failTurn,
  lookAtRuns,
  receiveRunPart,
  resumeRun,
  runLoaded,
  runNotLoaded,
  runUndecided,
  stopRun,
  waitingLoaded,
  wantCall,
  wantRun,
} from './runs/run-turns.ts';
import { firstPollMs, type Panel, type Pull, type SavedState, type State } from './state.ts';
import { cancelEdit, chooseVersion, edit, fork, lookAgain, pin, showFork } from './versions.ts';
import { goFirst, stopOthers, waitsLoaded } from './waits.ts';

type Rows = { readonly [Type in ViewMessage['type']]: (state: State, message: Of<Type>) => Transition };

const rows: Rows = {
  // the host
  hello,
  connection,
  attach: (state, { attachment }) => sendAttached(attach(state, attachment)),
  'open-file': (state, { file }) => only({ ...state, openFile: file }),
  compose,
  'open-chat': (state, { chatId }) => chooseChat(state, chatId),
  focus: (state) => [state, [{ kind: 'focus-composer' }]],
  'models-changed': (state) => [state, [{ kind: 'load-models', refresh: false }]],
  'history-changed': (state) => [state, [{ kind: 'load-chats', cursor: undefined }]],
  'default-model': (state, { model }) => only({ ...state, defaultModel: model }),
  trust: (state, { isTrusted }) => only({ ...state, isTrusted }),
  index: (state, { status }) => only({ ...state, index: status }),
  'confirmed-paths': (state, { places }) => only(confirmPaths(state, places)),
  'profile-changed': (state) => [state, [{ kind: 'load-profile' }]],
  'profile-loaded': (state, { profile }) => workIn(state, profile),
  'profiles-listed': (state, { profiles }) => only({ ...state, profiles }),
  restored: (state, { saved }) => only(restore(state, saved)),

  // the composer
  'draft-typed': (state, { text }) => typeDraft(state, text),
  'mention-typed': typeMention,
  suggested: (state, message) => only(suggested(state, message)),
  'files-given': takeFiles,
  'attachment-removed': (state, { index }) =>
    only({ ...state, draft: { ...state.draft, attachments: state.draft.attachments.toSpliced(index, 1) } }),
  'picture-removed': removePicture,
  'lost-pictures-dismissed': forgetLostPictures,
  submit: (state, { at }) => submitOrQueue(state, at),
  stop: stopAll,
  retry,
  continued: continueAnswer,
  edited: (state, { key }) => edit(state, key),
  'edit-cancelled': cancelEdit,
  action: carryOut,

  // modes and runs
  'mode-picked': pickMode,
  'modes-loaded': (state, { modes }) => only({ ...state, modes }),
  'prompts-loaded': (state, { prompts }) => only({ ...state, prompts }),
  'queued-taken-back': (state) => [takeBack(state), [{ kind: 'focus-composer' }]],
  'run-part': receiveRunPart,
  'run-done': endRun,
  'run-decided': decide,
  'run-undecided': runUndecided,
  'run-wanted': wantRun,
  'run-looked-for': wantRun,
  'call-wanted': wantCall,
  'call-loaded': (state, message) => only(callLoaded(state, message)),
  'changes-loaded': (state, message) => only(changesLoaded(state, message)),
  'changes-failed': (state, message) => only(changesFailed(state, message)),
  'changes-undone': changesUndone,
  'changes-decided': (state) => [state, lookAtChanges(state)],
  'changes-closed': (state, message) => only(closeReview(state, message)),
  'change-kept': keepFile,
  'hunk-kept': keepHunk,
  'keep-failed': keepFailed,
  'kept-wanted': (state, message) => only(showKept(state, message)),
  'hunk-undone': undoHunk,
  'undo-answered': answerUndo,
  'undo-taken-back': redo,
  'run-loaded': runLoaded,
  'waiting-loaded': waitingLoaded,
  'run-not-loaded': (state, message) => only(runNotLoaded(state, message)),
  'run-resumed': resumeRun,
  'run-stopped': stopRun,
  'jobs-changed': (state) => [state, [...lookAtRuns(state), loadWaiting]],

  // answers
  'chat-created': (state, message) => only(createdChat(state, message)),
  'answer-part': receivePart,
  'waits-loaded': (state, message) => only(waitsLoaded(state, message)),
  'went-first': goFirst,
  'others-stopped': stopOthers,
  'answer-done': endAnswer,
  'answer-failed': failTurn,
  'paths-cited': (state, { paths }) => citePaths(state, paths),
  explained: explain,
  'decision-loaded': (state, { decisionId, record }) => only(explained(state, decisionId, { state: 'loaded', record })),
  'found-loaded': (state, message) => only(foundAgain(state, message)),
  'decision-failed': (state, { decisionId, failure }) =>
    only(explained(state, decisionId, { state: 'failed', reason: failure.message })),
  rated: rate,
  'version-chosen': chooseVersion,
  'branch-changed': (state, { chatId }) => lookAgain(state, chatId),
  pinned: pin,
  forked: fork,
  'fork-made': showFork,

  // chats and their pages
  'new-chat': newChat,
  'chat-chosen': (state, { chatId }) => chooseChat(state, chatId),
  'chat-renamed': renameChat,
  'chat-deleted': (state, { chatId }) => deleteChat(state, chatId),
  'chat-exported': (state, { chatId, title }) => [state, [{ kind: 'export', chatId, title }]],
  'chats-searched': (state, { text }) => wantChats({ ...state, chats: { ...state.chats, search: text } }),
  'chats-wanted': wantChats,
  'chats-loaded': chatsLoaded,
  'page-wanted': (state, { kind }) => wantPage(state, kind),
  'page-loaded': (state, message) => withRuns(sendAfterPage(sendQueued(pageLoaded(state, message)))),
  'page-failed': pageFailed,
  poll: (state, { chatId }) => poll(state, chatId),
  scrolled: (state, { spot }) => only({ ...state, spot }),

  // memories
  'memories-shown': showMemories,
  'memory-deed': doToMemory,
  'memories-loaded': (state, message) => only(memoriesLoaded(state, message)),

  // models
  'model-picked': (state, { model }) => pickModel(state, model),
  'models-wanted': (state) => [state, [{ kind: 'load-models', refresh: true }]],
  'models-loaded': (state, { models, notes }) => only({ ...state, models, modelNotes: notes }),
  'setup-loaded': (state, { setup }) => only({ ...state, setup }),
  pull: (state, { model }) => [withPull(state, model, noBytes), [{ kind: 'pull', model }]],
  'pull-stopped': (state, { model }) => [state, [{ kind: 'stop-pull', model }]],
  'pull-moved': (state, { model, received, total }) =>
    only(withPull(state, model, { received, total, error: undefined })),
  'pull-ended': endPull,

  // the view itself
  'panel-toggled': (state, { panel, open }) => togglePanel(state, panel, open),
  failed: (state, { failure }) => only({ ...state, problem: failure.message }),
  'problem-dismissed': (state) => only({ ...state, problem: undefined }),
};

/** The next state, and what is to be done. A message that this version does not know changes nothing. */
export function update(state: State, message: ViewMessage): Transition {
  if (!Object.hasOwn(rows, message.type)) return only(state);
  const row = rows[message.type] as (state: State, message: ViewMessage) => Transition;
  return row(state, message);
}

function only(state: State): Transition {
  return [state, []];
}

function restore(state: State, saved: SavedState): State {
  return {
    ...state,
    chatId: saved.chatId,
    draft: saved.draft ?? state.draft,
    drafts: saved.drafts ?? {},
    model: saved.model,
    chosenModes: saved.modes ?? {},
    spot: saved.spot,
    savedProfileId: saved.profileId,
  };
}

function hello(state: State, { host, actions, folder }: Of<'hello'>): Transition {
  return reload({ ...state, host, actions, folder });
}

/** A command about code that waited for it goes out. */
function sendAttached([state, effects]: Transition): Transition {
  const at = state.isSendingOnAttach;
  if (at === undefined) return [state, effects];
  const [sent, more] = submit({ ...state, isSendingOnAttach: undefined }, at);
  return [sent, [...effects, ...more]];
}

function connection(state: State, { state: now, detail }: Of<'connection'>): Transition {
  if (now === 'connected') return state.connection.state === 'connected' ? only(state) : reload(state);
  return only({ ...state, connection: { state: now, detail } });
}

/** The daemon is there, for the first time or again: what the view shows may be old. */
function reload(state: State): Transition {
  const connected: State = {
    ...state,
    connection: { state: 'connected', detail: undefined },
    transcript: { ...state.transcript, loading: undefined, error: undefined },
    problem: undefined,
    pollDelayMs: firstPollMs,
  };
  const [loading, load] = wantPage(connected, state.transcript.pages.length === 0 ? 'latest' : 'refresh');
  return [
    loading,
    [
      { kind: 'load-chats', cursor: undefined },
      { kind: 'load-models', refresh: false },
      { kind: 'load-profile' },
      { kind: 'load-modes' },
      loadWaiting,
      ...load,
    ],
  ];
}

/** A new chat with a question in it, sent at once if the host says so. */
function compose(state: State, { text, attachments, send, at }: Of<'compose'>): Transition {
  const [fresh, effects] = newChat(state);
  const composed = { ...fresh, draft: { text, attachments } };
  return send ? submit(composed, at) : [composed, effects];
}

function togglePanel(state: State, panel: Panel, open: boolean): Transition {
  const next = { ...state, panel: open ? panel : undefined };
  if (!open) return [next, panel === 'models' ? [{ kind: 'focus-composer' }] : []];
  if (panel === 'memories') return showMemories(state, {});
  if (panel === 'profiles') return [next, [{ kind: 'load-profile' }]];
  return panel === 'chats'
    ? [next, [{ kind: 'load-chats', cursor: undefined }, loadWaiting]]
    : [next, [{ kind: 'load-models', refresh: panel === 'setup' }]];
}

function pickModel(state: State, model: string | undefined): Transition {
  const picked = { ...state, model, panel: undefined };
  const focus: Effect = { kind: 'focus-composer' };
  return [picked, state.chatId === undefined ? [focus] : [{ kind: 'set-model', chatId: state.chatId, model }, focus]];
}

/** Runs of the page that this view doesn't follow are looked at. */
function withRuns([state, effects]: Transition): Transition {
  return [state, [...effects, ...lookAtRuns(state)]];
}

/** A draft that waited for the newest page goes out once that is here. */
function sendQueued([state, effects]: Transition): Transition {
  if (state.queuedAt === undefined || state.transcript.loading !== undefined) return [state, effects];
  const [sent, more] = submit({ ...state, queuedAt: undefined }, state.queuedAt);
  return [sent, [...effects, ...more]];
}

const loadWaiting: Effect = { kind: 'load-waiting' };

const noBytes: Pull = { received: 0, total: undefined, error: undefined };

function withPull(state: State, model: string, pull: Pull): State {
  return { ...state, pulls: { ...state.pulls, [model]: pull } };
}

function endPull(state: State, { model, failure }: Of<'pull-ended'>): Transition {
  const { [model]: _ended, ...pulls } = state.pulls;
  if (!failure) return [{ ...state, pulls }, [{ kind: 'load-models', refresh: true }]];
  if (failure.code === 'cancelled') return only({ ...state, pulls });
  return only(withPull(state, model, { ...noBytes, error: failure.message }));
}
