// The way of a finding from its source to the user: its evidence is checked, then it is filtered, then it is shown.
import { throwIfCancelled } from '../../../base/errors.ts';
import { textIn } from '../../../base/snippet.ts';
import type { EditGate } from '../edits/gate.ts';
import { withSoundSuggestions } from '../edits/suggestion.ts';
import { isProven } from '../evidence.ts';
import { FindingFilter, type FindingOrigin } from '../finding-filter.ts';
import type { PastFindings } from '../memory/past-findings.ts';
import { checkDetail } from '../summary.ts';
import { countLines, type ReviewTarget } from '../target.ts';
import type { Draft, Finding } from '../types.ts';
import type { ReviewOptions } from './options.ts';
import type { RunReport } from './report.ts';

export interface AdmissionDeps {
  edits: EditGate;
  past: PastFindings;
  report: RunReport;
  newId(): string;
  options: Pick<ReviewOptions, 'signal' | 'onFinding'>;
}

/** Lives as long as one review. */
export class Admission {
  readonly filter = new FindingFilter();
  /** A model's findings are about to be shown. */
  onModelShown: () => void = () => {};
  readonly #deps: AdmissionDeps;
  #checkedMs = 0;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
  }

  /** Checks the evidence and filters. What passes both is shown at once. */
  async admit(drafts: readonly Draft[], target: ReviewTarget, from: FindingOrigin): Promise<void> {
    const started = performance.now();
    const { edits, past, newId, options } = this.#deps;
    const { uri, text } = target.snippet;
    const sound = await withSoundSuggestions(drafts, from, { target, edits, signal: options.signal });
    const findings = sound.map(
      (draft): Finding => ({ ...draft, id: newId(), uri, evidence: textIn(text, draft.range) }),
    );
    const proven = findings.filter((finding) => isProven(text, finding));
    this.filter.suppressed.unquoted += findings.length - proven.length;
    const known = await past.recognise(proven, target);
    const stated = proven.map((finding): Finding => {
      const { state, previousId } = known.get(finding.id) ?? { state: 'new' };
      return { ...finding, state, ...(previousId !== undefined && { previousId }) };
    });
    const shown = this.filter.filter(stated, from, known);
    this.#checkedMs += performance.now() - started;
    throwIfCancelled(options.signal);
    this.#show(shown, from);
  }

  /** What waited for the document to be read is shown: the strongest of it. */
  release(target: ReviewTarget, from: FindingOrigin): void {
    this.#show(this.filter.release(target.snippet.uri, from, countLines(target)), from);
  }

  /** What was kept, in reading order. */
  end(targets: readonly ReviewTarget[]): Finding[] {
    const { suppressed, kept } = this.filter;
    const order = new Map(targets.map(({ snippet }, index) => [snippet.uri, index]));
    const findings = kept.toSorted(
      (a, b) =>
        (order.get(a.uri) ?? 0) - (order.get(b.uri) ?? 0) ||
        a.range.start.line - b.range.start.line ||
        a.range.start.character - b.range.start.character,
    );
    this.#deps.report.endStage('check', checkDetail(findings.length, suppressed), this.#checkedMs);
    return findings;
  }

  #show(findings: readonly Finding[], from: FindingOrigin): void {
    if (from === 'model' && findings.length > 0) this.onModelShown();
    for (const finding of findings) this.#deps.options.onFinding(finding);
  }
}
