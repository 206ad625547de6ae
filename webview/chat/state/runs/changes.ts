// What a run changed, where the page itself shows it and has it undone: in a browser, which has no editor beside it. Pure; a part of the update.
import type { AgentChangedFile } from '../../../../shared/protocol/agent.ts';
import type { HostAction } from '../../../../shared/webview.ts';
import type { Effect, Of, Transition } from '../messages.ts';
import type { State } from '../state.ts';
import type { RunChanges, UndoScope } from './run.ts';

const nothingKnown: RunChanges = { isBusy: false, showsKept: false, notes: [] };

/** In a browser the page reviews and undoes by itself; all else is the host's. */
export function carryOut(state: State, { action }: Of<'action'>): Transition {
  if (state.host !== 'browser') return [state, [{ kind: 'action', action }]];
  if (action.kind === 'review-run')
    return look(withChanges(state, action.jobId, { showsKept: false, problem: undefined }), action.jobId);
  return action.kind === 'undo-run' ? [askToUndo(state, action), []] : [state, [{ kind: 'action', action }]];
}

function look(state: State, jobId: string): Transition {
  return [withChanges(state, jobId, { isBusy: true }), [{ kind: 'load-changes', jobId }]];
}

/** At what is reviewed; after an undo of this page's own it's looked at anyway. */
export function lookAtChanges({ changes }: State): Effect[] {
  const reviewed = Object.entries(changes).filter(([, { files, isBusy }]) => files && !isBusy);
  return reviewed.map(([jobId]) => ({ kind: 'load-changes', jobId }));
}

function askToUndo(state: State, { jobId, step, uri }: HostAction & { kind: 'undo-run' }): State {
  const asked = { ...(step !== undefined && { step }), ...(uri !== undefined && { uri }) };
  return withChanges(state, jobId, { asked, undone: undefined, problem: undefined });
}

export function changesLoaded(state: State, { jobId, files, notes }: Of<'changes-loaded'>): State {
  return withChanges(state, jobId, { files, notes, isBusy: false });
}

export function changesFailed(state: State, { jobId, failure }: Of<'changes-failed'>): State {
  return withChanges(state, jobId, { problem: failure.message, isBusy: false });
}

export function answerUndo(state: State, { jobId, isAgreed }: Of<'undo-answered'>): Transition {
  const { asked, isBusy = false } = state.changes[jobId] ?? {};
  if (!asked || isBusy) return [state, []];
  if (!isAgreed) return [withChanges(state, jobId, { asked: undefined }), []];
  return undo(state, jobId, asked);
}

/** Undoes the undo. */
export function redo(state: State, { jobId }: Of<'undo-taken-back'>): Transition {
  const { undone, isBusy = false } = state.changes[jobId] ?? {};
  return undone?.step === undefined || isBusy ? [state, []] : undo(state, jobId, { step: undone.step });
}

function undo(state: State, jobId: string, scope: UndoScope): Transition {
  const busy = withChanges(state, jobId, {
    asked: undefined,
    undoing: scope,
    undone: undefined,
    isBusy: true,
    problem: undefined,
  });
  return [busy, [{ kind: 'undo-changes', jobId, scope }]];
}

/** Without a question: it's one press to take it back. */
export function undoHunk(state: State, { jobId, uri, id }: Of<'hunk-undone'>): Transition {
  return state.changes[jobId]?.isBusy ? [state, []] : undo(state, jobId, { uri, hunks: [id] });
}

/** What is reviewed is looked at again. */
export function changesUndone(state: State, { jobId, undone }: Of<'changes-undone'>): Transition {
  const { files } = state.changes[jobId] ?? {};
  const known = withChanges(state, jobId, { undone, isBusy: false });
  return files ? look(known, jobId) : [known, []];
}

/** All of it that is shown, and no more: the run may have changed the file again. */
export function keepFile(state: State, { jobId, uri }: Of<'change-kept'>): Transition {
  const file = state.changes[jobId]?.files?.find((each) => each.uri === uri);
  const hunks = file?.hunks.filter(({ by, isKept }) => by !== 'others' && !isKept) ?? [];
  const ids = hunks.map(({ id }) => id);
  return keep(state, { jobId, uri, ids });
}

export function keepHunk(state: State, { jobId, uri, id }: Of<'hunk-kept'>): Transition {
  return keep(state, { jobId, uri, ids: [id] });
}

/** Shown as kept at once. */
function keep(state: State, { jobId, uri, ids }: { jobId: string; uri: string; ids: readonly string[] }): Transition {
  const files = state.changes[jobId]?.files?.map((file) => (file.uri === uri ? withKept(file, ids) : file));
  const shown = withChanges(state, jobId, { files, problem: undefined });
  return [shown, [{ kind: 'keep-changes', jobId, uri, hunks: ids }]];
}

function withKept(file: AgentChangedFile, ids: readonly string[]): AgentChangedFile {
  const hunks = file.hunks.map((hunk) => (ids.includes(hunk.id) ? { ...hunk, isKept: true } : hunk));
  return { ...file, hunks, isKept: hunks.every(({ by, isKept }) => isKept || by === 'others') };
}

/** What is kept is what the daemon says. */
export function keepFailed(state: State, { jobId, why }: Of<'keep-failed'>): Transition {
  return look(withChanges(state, jobId, { problem: why }), jobId);
}

export function showKept(state: State, { jobId }: Of<'kept-wanted'>): State {
  return withChanges(state, jobId, { showsKept: true });
}

/** Those with something to decide about, or to look at again. Nothing of what others alone have written. */
export function shownFiles({ files = [], showsKept }: RunChanges): AgentChangedFile[] {
  return files.filter((file) => !file.isKept || (showsKept && hasOwn(file)));
}

/** Whether something that the user keeps isn't shown. */
export function hidesKept({ files = [], showsKept }: RunChanges): boolean {
  return !showsKept && files.some((file) => file.isKept && hasOwn(file));
}

function hasOwn({ hunks }: AgentChangedFile): boolean {
  return hunks.length === 0 || hunks.some(({ by }) => by !== 'others');
}

export function closeReview(state: State, { jobId }: Of<'changes-closed'>): State {
  return withChanges(state, jobId, { files: undefined, notes: [], problem: undefined });
}

function withChanges(state: State, jobId: string, change: Partial<RunChanges>): State {
  const before = state.changes[jobId] ?? nothingKnown;
  return { ...state, changes: { ...state.changes, [jobId]: { ...before, ...change } } };
}
