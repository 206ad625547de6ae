// An answer that waits for a model on this machine: for which others, and whether it may go first. Pure; a part of the update.
import type { ChatPart } from '../../../shared/protocol/chat.ts';
import type { Of, Transition } from './messages.ts';
import type { State } from './state.ts';
import type { Entry } from './transcript.ts';

/** The entry after a part: what the model writes ends the wait, what is only said about the answer doesn't. */
export function withWait(entry: Entry, part: ChatPart): Entry {
  if (part.kind === 'note' && part.waiting) {
    const { id, behind } = part.waiting;
    return { ...entry, wait: { names: [], canGoFirst: false, ...entry.wait, id, behind, text: part.text } };
  }
  if (!entry.wait || part.kind === 'note' || part.kind === 'memory' || part.kind === 'memories') return entry;
  const { wait: _over, ...begun } = entry;
  return begun;
}

/** Looks what is waited for, and has a screen reader say that there is a wait. */
export function beginWait(state: State, key: string, part: ChatPart): Transition {
  if (part.kind !== 'note' || !part.waiting) return [state, []];
  return [{ ...state, announcement: part.text }, [{ kind: 'load-waits', key }]];
}

export function waitsLoaded(state: State, { key, waits }: Of<'waits-loaded'>): State {
  const answers = state.answers.map((answer) => {
    const { wait } = answer.entry;
    if (answer.key !== key || !wait) return answer;
    const names = wait.behind.flatMap((id) => waits.running.find((other) => other.id === id)?.what ?? []);
    const canGoFirst = waits.waiting.findIndex((other) => other.id === wait.id) > 0;
    return { ...answer, entry: { ...answer.entry, wait: { ...wait, names, canGoFirst } } };
  });
  return { ...state, answers };
}

/** The button that was pressed goes, so the keyboard is taken to the composer. */
export function goFirst(state: State, { id }: Of<'went-first'>): Transition {
  return [state, [{ kind: 'go-first', id }, { kind: 'focus-composer' }]];
}

export function stopOthers(state: State, { ids }: Of<'others-stopped'>): Transition {
  return [state, [{ kind: 'stop-others', ids }, { kind: 'focus-composer' }]];
}
