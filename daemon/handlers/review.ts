// Wire <-> domain for reviews: running one, and what is done with its findings.
import type { Params, Result } from '../../shared/protocol/define.ts';
import {
  isOpenFinding,
  type ReviewDismiss,
  type ReviewFix,
  type ReviewForget,
  type ReviewRun,
  type ReviewUndismiss,
} from '../../shared/protocol/review.ts';
import { UserError } from '../base/errors.ts';
import type { Snippet } from '../base/snippet.ts';
import { pathHere, toPath } from '../base/uri.ts';
import { gitChange, type WantedChange } from '../features/pipeline/changes/git-change.ts';
import type { ReviewOptions } from '../features/pipeline/run/options.ts';
import type { Finding, StageName } from '../features/pipeline/types.ts';
import type { Session } from '../sessions/session.ts';
import { editListeners } from './edit-listeners.ts';
import type { Call, Handler } from './handler.ts';
import { currentEdit } from './workspace-edit.ts';

export type ReviewServices = 'review' | 'board' | 'sessionProfiles' | 'trust';
type ReviewCall = Call<typeof ReviewRun, ReviewServices, 'own-or-none'>;

export const handleReviewRun: Handler<typeof ReviewRun, ReviewServices, 'own-or-none'> = async (params, call) => {
  const progress = call.session.workDone(params.workDoneToken, 'Review', call.cancel);
  try {
    const result = await runReview(params, call, (message) => progress.report(message));
    progress.end(result.summary);
    return result;
  } catch (error) {
    progress.end(error instanceof UserError ? error.message : "The review didn't finish.");
    throw error;
  }
};

const info = 3; // LSP MessageType.Info

export interface ReviewRequest extends Params<typeof ReviewRun> {
  /** A document that no client has open. */
  snippet?: Snippet;
  /** Only changes below the folder `root`, instead of all of its repository. */
  isBelowRoot?: boolean;
}

/** `report` is told each stage in a sentence. Throws UserError, and CancelledError. */
export async function runReview(
  params: ReviewRequest,
  { session, services, profile, signal, emit }: ReviewCall,
  report: (message: string) => void,
): Promise<Result<typeof ReviewRun>> {
  const board = services.board.in(profile);
  const modelOf = await services.sessionProfiles.modelRule(session, profile);
  const folder = params.root ?? session.roots[0];
  const options = {
    profile,
    signal,
    async trusts(file: string) {
      const hint = await services.trust.hint(session, file);
      if (hint !== undefined) session.peer.notify('window/showMessage', { type: info, message: hint });
      return services.trust.trusts(session, file);
    },
    policy: session.options.policy,
    ...modelOf({ message: params.model }),
    roots: session.roots,
    isFresh: params.fresh ?? false,
    ...(session.path !== undefined && { path: session.path }),
    ...rootOption(folder),
    onStage(stage: StageName, detail: string) {
      emit({ kind: 'stage', stage, detail });
      report(detail);
    },
    onNote: (text: string) => emit({ kind: 'note', text }),
    onWithdrawn(finding: Finding, why: string) {
      board.remove(finding.uri, finding.id);
      emit({ kind: 'withdrawn', finding, why });
    },
  };
  const change = await changeOf(params, folder, signal);
  if (change !== undefined) {
    const { diff, ...repository } = change;
    const result = await services.review.runDiff(diff, {
      ...options,
      ...repository,
      onFinding(finding) {
        board.add(finding.uri, finding);
        emit({ kind: 'finding', finding });
      },
    });
    for (const finding of result.findings) if (!isOpenFinding(finding)) board.remove(finding.uri, finding.id);
    return result;
  }
  const snippets = snippetsOf(params, session);
  const onBoard = snippets.map((snippet) => ({ uri: snippet.uri, review: board.beginReview(snippet) }));
  try {
    const result = await services.review.run(snippets, {
      ...options,
      onFinding(finding) {
        board.add(finding.uri, finding);
        emit({ kind: 'finding', finding });
      },
    });
    for (const { uri, review } of onBoard)
      review.end(result.findings.filter((finding) => finding.uri === uri && isOpenFinding(finding)));
    return result;
  } catch (error) {
    for (const { review } of onBoard) review.abandon();
    throw error;
  }
}

