// Reviews and fixes, as the rest of the daemon asks for them. Knows nothing of the wire or of any editor.
import { UserError } from '../../base/errors.ts';
import type { Snippet } from '../../base/snippet.ts';
import type { RunState, StoredRun } from '../../storage/findings.ts';
import { targetsOfDiff } from './changes/diff-targets.ts';
import type { EditForms } from './edits/edit-forms.ts';
import { type Fix, type FixOptions, fixFor } from './fix.ts';
import { ModelNoise } from './panel/noise.ts';
import { PassGains } from './panel/passes.ts';
import type { ReviewOptions, ReviewResult } from './run/options.ts';
import { type ReviewDeps, Run } from './run/run.ts';
import { subjectOf } from './run/run-record.ts';
import { targetOf } from './target.ts';

/** Each throws CancelledError, and UserErrors of the parts it uses. */
export interface Review {
  /** Several documents are one review. */
  run(snippets: readonly Snippet[], options: ReviewOptions): Promise<ReviewResult>;
  /** Reviews the changed lines of a unified diff. Needs `root`. */
  runDiff(diff: string, options: ReviewOptions): Promise<ReviewResult>;
  /** How a stored review stands: one that was running when its daemon ended was stopped. */
  stateOf(run: Pick<StoredRun, 'id' | 'state'>): RunState;
  /** The edit that fixes a finding in the document as it is now, with the version that the edit is for. */
  fix(findingId: string, current: Snippet, options: FixOptions): Promise<Fix & { version: number | null }>;
}

export function createReview({ forms, ...given }: Omit<ReviewDeps, 'gains' | 'noise'> & { forms: EditForms }): Review {
  const deps: ReviewDeps = { ...given, gains: new PassGains(), noise: new ModelNoise() };
  const running = new Set<string>();
  const { models, gate, edits, findings } = deps;
  return {
    run(snippets, options) {
      const targets = snippets.map((snippet) => targetOf(snippet));
      return new Run(targets, deps, { ...options, subject: subjectOf(targets) }).result(running);
    },
    stateOf: ({ id, state }) => (state === 'running' && !running.has(id) ? 'stopped' : state),
    async runDiff(diff, options) {
      if (options.root === undefined)
        throw new UserError('no-root', 'To review a diff, open the folder of its repository, or name it.');
      const { targets, leftOut } = await targetsOfDiff(diff, options.root, options.textAfter);
      const run = new Run(targets, deps, { ...options, leftOut, subject: options.subject ?? { kind: 'diff' } });
      return run.result(running);
    },
    async fix(findingId, current, options) {
      const { finding } = await findings(options.profile).finding(findingId);
      return {
        ...(await fixFor(finding, current, { models, gate, edits, forms, ...options })),
        version: current.version,
      };
    },
  };
}
