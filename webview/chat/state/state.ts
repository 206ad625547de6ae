// The view's one state: its type, how it begins, and what is read out of it. Pure.
import type { AgentMode } from '../../../shared/protocol/agent.ts';
import type { Attachment, Chat, EffectiveModel, Message } from '../../../shared/protocol/chat.ts';
import type { Suggestion } from '../../../shared/protocol/context.ts';
import type { Result } from '../../../shared/protocol/define.ts';
import type * as protocol from '../../../shared/protocol/index.ts';
import type { Memory } from '../../../shared/protocol/memories.ts';
import type { Model } from '../../../shared/protocol/models.ts';
import type { Profile } from '../../../shared/protocol/profiles.ts';
import type { RecordedDecision } from '../../../shared/protocol/router.ts';
import type { HostActionKind, IndexState } from '../../../shared/webview.ts';
import { t } from '../../words.ts';
import type { TypedMention } from '../composer/mentions.ts';
import type { Run, RunChanges } from './runs/run.ts';
import type { PromptFile } from './slash-commands.ts';
import {
  type DraftPicture,
  type Entry,
  emptyTranscript,
  entriesOf,
  type ReceivedPicture,
  type Transcript,
} from './transcript.ts';

export type Setup = Result<typeof protocol.ModelsSetup>;
export type ChatSendResult = Result<typeof protocol.ChatSend>;

export interface State {
  readonly host: 'vscode' | 'browser' | undefined;
  /** The gestures that the host can carry out. */
  readonly actions: readonly HostActionKind[];
  /** The name of the folder that is worked in. */
  readonly folder: string | undefined;
  /** Whether the user trusts that folder: else the agent may not read it. */
  readonly isTrusted: boolean;
  /** The file that is open in the editor. */
  readonly openFile: { readonly uri: string; readonly name: string } | undefined;
  readonly connection: {
    readonly state: 'connecting' | 'connected' | 'reconnecting' | 'lost';
    readonly detail: string | undefined;
  };
  readonly chats: {
    readonly items: readonly Chat[];
    readonly next: string | undefined;
    readonly isLoading: boolean;
    readonly search: string;
  };
  /** The chat shown; none before a new chat's first message. */
  readonly chatId: string | undefined;
  readonly transcript: Transcript;
  /** Answers that this view is waiting for, in any chat. */
  readonly answers: readonly Answer[];
  readonly draft: Draft;
  /** What is typed in other chats, by their id. */
  readonly drafts: Readonly<Record<string, Draft>>;
  /** The `@` that is being typed, and what it may become. */
  readonly mention: Mention | undefined;
  /** The question that the draft is another version of, and the draft that waits meanwhile. */
  readonly editing: { readonly key: string; readonly messageId: string; readonly before: Draft } | undefined;
  /** The model that the user chose; none is "Automatic". */
  readonly model: string | undefined;
  /** Ways to work, as the daemon lists them. */
  readonly modes: readonly AgentMode[];
  /** Ids of the modes that chats are in, by the chat's id; of the new chat under the empty one. */
  readonly chosenModes: Readonly<Record<string, string>>;
  /** Runs of the agent, by their job's id. */
  readonly runs: Readonly<Record<string, Run>>;
  /** What runs changed, where the page shows it itself, by their job's id. */
  readonly changes: Readonly<Record<string, RunChanges>>;
  /** Pictures that were made as answers, by the answer's id. */
  readonly made: Readonly<Record<string, ReceivedPicture>>;
  /** Prompts that the folders keep in files. */
  readonly prompts: readonly PromptFile[];
  /** Messages that wait for the end of a chat's run, by the chat's id. */
  readonly queued: Readonly<Record<string, QueuedMessage>>;
  /** The model for chats that name none, by the user's setting. */
  readonly defaultModel: string | undefined;
  /** What the daemon said of the chat shown. */
  readonly effective: EffectiveModel | undefined;
  /** The profile that is worked in, and whether there are others. */
  readonly profile:
    | { readonly id: string; readonly name: string; readonly model: string | undefined; readonly isOnlyOne: boolean }
    | undefined;
  readonly profiles: readonly Profile[];
  /** The profile in which the view was left, until the daemon has said which one it is now. */
  readonly savedProfileId: string | undefined;
  readonly models: readonly Model[];
  readonly modelNotes: readonly string[];
  readonly setup: Setup | undefined;
  /** The records of decisions that are being shown, by their id. */
  readonly explanations: Explanations;
  /** Of paths that answers cite: the file's address, or none where the host knows no such file. */
  readonly confirmedPaths: Readonly<Record<string, string | undefined>>;
  /** How far the code is indexed, where there is something to say of it. */
  readonly index: IndexState | undefined;
  readonly pulls: Readonly<Record<string, Pull>>;
  readonly memories: MemoriesState;
  readonly panel: Panel | undefined;
  /** A sentence about something that failed outside the transcript. */
  readonly problem: string | undefined;
  /** What a screen reader says. */
  readonly announcement: string;
  readonly spot: Spot | undefined;
  /** When the user sent the draft, while the newest page is being fetched for it. */
  readonly queuedAt: number | undefined;
  /** When the user sent a command about code that the host is asked to attach. */
  readonly isSendingOnAttach: number | undefined;
  /** The last number used in a key. */
  readonly serial: number;
  readonly pollDelayMs: number;
}

