// What a run changed, where the page itself shows it and has it undone: in a browser, which has no editor beside it. Pure; a part of the update.
import type { AgentChangedFile } from '../../../../shared/protocol/agent.ts';
import type { HostAction } from '../../../../shared/webview.ts';
import type { Of, Transition } from '../messages.ts';
import type { State } from '../state.ts';
import type { RunChanges, UndoScope } from './run.ts';

const nothingKnown: RunChanges = { isBusy: false, kept: [], keptHunks: [], notes: [] };

/** In a browser the page reviews and undoes by itself; all else is the host's. */
export function carryOut(state: State, { action }: Of<'action'>): Transition {
  if (state.host !== 'browser') return [state, [{ kind: 'action', action }]];
  if (action.kind === 'review-run')
    return look(withChanges(state, action.jobId, { kept: [], keptHunks: [] }), action.jobId);
  return action.kind === 'undo-run' ? [askToUndo(state, action), []] : [state, [{ kind: 'action', action }]];
}

function look(state: State, jobId: string): Transition {
  return [withChanges(state, jobId, { isBusy: true, problem: undefined }), [{ kind: 'load-changes', jobId }]];
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

export function keepFile(state: State, { jobId, path }: Of<'change-kept'>): State {
  const { kept = [] } = state.changes[jobId] ?? {};
  return withChanges(state, jobId, { kept: [...kept, path] });
}

export function keepHunk(state: State, { jobId, path, id }: Of<'hunk-kept'>): State {
  const { keptHunks = [] } = state.changes[jobId] ?? {};
  return withChanges(state, jobId, { keptHunks: [...keptHunks, hunkKey(path, id)] });
}

/** Two files can have the same hunk. */
export function hunkKey(path: string, id: string): string {
  return JSON.stringify([path, id]);
}

/** What the run itself changed and the user hasn't decided about. Nothing of a file that they keep. */
function openHunks({ path, hunks }: AgentChangedFile, { kept, keptHunks }: RunChanges): AgentChangedFile['hunks'] {
  return kept.includes(path)
    ? []
    : hunks.filter(({ id, by }) => by !== 'others' && !keptHunks.includes(hunkKey(path, id)));
}

/** Whether there is anything to decide about a file: one without hunks isn't text. */
export function isOpen(file: AgentChangedFile, changes: RunChanges): boolean {
  return file.hunks.length === 0 ? !changes.kept.includes(file.path) : openHunks(file, changes).length > 0;
}

export function closeReview(state: State, { jobId }: Of<'changes-closed'>): State {
  return withChanges(state, jobId, { files: undefined, notes: [], problem: undefined });
}

function withChanges(state: State, jobId: string, change: Partial<RunChanges>): State {
  const before = state.changes[jobId] ?? nothingKnown;
  return { ...state, changes: { ...state.changes, [jobId]: { ...before, ...change } } };
}
