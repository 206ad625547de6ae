// Wire <-> domain for what of a repository can be reviewed.
import type { ReviewRevisions, ReviewScope } from '../../shared/protocol/revisions.ts';
import { UserError } from '../base/errors.ts';
import { pathHere } from '../base/uri.ts';
import { revisionsIn } from '../features/pipeline/changes/revisions.ts';
import { scopeOf } from '../features/pipeline/changes/scope.ts';
import type { Handler } from './handler.ts';
import { wantedChange } from './review.ts';

export const handleReviewRevisions: Handler<typeof ReviewRevisions, never, 'none'> = ({ root }, { signal }) =>
  revisionsIn(pathHere(root), signal);

export const handleReviewScope: Handler<typeof ReviewScope, never, 'none'> = ({ root, ...params }, { signal }) => {
  const wanted = wantedChange(params);
  if (!wanted) throw new UserError('nothing-to-review', 'Specify what to review: a diff, a commit, or a base.');
  return scopeOf(wanted, pathHere(root), signal);
};