/** An answer on its way. It stands beside the transcript's pages, so that a part costs the same in a chat of any length. */
export interface Answer {
  readonly key: string;
  /** Unknown while the daemon creates the chat. */
  readonly chatId: string | undefined;
  readonly entry: Entry;
  /** Characters that it had when it was continued. */
  readonly begun?: number;
  /** The mode that it was asked in. */
  readonly mode?: string | undefined;
}

export interface MemoriesState {
  readonly items: readonly Memory[];
  readonly isLoaded: boolean;
  /** The name of the session's project, where a memory can be made to hold. */
  readonly project: string | undefined;
  /** Of the answer whose memories are shown first. */
  readonly sought: readonly string[];
}

export type Panel = 'chats' | 'models' | 'modes' | 'setup' | 'memories' | 'profiles';

export type Explanations = Readonly<Record<string, Explanation>>;

export type Explanation = (
  | { readonly state: 'loading' }
  | { readonly state: 'loaded'; readonly record: RecordedDecision }
  | { readonly state: 'failed'; readonly reason: string }
) & {
  /** Older messages that the answer was made with, once they are read. */
  readonly found?: readonly FoundMessage[];
};

export type FoundMessage = Pick<Message, 'id' | 'role' | 'text'>;

export interface Draft {
  readonly text: string;
  readonly attachments: readonly Attachment[];
  readonly pictures?: readonly DraftPicture[];
  /** Names of pictures that were attached before the view was closed: their bytes are kept nowhere. */
  readonly lostPictures?: readonly string[];
}

interface QueuedMessage {
  readonly draft: Draft;
  /** When the user sent it. */
  readonly at: number;
}

export interface Mention {
  readonly typed: TypedMention;
  readonly items: readonly Suggestion[];
  /** What limits the list. */
  readonly note: string | undefined;
  readonly isLoading: boolean;
}

export interface Pull {
  readonly received: number;
  readonly total: number | undefined;
  readonly error: string | undefined;
}

/** Where the reader is, when not at the end: a message, and how far its top lies below the top of the view, in pixels. */
export interface Spot {
  readonly id: string;
  readonly offset: number;
}

/** What survives the view's being hidden or killed. */
export interface SavedState {
  readonly chatId?: string;
  /** Of the profile that the chat is in. */
  readonly profileId?: string;
  readonly draft?: Draft;
  readonly drafts?: Readonly<Record<string, Draft>>;
  readonly model?: string;
  readonly modes?: Readonly<Record<string, string>>;
  readonly spot?: Spot;
}

export const emptyDraft: Draft = { text: '', attachments: [] };

export const noMemories: MemoriesState = { items: [], isLoaded: false, project: undefined, sought: [] };

/** An answer that streams to another client is polled after this at first, then less and less often. */
export const firstPollMs = 1000;

export const initialState: State = {
  host: undefined,
  actions: [],
  folder: undefined,
  isTrusted: true,
  openFile: undefined,
  connection: { state: 'connecting', detail: undefined },
  chats: { items: [], next: undefined, isLoading: false, search: '' },
  chatId: undefined,
  transcript: emptyTranscript,
  answers: [],
  draft: emptyDraft,
  drafts: {},
  mention: undefined,
  editing: undefined,
  model: undefined,
  modes: [],
  chosenModes: {},
  runs: {},
  changes: {},
  made: {},
  prompts: [],
  queued: {},
  defaultModel: undefined,
  effective: undefined,
  profile: undefined,
  profiles: [],
  savedProfileId: undefined,
  models: [],
  modelNotes: [],
  setup: undefined,
  explanations: {},
  confirmedPaths: {},
  index: undefined,
  pulls: {},
  memories: noMemories,
  panel: undefined,
  problem: undefined,
  announcement: '',
  spot: undefined,
  queuedAt: undefined,
  isSendingOnAttach: undefined,
  serial: 0,
  pollDelayMs: firstPollMs,
};

/** Messages of the chat shown, with the answer that is coming in last. */
export function shownEntries(state: State): readonly Entry[] {
  const entries = entriesOf(state.transcript);
  const answer = shownAnswer(state);
  if (!answer || state.transcript.newer.length > 0) return entries;
  return [...entries.filter(({ id, key }) => id !== answer.entry.id && key !== answer.entry.key), answer.entry];
}

