// What a review is asked for, and what it answers. Fields mean the same as in the protocol.
import type { Allowance } from '../../../models/ask.ts';
import type { Decision, ModelChoice } from '../../../models/router/router.ts';
import type { ReviewSubject } from '../../../storage/findings.ts';
import type { SuppressedCounts } from '../finding-filter.ts';
import type { PanelJudgement } from '../panel/judge.ts';
import type { RuleFile } from '../rules/rules.ts';
import type { Finding, HeldFinding, Stage, StageName } from '../types.ts';
import type { CoverageEntry } from '../verdict/coverage.ts';

export interface ReviewOptions extends ModelChoice {
  /** Path of the workspace's (or the repository's) folder; the file's own folder when absent. */
  root?: string;
  /** The folders, as URIs, whose rules say what is kept from models; `root` is one of them. */
  roots?: readonly string[];
  /** Whether the project's own tools and configuration may be used for a file (a path). */
  trusts(file: string): Promise<boolean>;
  /** What the diff is of; just a diff when it is left out. */
  subject?: ReviewSubject;
  /** The text of a file of the diff after the change, by its path in the repository; absent where it stands on the disk. */
  textAfter?(path: string): Promise<string | undefined>;
  /** The client's PATH, on which analysers are looked for; the daemon's own when absent. */
  path?: string;
  /** Ask again about code that a model has read before. */
  isFresh?: boolean;
  /** Run no linter: nothing but models looks at the code. */
  runsNothing?: boolean;
  /** What all that models are asked for it may use together. */
  allowance?: Allowance;
  signal: AbortSignal;
  onStage(stage: StageName, detail: string): void;
  onFinding(finding: Finding): void;
  /** A finding that was shown is held back after all, for this reason. */
  onWithdrawn(finding: Finding, why: string): void;
  onNote(text: string): void;
}

export interface ReviewResult {
  runId: string;
  /** In reading order; then those of earlier reviews that are solved. */
  findings: Finding[];
  /** What was found and is not shown, or stood before and is not found any more, with the reason. */
  held: HeldFinding[];
  /** What a judge says of the findings of models; absent where none had to be judged. */
  judge?: PanelJudgement;
  /** The files whose rules were applied. */
  rules: RuleFile[];
  summary: string;
  notes: string[];
  stages: Stage[];
  suppressed: SuppressedCounts;
  /** Which model was asked last, and why that one; absent where none was. */
  decision?: Decision;
  /** What was looked at, by whom, and what was not. */
  coverage: CoverageEntry[];
}
