// What the pipeline's stages pass to each other. Fields mean the same as in the protocol.
import type { Range } from '../../base/snippet.ts';
import type { CoverageEntry } from './verdict/coverage.ts';

export type Severity = 'error' | 'warning' | 'info' | 'hint';

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
}

/** What is stored of reviews. */
export interface ReviewShapes {
  finding: Finding;
  coverage: CoverageEntry[];
}

export type StageName = 'analysers' | 'reviewer' | 'check';
export interface Stage {
  name: StageName;
  detail: string;
  model?: string;
  durationMs: number;
}

/** A finding as its source states it: placed in the document, but not yet checked against it. */
export type Draft = Omit<Finding, 'id' | 'uri' | 'evidence'>;