/** The title of the chat shown; until the daemon has named it, its first question. */
export function chatTitle(state: State): string {
  const title = state.chats.items.find(({ id }) => id === state.chatId)?.title;
  return title || entriesOf(state.transcript)[0]?.text.split('\n')[0] || t('New chat');
}

/** The model meant for the next answer, and which level names it. */
export function meantModel({ chatId, model, effective, profile, defaultModel }: State): EffectiveModel {
  if (model !== undefined) return { model, source: 'chat' };
  if (chatId !== undefined && effective && effective.source !== 'chat') return effective;
  if (profile?.model !== undefined) return { model: profile.model, source: 'profile' };
  return defaultModel === undefined ? { source: 'policy' } : { model: defaultModel, source: 'workspace' };
}

/** The answer that this view is waiting for in the chat shown. */
export function shownAnswer(state: State): Answer | undefined {
  return state.answers.find(({ chatId }) => chatId === state.chatId);
}

/** Whether an answer is coming in to the chat shown, to this view or to somebody else. */
export function isAnswering(state: State): boolean {
  return shownAnswer(state) !== undefined || strangersAnswer(state) !== undefined;
}

/** An answer that streams to somebody else, or streamed to this view before it was killed. */
export function strangersAnswer(state: State): Entry | undefined {
  const ours = shownAnswer(state)?.entry.id;
  return entriesOf(state.transcript).find(({ status, id }) => status === 'streaming' && id !== ours);
}

/** Chats with a run that waits for the user. */
export function waitingChats({ runs }: Pick<State, 'runs'>): ReadonlySet<string> {
  const waiting = Object.values(runs).filter(({ approvals }) => approvals.some(({ isSent }) => !isSent));
  return new Set(waiting.map(({ chatId }) => chatId));
}

/** The run that goes on in the chat shown, whoever began it. */
export function shownRun(state: State): string | undefined {
  return (shownAnswer(state)?.entry ?? strangersAnswer(state))?.jobId;
}

/** One draft of two, the first of them first. */
export function joinedDrafts(first: Draft | undefined, second: Draft): Draft {
  if (!first) return second;
  const pictures = [...(first.pictures ?? []), ...(second.pictures ?? [])];
  return {
    text: [first.text, second.text].filter(Boolean).join('\n\n'),
    attachments: [...first.attachments, ...second.attachments],
    ...(pictures.length > 0 && { pictures }),
  };
}

/**
 * What to keep for when the view comes back. Attachments beyond the limit are left behind: storage is small. What waits for the end
 * of a run is a draft again then.
 */
export function savedOf(state: State): SavedState {
  const { chatId, drafts, editing, model, chosenModes, queued, spot, profile, savedProfileId } = state;
  const draft = joinedDrafts(queued[chatId ?? '']?.draft, editing?.before ?? state.draft);
  const waiting = Object.entries(queued).filter(([id]) => id !== chatId);
  const others = Object.entries({
    ...drafts,
    ...Object.fromEntries(waiting.map(([id, each]) => [id, joinedDrafts(each.draft, drafts[id] ?? emptyDraft)])),
  });
  const profileId = profile?.id ?? savedProfileId;
  return {
    draft: savedDraft(draft),
    ...(others.length > 0 && { drafts: Object.fromEntries(others.map(([id, each]) => [id, savedDraft(each)])) }),
    ...(profileId && { profileId }),
    ...(chatId && { chatId }),
    ...(model && { model }),
    ...(Object.keys(chosenModes).length > 0 && { modes: chosenModes }),
    ...(spot && { spot }),
  };
}

const maxSavedAttachmentChars = 1_000_000;

/** Nothing of a picture but its name. */
function savedDraft({ text, attachments, pictures = [], lostPictures = [] }: Draft): Draft {
  const texts = attachments.filter(({ kind }) => kind !== 'image');
  const chars = texts.reduce((sum, attachment) => sum + attachment.text.length, 0);
  const stored = attachments.filter(({ kind }) => kind === 'image').map(({ uri }) => pictureName(uri));
  const names = [...lostPictures, ...stored, ...pictures.map(({ name }) => name)];
  return {
    text,
    attachments: chars <= maxSavedAttachmentChars ? texts : [],
    ...(names.length > 0 && { lostPictures: names }),
  };
}

function pictureName(uri: string): string {
  const name =
    uri
      .replace(/^dropped:/, '')
      .split('/')
      .at(-1) ?? uri;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Reads what `savedOf` returned, perhaps in an older version; undefined where nothing was saved. */
export function toSavedState(value: unknown): SavedState | undefined {
  return typeof value === 'object' && value !== null ? (value as SavedState) : undefined;
}