/** A document that is named twice is reviewed once. */
function snippetsOf({ textDocument, range, files = [], snippet }: ReviewRequest, session: Session): Snippet[] {
  const snippets = [
    ...(snippet ? [snippet] : []),
    ...(textDocument ? [session.snippet(textDocument, range)] : []),
    ...files.map((file) => session.snippet(file)),
  ];
  if (snippets.length === 0)
    throw new UserError('nothing-to-review', 'Specify what to review: documents, a diff, a commit, or a base.');
  return [...new Map(snippets.map((snippet) => [snippet.uri, snippet])).values()];
}

/** The params give a diff as text, or name a change of git's. */
async function changeOf(
  params: ReviewRequest,
  folder: string | undefined,
  signal: AbortSignal,
): Promise<(Pick<ReviewOptions, 'root' | 'textAfter' | 'subject'> & { diff: string }) | undefined> {
  const { diff, isBelowRoot = false } = params;
  const wanted = wantedChange(params);
  if (wanted === undefined) return diff === undefined ? undefined : { diff };
  if (folder === undefined) throw new UserError('no-root', 'Specify the repository: root is missing.');
  return gitChange(wanted, pathHere(folder), signal, { isBelowFolder: isBelowRoot }); // the review itself says what of it no model reads
}

/** The change of git's that the params name, if they name one. */
export function wantedChange({
  diff,
  commit,
  base,
}: Pick<Params<typeof ReviewRun>, 'diff' | 'commit' | 'base'>): WantedChange | undefined {
  if (commit !== undefined) return { commit };
  if (base !== undefined) return { base };
  return diff === 'staged' || diff === 'unstaged' ? diff : undefined;
}

function rootOption(uri: string | undefined): { root?: string } {
  const root = uri === undefined ? undefined : toPath(uri);
  return root === undefined ? {} : { root };
}

export const handleReviewDismiss: Handler<typeof ReviewDismiss, 'board'> = async (
  { findingId, reason },
  { services, profile, storage },
) => {
  const { uri } = await storage.findings.dismiss(findingId, reason);
  services.board.in(profile).remove(uri, findingId);
  return {};
};

export const handleReviewUndismiss: Handler<typeof ReviewUndismiss, 'board'> = async (
  { findingId },
  { services, profile, storage },
) => {
  const { uri, finding } = await storage.findings.undismiss(findingId);
  services.board.in(profile).add(uri, finding);
  return { finding };
};

export const handleReviewForget: Handler<typeof ReviewForget, never> = async (_params, { storage }) => ({
  forgotten: await storage.findings.forgetLessons(),
});

export const handleReviewFix: Handler<typeof ReviewFix, 'review' | 'sessionProfiles'> = async (
  { findingId, onlySuggested, workDoneToken },
  { session, services, profile, storage, signal, emit, cancel },
) => {
  const { uri } = await storage.findings.finding(findingId);
  const progress = session.workDone(workDoneToken, 'Fix', cancel);
  let note = '';
  try {
    const snippet = session.snippet({ uri });
    const modelOf = await services.sessionProfiles.modelRule(session, profile);
    const { edits, text, notes, decision } = await services.review.fix(findingId, snippet, {
      profile,
      roots: session.roots,
      signal,
      isSuggestedOnly: onlySuggested ?? false,
      policy: session.options.policy,
      ...modelOf({}),
      ...editListeners(emit, progress),
    });
    note = notes.join(' ');
    const edit = edits && currentEdit(session, snippet, edits);
    if (edit) await storage.findings.applied(findingId).catch(() => {}); // nothing depends on it
    return {
      ...(edit ? { edit } : { text: text ?? '' }),
      version: edit?.documentChanges[0]?.textDocument.version ?? snippet.version,
      ...(note && { note }),
      ...(decision && { decision }),
    };
  } finally {
    progress.end(note);
  }
};
