// Wire <-> domain for past reviews.
import type { ReviewCurrent, ReviewDismissed, ReviewFindings, ReviewList } from '../../shared/protocol/review.ts';
import type { Handler } from './handler.ts';

export const handleReviewList: Handler<typeof ReviewList, 'review'> = async (
  { cursor, limit },
  { storage, services },
) => {
  const { items, next } = await storage.findings.pastRuns({ ...(cursor && { cursor }), ...(limit && { limit }) });
  return {
    runs: items.map(({ id, state, ...run }) => ({ runId: id, ...run, state: services.review.stateOf({ id, state }) })),
    ...(next && { next }),
  };
};

export const handleReviewFindings: Handler<typeof ReviewFindings> = async ({ runId }, { storage }) => {
  const { findings } = storage;
  const [found, coverage, aside] = await Promise.all([
    findings.ofRun(runId),
    findings.coverageOf(runId),
    findings.asideOf(runId),
  ]);
  return {
    findings: [...found.map(({ finding }) => finding), ...(aside?.solved ?? [])],
    ...(aside && { held: aside.held }),
    ...(aside?.rules && { rules: aside.rules }),
    ...(coverage && { coverage }),
  };
};

const maxListed = 500; // nobody reads further

export const handleReviewDismissed: Handler<typeof ReviewDismissed> = async (_params, { storage }) => {
  const dismissals = await storage.findings.dismissals(maxListed);
  return { dismissed: dismissals.map(({ found, ...dismissal }) => ({ finding: found.finding, ...dismissal })) };
};

export const handleReviewCurrent: Handler<typeof ReviewCurrent, 'board'> = async (
  { textDocument: { uri } },
  { session, services, profile, storage },
) => {
  const board = services.board.in(profile);
  await board.recall(uri, storage.findings);
  const document = session.document(uri);
  return { findings: [...(document ? board.at(uri, document) : board.list(uri))] };
};
