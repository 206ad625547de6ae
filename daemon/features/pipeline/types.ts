// What the pipeline's stages pass to each other. Fields mean the same as in the protocol.
import type { Range } from '../../base/snippet.ts';
import type { RuleFile } from './rules/rules.ts';
import type { CoverageEntry } from './verdict/coverage.ts';

export type Severity = 'error' | 'warning' | 'info' | 'hint';

/** `still`: known from an earlier review. `solved`: an earlier review found it, and it is not there any more. */
type FindingState = 'new' | 'still' | 'solved';

export interface Finding {
  id: string;
  uri: string;
  range: Range;
  severity: Severity;
  category: string;
  message: string;
  evidence: string;
  source: string;
  rule?: string;
  confidence: number;
  replacement?: string;
  /** Against what earlier reviews found here. */
  state?: FindingState;
  /** The id that it had in the review before. */
  previousId?: string;
}

/** What is stored of reviews. */
export interface ReviewShapes {
  finding: Finding;
  coverage: CoverageEntry[];
  surroundings: Surroundings;
  aside: Aside;
  claims: Said;
}

/** By which a finding is known again after its code has moved. White space does not count in its lines. */
export interface Surroundings {
  /** The lines with code before those of the finding and behind them, the nearest last and first. */
  before: string[];
  after: string[];
  /** Which of the places with its code it was, from 0. */
  ordinal: number;
  /** A hash of the document. */
  document: string;
}

/**
 * Why a finding is not among those that are shown. `refuted`: the code disproves it. `unconfirmed`: nothing in the code speaks for it.
 * `merged`: another says the same. `like-dismissed`: it is like others that the user has dismissed.
 */
type HeldReason =
  | 'dismissed'
  | 'duplicate'
  | 'over-cap'
  | 'unsure'
  | 'not-repeated'
  | 'expired'
  | 'refuted'
  | 'unconfirmed'
  | 'merged'
  | 'like-dismissed';

export interface HeldFinding {
  finding: Finding;
  reason: HeldReason;
  /** In a sentence, where the reason alone says little. */
  detail?: string;
}

/** What of a review is shown apart. */
export interface Aside {
  held: HeldFinding[];
  solved: Finding[];
  /** The files whose rules were applied; absent for reviews of before that was noted. */
  rules?: RuleFile[];
}

/** What a model said of a piece of code, or of what was found in it, word for word. */
type Said = Claim[] | { answer: string };

/** What a model says of the code, made safe and not checked yet. */
export interface Claim {
  /** Zero-based. */
  line: number;
  quote: string;
  severity: Severity;
  category: string;
  message: string;
  confidence: number;
  replacement?: string;
}

export type StageName = 'analysers' | 'reviewer' | 'refuter' | 'judge' | 'filter' | 'check';
export interface Stage {
  name: StageName;
  detail: string;
  model?: string;
  durationMs: number;
}

/** A finding as its source states it: placed in the document, but not yet checked against it. */
export type Draft = Omit<Finding, 'id' | 'uri' | 'evidence' | 'state' | 'previousId'>;
