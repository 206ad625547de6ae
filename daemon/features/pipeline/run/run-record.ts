// How a review stands in the history: one row from its beginning to its end, whatever the end. What was found is stored by document.
import { pathToFileURL } from 'node:url';
import type { Findings, ReviewSubject, RunState } from '../../../storage/findings.ts';
import type { PastFindings } from '../memory/past-findings.ts';
import { type ReviewTarget, wholeLines } from '../target.ts';
import type { Aside, Finding, ReviewShapes } from '../types.ts';
import { type CoverageEntry, isGap, isLook } from '../verdict/coverage.ts';

export interface RunEnd {
  findings: readonly Finding[];
  summary: string;
  coverage: CoverageEntry[];
  aside: Aside;
}

/** Lives as long as one review. The history may be unavailable: only `save` tells of that. */
export class RunRecord {
  readonly id: string;
  readonly #findings: Findings<ReviewShapes>;
  readonly #subject: ReviewSubject;

  constructor(id: string, findings: Findings<ReviewShapes>, subject: ReviewSubject) {
    this.id = id;
    this.#findings = findings;
    this.#subject = subject;
  }

  begin(targets: readonly ReviewTarget[], root: string | undefined): void {
    const subject = this.#subject;
    const [only] = this.#isOfOne ? targets : [];
    const uri = only?.snippet.uri ?? (root === undefined ? '' : pathToFileURL(root).href);
    void this.#findings.beginRun({ id: this.id, uri, subject }).catch(() => {});
  }

  /** It has ended without a result. */
  async end(state: 'failed' | 'stopped', summary: string): Promise<void> {
    await this.#findings.endRun(this.id, { state, summary }).catch(() => {});
  }

  /** One run for each document; those of several are parts of the review. Throws what storage throws. */
  async save(
    targets: readonly ReviewTarget[],
    { findings, summary, coverage, aside }: RunEnd,
    past: Pick<PastFindings, 'toStore'>,
  ): Promise<void> {
    const state: RunState = isIncomplete(coverage) ? 'incomplete' : 'done';
    const isOne = this.#isOfOne;
    for (const [index, target] of targets.entries()) {
      const { snippet } = target;
      const id = isOne ? this.id : `${this.id}.${index + 1}`;
      const own = findings.filter(({ uri }) => uri === snippet.uri);
      await this.#findings.saveRun({
        id,
        uri: snippet.uri,
        summary,
        ...(isOne ? { state, coverage, aside } : { state: 'part' as const }),
        findings: own.map((finding) => ({
          id: finding.id,
          runId: id,
          uri: finding.uri,
          finding,
          ...past.toStore(finding, target),
        })),
      });
    }
    if (!isOne) await this.#findings.endRun(this.id, { state, summary, coverage, aside });
  }

  get #isOfOne(): boolean {
    return this.#subject.kind === 'file' || this.#subject.kind === 'selection';
  }
}

/** Whether something that should have looked did not, or nothing looked at all. */
function isIncomplete(coverage: readonly CoverageEntry[]): boolean {
  return coverage.some(isGap) || (coverage.length > 0 && !coverage.some(isLook));
}

/** Several documents; the lines of a selection; all of a document is its file. */
export function subjectOf(targets: readonly Pick<ReviewTarget, 'snippet'>[]): ReviewSubject {
  if (targets.length > 1) return { kind: 'files', files: targets.map(({ snippet }) => snippet.uri) };
  const range = targets[0]?.snippet.range;
  if (!range) return { kind: 'file' };
  const { first, last } = wholeLines(range);
  return { kind: 'selection', lines: { first, last } };
}
