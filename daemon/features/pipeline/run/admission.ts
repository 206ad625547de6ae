// The way of a finding from its source to the user: its evidence is checked, then it is filtered, then it is shown.
import { throwIfCancelled } from '../../../base/errors.ts';
import { textIn } from '../../../base/snippet.ts';
import type { EditGate } from '../edits/gate.ts';
import { withSoundSuggestions } from '../edits/suggestion.ts';
import { isProven } from '../evidence.ts';
import { FindingFilter, type FindingOrigin } from '../finding-filter.ts';
import type { PastFindings, Recognition } from '../memory/past-findings.ts';
import { checkDetail } from '../summary.ts';
import { countLines, type ReviewTarget } from '../target.ts';
import type { Draft, Finding, HeldFinding } from '../types.ts';
import type { ReviewOptions } from './options.ts';
import type { RunReport } from './report.ts';

export interface AdmissionDeps {
  edits: EditGate;
  past: PastFindings;
  report: RunReport;
  newId(): string;
  options: Pick<ReviewOptions, 'signal' | 'onFinding' | 'onWithdrawn'>;
}

/** Lives as long as one review. */
export class Admission {
  readonly filter = new FindingFilter();
  /** A model's findings are about to be shown. */
  onModelShown: () => void = () => {};
  readonly #deps: AdmissionDeps;
  /** Findings of models that are shown for now. */
  readonly #shownForNow = new Map<string, Finding>();
  #checkedMs = 0;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
  }

  /** Checks an analyser's evidence and filters. What passes both is shown at once. */
  async admit(drafts: readonly Draft[], target: ReviewTarget): Promise<void> {
    const { proven, known } = await this.#proven(drafts, target, 'analyser');
    this.#show(this.filter.filter(proven, known));
  }

  /** What of an analyser waited for the document to be read is shown: the strongest of it. */
  release(target: ReviewTarget): void {
    this.#show(this.filter.release(target.snippet.uri));
  }

  /** What of a model's drafts is proven, and nothing known speaks against. */
  async consider(drafts: readonly Draft[], target: ReviewTarget): Promise<Finding[]> {
    const { proven, known } = await this.#proven(drafts, target, 'model');
    return proven.filter((finding) => this.filter.passes(finding, 'model', known.get(finding.id)));
  }

  /** It may be withdrawn when its document has been read. */
  showForNow(finding: Finding): void {
    this.#shownForNow.set(finding.id, finding);
    this.onModelShown();
    this.#show([finding]);
  }

  /** A model has read the document: what it found is shown by strength, and what is held back is withdrawn. */
  settle(target: ReviewTarget, ranked: readonly Finding[], held: readonly HeldFinding[]): void {
    const kept = this.filter.keep(ranked, countLines(target));
    const fresh = kept.filter(({ id }) => !this.#shownForNow.has(id));
    if (fresh.length > 0) this.onModelShown();
    this.#show(fresh);
    this.filter.held.push(...held);
    for (const finding of this.#shownForNow.values()) {
      if (finding.uri !== target.snippet.uri || kept.some(({ id }) => id === finding.id)) continue;
      const why = held.find((one) => one.finding.id === finding.id)?.detail;
      this.#deps.options.onWithdrawn(finding, why ?? 'Another finding says the same.');
    }
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

  /** What quotes its code, with what is known of it from before. */
  async #proven(
    drafts: readonly Draft[],
    target: ReviewTarget,
    from: FindingOrigin,
  ): Promise<{ proven: Finding[]; known: ReadonlyMap<string, Recognition> }> {
    const started = performance.now();
    const { edits, past, newId, options } = this.#deps;
    const { uri, text } = target.snippet;
    const sound = await withSoundSuggestions(drafts, from, { target, edits, signal: options.signal });
    const findings = sound.map(
      (draft): Finding => ({ ...draft, id: newId(), uri, evidence: textIn(text, draft.range) }),
    );
    const quoting = findings.filter((finding) => isProven(text, finding));
    this.filter.suppressed.unquoted += findings.length - quoting.length;
    const known = await past.recognise(quoting, target);
    const proven = quoting.map((finding): Finding => {
      const { state, previousId } = known.get(finding.id) ?? { state: 'new' };
      return { ...finding, state, ...(previousId !== undefined && { previousId }) };
    });
    this.#checkedMs += performance.now() - started;
    throwIfCancelled(options.signal);
    return { proven, known };
  }

  #show(findings: readonly Finding[]): void {
    for (const finding of findings) this.#deps.options.onFinding(finding);
  }
}
