// The way of a finding from its source to the user: its evidence is checked, then it is filtered, then it is shown.
import { throwIfCancelled } from '../../../base/errors.ts';
import { textIn } from '../../../base/snippet.ts';
import type { Findings } from '../../../storage/findings.ts';
import type { EditGate } from '../edits/gate.ts';
import { withSoundSuggestions } from '../edits/suggestion.ts';
import { isProven } from '../evidence.ts';
import { FindingFilter, type FindingOrigin } from '../finding-filter.ts';
import { checkDetail } from '../summary.ts';
import { countLines, type ReviewTarget } from '../target.ts';
import type { Draft, Finding, HeldFinding, ReviewShapes } from '../types.ts';
import type { ReviewOptions } from './options.ts';
import type { RunReport } from './report.ts';

export interface AdmissionDeps {
  edits: EditGate;
  findings: Pick<Findings<ReviewShapes>, 'dismissed'>;
  report: RunReport;
  newId(): string;
  options: Pick<ReviewOptions, 'signal' | 'onFinding' | 'onWithdrawn'>;
}

/** Lives as long as one review. */
export class Admission {
  readonly filter: FindingFilter;
  /** A model's findings are about to be shown. */
  onModelShown: () => void = () => {};
  /** What of the models' findings is not shown, and why. */
  readonly held: HeldFinding[] = [];
  readonly #deps: AdmissionDeps;
  /** Findings of models that are shown for now. */
  readonly #shownForNow = new Map<string, Finding>();
  #checkedMs = 0;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
    this.filter = new FindingFilter({ dismissed: (fingerprints) => this.#dismissed(fingerprints) });
  }

  /** Checks an analyser's evidence and filters. What passes both is shown at once. */
  async admit(drafts: readonly Draft[], target: ReviewTarget): Promise<void> {
    const started = performance.now();
    const shown = await this.filter.filter(await this.#proven(drafts, target, 'analyser'));
    this.#checkedMs += performance.now() - started;
    throwIfCancelled(this.#deps.options.signal);
    this.#show(shown);
  }

  /** What of an analyser waited for the document to be read is shown: the strongest of it. */
  release(target: ReviewTarget): void {
    this.#show(this.filter.release(target.snippet.uri));
  }

  /** What of a model's drafts is proven, and nothing known speaks against. */
  async consider(drafts: readonly Draft[], target: ReviewTarget): Promise<Finding[]> {
    const started = performance.now();
    const passed = await this.filter.pass(await this.#proven(drafts, target, 'model'), 'model');
    this.#checkedMs += performance.now() - started;
    throwIfCancelled(this.#deps.options.signal);
    return passed;
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
    this.held.push(...held);
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

  async #proven(drafts: readonly Draft[], target: ReviewTarget, from: FindingOrigin): Promise<Finding[]> {
    const { edits, newId, options } = this.#deps;
    const { uri, text } = target.snippet;
    const sound = await withSoundSuggestions(drafts, from, { target, edits, signal: options.signal });
    const findings = sound.map(
      (draft): Finding => ({ ...draft, id: newId(), uri, evidence: textIn(text, draft.range) }),
    );
    const proven = findings.filter((finding) => isProven(text, finding));
    this.filter.suppressed.unquoted += findings.length - proven.length;
    return proven;
  }

  #show(findings: readonly Finding[]): void {
    for (const finding of findings) this.#deps.options.onFinding(finding);
  }

  /** Without storage the review goes on, and a note says that dismissals are unknown. */
  async #dismissed(fingerprints: readonly string[]): Promise<Set<string>> {
    const { findings, report } = this.#deps;
    try {
      return await findings.dismissed(fingerprints);
    } catch (error) {
      report.note(`Couldn't read earlier dismissals, so dismissed findings may be back: ${report.sentenceFor(error)}`);
      return new Set();
    }
  }
}
