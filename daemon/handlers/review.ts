// Wire <-> domain for reviews. Translates, calls one domain function, translates back; decides nothing.

import type { Params, Part, Result } from '../../shared/protocol/define.ts';
import type { ReviewDismiss, ReviewFix, ReviewRun } from '../../shared/protocol/review.ts';
import type { WorkspaceEdit } from '../../shared/protocol/text.ts';
import { UserError } from '../base/errors.ts';
import type { Snippet } from '../base/snippet.ts';
import { toPath } from '../base/uri.ts';
import { gitDiff } from '../features/pipeline/diff/git.ts';
import type { Finding } from '../features/pipeline/types.ts';
import type { Services } from '../services.ts';
import type { Session } from '../sessions/session.ts';
import type { Handler } from './handler.ts';
import { meantModel } from './meant-model.ts';

export const handleReviewRun: Handler<typeof ReviewRun> = async (params, { session, services, signal, emit }) => {
  const progress = await session.workDone(params.workDoneToken, 'Review');
  try {
    const result = await runReview(params, { session, services, signal, emit, report: progress.report });
    progress.end(result.summary);
    return result;
  } catch (error) {
    progress.end(error instanceof UserError ? error.message : 'The review did not finish.');
    throw error;
  }
};

interface Running {
  session: Session;
  services: Services;
  signal: AbortSignal;
  emit(part: Part<typeof ReviewRun>): void;
  report(message: string): void;
}

async function runReview(
  params: Params<typeof ReviewRun>,
  { session, services, signal, emit, report }: Running,
): Promise<Result<typeof ReviewRun>> {
  const { review } = services;
  const profile = await services.sessionProfiles.profileOrNone(session);
  const board = services.board.in(profile);
  const options = {
    profile,
    signal,
    trusted: session.options.workspaceTrusted ?? true,
    policy: session.options.policy,
    ...(await meantModel({ profile, model: params.model }, { session, services })),
    ...rootOption(params.root ?? session.roots[0]),
    onStage(stage: 'analysers' | 'reviewer' | 'check', detail: string) {
      emit({ kind: 'stage', stage, detail });
      report(detail);
    },
    onNote: (text: string) => emit({ kind: 'note', text }),
  };
  if (params.diff !== undefined) {
    const show = (finding: Finding): void => {
      board.add(finding.uri, finding);
      emit({ kind: 'finding', finding });
    };
    return review.runDiff(await diffText(params.diff, { root: options.root, ignore: services.ignore }, signal), {
      ...options,
      onFinding: show,
    });
  }
  if (!params.textDocument) throw new UserError('nothing-to-review', 'Say what to review: a document, or a diff.');
  const snippet = session.snippet(params.textDocument, params.range);
  const before = params.range ? board.list(snippet.uri) : []; // a review of the whole document replaces what was known of it
  board.set(snippet.uri, before);
  const result = await review.run(snippet, {
    ...options,
    onFinding(finding) {
      board.add(snippet.uri, finding);
      emit({ kind: 'finding', finding });
    },
  });
  board.set(snippet.uri, [
    ...before.filter((known) => !result.findings.some((finding) => finding.id === known.id)),
    ...result.findings,
  ]);
  return result;
}

/** A diff is given as text, or named. */
async function diffText(
  diff: string,
  { root, ignore }: { root: string | undefined; ignore: Services['ignore'] },
  signal: AbortSignal,
): Promise<string> {
  if (diff !== 'staged' && diff !== 'unstaged') return diff;
  if (!root) throw new UserError('no-root', 'Say which repository: the root is missing.');
  return gitDiff(diff, { root, ignore }, signal);
}

function rootOption(uri: string | undefined): { root?: string } {
  const root = uri === undefined ? undefined : toPath(uri);
  return root === undefined ? {} : { root };
}

export const handleReviewDismiss: Handler<typeof ReviewDismiss> = async (
  { findingId, reason },
  { session, services },
) => {
  const profile = await services.sessionProfiles.profileOf(session);
  const { uri } = await services.storage.in(profile).findings.dismiss(findingId, reason);
  services.board.in(profile).remove(uri, findingId);
  return {};
};

export const handleReviewFix: Handler<typeof ReviewFix> = async (
  { findingId, workDoneToken },
  { session, services, signal },
) => {
  const profile = await services.sessionProfiles.profileOf(session);
  const { uri } = await services.storage.in(profile).findings.finding(findingId);
  const progress = await session.workDone(workDoneToken, 'Fix');
  let note = '';
  try {
    const snippet = session.snippet({ uri });
    const meant = await meantModel({ profile }, { session, services });
    const { edits, notes, decision } = await services.review.fix(findingId, snippet, {
      profile,
      signal,
      policy: session.options.policy,
      ...meant,
    });
    note = notes.join(' ');
    return {
      edit: toWorkspaceEdit(snippet, edits),
      version: snippet.version,
      ...(note && { note }),
      ...(decision && { decision }),
    };
  } finally {
    progress.end(note);
  }
};

/** Edits bound to the version they were made for, so that a client refuses them when the document has moved. */
export function toWorkspaceEdit(
  { uri, version }: Snippet,
  edits: readonly { range: NonNullable<Snippet['range']>; newText: string }[],
): WorkspaceEdit {
  return { documentChanges: [{ textDocument: { uri, version }, edits: [...edits] }] };
}
