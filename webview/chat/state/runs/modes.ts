// Which way of working a chat is in, and what goes along with a task. Pure; a part of the update.
import type { AgentMode } from '../../../../shared/protocol/agent.ts';
import type { Attachment } from '../../../../shared/protocol/chat.ts';
import type { Of, Transition } from '../messages.ts';
import type { Draft, State } from '../state.ts';

/** The key of the new chat, which has no id yet. */
const newChatKey = '';
const maxRemembered = 50;

/** Remembered for the chat, and for the new one until it has an id. */
export function pickMode(state: State, { mode }: Of<'mode-picked'>): Transition {
  const chosenModes = remember(state.chosenModes, state.chatId ?? newChatKey, mode);
  return [{ ...state, panel: undefined, chosenModes }, [{ kind: 'focus-composer' }]];
}

/** The new chat has its id, and with it its mode; the next new one begins without. */
export function modesWithChat(
  chosenModes: State['chosenModes'],
  { chatId, mode, isShown }: { chatId: string; mode: string | undefined; isShown: boolean },
): State['chosenModes'] {
  const others = isShown ? remember(chosenModes, newChatKey, undefined) : chosenModes;
  return remember(others, chatId, mode);
}

function remember(chosenModes: State['chosenModes'], key: string, mode: string | undefined): State['chosenModes'] {
  const { [key]: _before, ...others } = chosenModes;
  const kept = Object.entries(others).slice(1 - maxRemembered);
  return Object.fromEntries(mode === undefined ? kept : [...kept, [key, mode]]);
}

/** The mode of the chat shown; none where it only answers questions. */
export function chosenMode({ chatId, chosenModes, modes }: State): AgentMode | undefined {
  const id = chosenModes[chatId ?? newChatKey];
  return modes.find((mode) => mode.id === id);
}

/** How the draft is sent: as a task where the mode has tools. */
export function wayOf(state: State): { mode: string | undefined; isTask: boolean } {
  const mode = chosenMode(state);
  return { mode: mode?.id, isTask: mode !== undefined && mode.tools.length > 0 };
}

/** Whether a task would find no tools, since the folder isn't trusted. */
export function isHeldBack(state: State): boolean {
  return !state.isTrusted && wayOf(state).isTask;
}

/** The mode of an answer that is no task. */
export function talkMode(state: State): string | undefined {
  const { mode, isTask } = wayOf(state);
  return isTask ? undefined : mode;
}

/** Places are named in a task, since the agent reads them by itself; anything else goes along with it. */
export function attachedToTask({ attachments }: Draft): Attachment[] {
  return attachments.filter((attachment) => !isPlace(attachment));
}

function isPlace({ kind, uri }: Attachment): boolean {
  return placeKinds.has(kind) && uri.startsWith('file:');
}

const placeKinds: ReadonlySet<Attachment['kind']> = new Set(['file', 'selection', 'code', 'folder', 'symbol']);

/** The user's words, and the places that are attached. */
export function taskOf({ text, attachments }: Draft): string {
  const named = attachments.filter(isPlace);
  if (named.length === 0) return text;
  const places = named.map(({ uri, range }) => {
    const lines = range ? `, lines ${range.start.line + 1} to ${range.end.line + 1}` : '';
    return `- ${pathOf(uri)}${lines}`;
  });
  return [text, `Look at:\n${places.join('\n')}`].filter(Boolean).join('\n\n');
}

function pathOf(uri: string): string {
  const path = uri.replace(/^file:\/\/(?:\/(?=[A-Za-z](?::|%3A)))?/, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
