// Messages about reviews: running one, dismissing a finding, and the edit that fixes it.
import * as z from 'zod';
import { Decision } from './chat.ts';
import { CodePart } from './code.ts';
import { request } from './define.ts';
import { PartialResultToken, Range, TextDocument, WorkDoneToken, WorkspaceEdit } from './text.ts';

export const Severity = z.enum(['error', 'warning', 'info', 'hint']);

/** One thing worth saying about the code, with the code that proves it. */
export const Finding = z.object({
  id: z.string(),
  uri: z.string(),
  range: Range,
  severity: Severity,
  category: z.string(),
  message: z.string(),
  /** Text that stands in the document at `range`, character for character. */
  evidence: z.string(),
  /** Who found it: an analyser's name (`tsc`, `eslint`) or a model's id. */
  source: z.string(),
  /** The analyser's own rule, such as `TS2322`. */
  rule: z.string().optional(),
  /** Probability that a careful reader agrees, 0..1. */
  confidence: z.number().min(0).max(1),
  /** Text to put in place of `range`; absent when only a model could write it. */
  replacement: z.string().optional(),
  /**
   * Against earlier reviews: `new`, `still` there, or `solved`: found by an earlier review, and gone. A solved one is no problem of the
   * document. Absent for findings from before there were states.
   */
  state: z.enum(['new', 'still', 'solved']).optional(),
  /** The id that it had in the review before. */
  previousId: z.string().optional(),
});

/**
 * A finding that isn't shown. `dismissed`: by the user. `duplicate`: of one that is shown. `over-cap`: others are stronger. `unsure`: the
 * model hardly believes it. `not-repeated`: a model found it before, and says nothing of it now, though the document is as it was.
 * `expired`: its code is gone, and nobody looked again. `refuted`: the code disproves it. `unconfirmed`: nothing in the code speaks for it.
 * `merged`: another says the same. `like-dismissed`: it is like others that the user has dismissed.
 */
export const HeldFinding = z.object({
  finding: Finding,
  reason: z.enum([
    ...(['dismissed', 'duplicate', 'over-cap', 'unsure', 'not-repeated', 'expired'] as const),
    ...(['refuted', 'unconfirmed', 'merged', 'like-dismissed'] as const),
  ]),
  /** In a sentence, where the reason alone says little. */
  detail: z.string().optional(),
});

export const ReviewStage = z.object({
  name: z.enum(['analysers', 'reviewer', 'refuter', 'judge', 'filter', 'check']),
  /** What the stage did, in words for the user. */
  detail: z.string(),
  model: z.string().optional(),
  durationMs: z.number(),
});

/** Who looked at what. A review that found nothing is a clean bill only for what was read. */
export const ReviewCoverage = z.object({
  uri: z.string(),
  /** An analyser's name, or a model's id; `model` where none was chosen, `all` of a file that nothing reads. */
  by: z.string(),
  /**
   * `failed`: it should have looked and did not. `untrusted`: it would have looked if the folder were trusted. `left-out`: it was not
   * to look, by a rule or since there is nothing to read.
   */
  state: z.enum(['read', 'partly', 'failed', 'untrusted', 'left-out']),
  why: z.string().optional(),
});

/** Whether something that should have looked did not, or nothing looked at all. */
export function isIncompleteReview(coverage: readonly ReviewCoverage[]): boolean {
  const isLooked = coverage.some(({ state }) => state === 'read' || state === 'partly');
  const hasGap = coverage.some(({ state }) => state === 'failed' || state === 'partly' || state === 'untrusted');
  return hasGap || (coverage.length > 0 && !isLooked);
}

/** Whether it is a problem of the document as it is. */
export function isOpenFinding({ state }: Pick<Finding, 'state'>): boolean {
  return state !== 'solved';
}

/** A file of the project whose rules were applied. `isCut`: only the beginning of it. */
export const AppliedRules = z.object({ uri: z.string(), name: z.string(), isCut: z.boolean() });

export const ReviewRun = request(
  'switchyard/review/run',
  'Reviews a document, a range of it, several documents, a diff, a commit, or a branch. Findings stream as parts and are published as diagnostics.',
  {
    params: z.object({
      textDocument: TextDocument.optional(),
      range: Range.optional(),
      /** Several documents, each as a whole: one review, in which linters run once for each project. */
      files: z.array(TextDocument).min(1).optional(),
      /** `staged`, `unstaged`, or the text of a unified diff; `root` is the repository's folder as a URI. */
      diff: z.string().optional(),
      /** A revision, or a range of them as `A..B` or `A...B`; `root` is the repository's folder as a URI. */
      commit: z.string().min(1).optional(),
      /** Everything since the branch left this revision, with what is not committed yet. */
      base: z.string().min(1).optional(),
      root: z.string().optional(),
      model: z.string().optional(),
      /** Ask again about code that the model has read before; otherwise what it said then is used. */
      fresh: z.boolean().optional(),
      partialResultToken: PartialResultToken,
      workDoneToken: WorkDoneToken,
    }),
    part: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('stage'), stage: ReviewStage.shape.name, detail: z.string() }),
      z.object({ kind: z.literal('finding'), finding: Finding }),
      /** A finding that was shown is held back after all. */
      z.object({ kind: z.literal('withdrawn'), finding: Finding, why: z.string() }),
      z.object({ kind: z.literal('note'), text: z.string() }),
    ]),
    result: z.object({
      runId: z.string(),
      /** Those of the document, then what earlier reviews found and is solved. */
      findings: z.array(Finding),
      held: z.array(HeldFinding),
      rules: z.array(AppliedRules),
      summary: z.string(),
      /** Things the user should know about this run, such as an analyser that could not start. */
      notes: z.array(z.string()),
      stages: z.array(ReviewStage),
      /** Findings not shown, by reason. */
      suppressed: z.object({
        unquoted: z.number().int(),
        dismissed: z.number().int(),
        duplicate: z.number().int(),
        overCap: z.number().int(),
        unsure: z.number().int(),
      }),
      coverage: z.array(ReviewCoverage),
      /** Which model was asked last, and why that one; absent where none was. */
      decision: Decision.optional(),
      /** Absent until a judge has weighed the findings. */
      judge: z
        .object({ confidence: z.number(), conflicts: z.array(z.string()), parseError: z.string().optional() })
        .optional(),
    }),
  },
);

export const ReviewDismiss = request(
  'switchyard/review/dismiss',
  'Hides a finding, now and in later reviews of the same code.',
  {
    params: z.object({ findingId: z.string(), reason: z.string().max(2000).optional() }),
    result: z.object({}),
  },
);

export const ReviewUndismiss = request(
  'switchyard/review/undismiss',
  'Takes a dismissal back: the finding is shown again, now and in later reviews.',
  { params: z.object({ findingId: z.string() }), result: z.object({ finding: Finding }) },
);

export const ReviewForget = request(
  'switchyard/review/forget',
  'Forgets what was learned from dismissed and applied findings, so that nothing is held back for being like them. Dismissed ones stay hidden.',
  { params: z.object({}), result: z.object({ /** Decisions that were known. */ forgotten: z.number().int() }) },
);

export const ReviewDismissed = request('switchyard/review/dismissed', 'Lists dismissed findings, the last first.', {
  params: z.object({}),
  result: z.object({
    dismissed: z.array(
      z.object({
        finding: Finding,
        reason: z.string().optional(),
        /** Milliseconds since the epoch. */ dismissedAt: z.number(),
      }),
    ),
  }),
});

export const ReviewCurrent = request(
  'switchyard/review/current',
  'The findings that a document has now, as the last reviews left them.',
  { params: z.object({ textDocument: TextDocument }), result: z.object({ findings: z.array(Finding) }) },
);

export const ReviewFix = request(
  'switchyard/review/fix',
  'The edit that fixes a finding, bound to the version it was made for; or a text to read where the answer may not be applied.',
  {
    params: z.object({
      findingId: z.string(),
      /** The finding's own suggestion or nothing: no model is asked. */
      onlySuggested: z.boolean().optional(),
      partialResultToken: PartialResultToken,
      workDoneToken: WorkDoneToken,
    }),
    part: CodePart,
    result: z.object({
      edit: WorkspaceEdit.optional(),
      /** A model's answer that may not be applied; `note` says why. */
      text: z.string().optional(),
      version: z.number().int().nullable(),
      /** Such as that another model answered. */ note: z.string().optional(),
      /** Who wrote it, and why that one; absent where the finding had its own suggestion. */ decision:
        Decision.optional(),
    }),
  },
);

/** A review that was begun: of documents, or of a diff. */
export const PastReview = z.object({
  runId: z.string(),
  /** The document; of several the workspace's folder, of changes the folder of the repository. */
  uri: z.string(),
  state: z.enum(['running', 'done', 'incomplete', 'failed', 'stopped']),
  /** What was reviewed; absent for old reviews. */
  subject: z
    .object({
      kind: z.enum(['file', 'selection', 'files', 'staged', 'unstaged', 'diff', 'commit', 'range', 'base']),
      /** Of several files: their URIs. */
      files: z.array(z.string()).optional(),
      /** As the user named the commit, the range, or the base. */
      revision: z.string().optional(),
      /** Of a selection, from 0. */
      lines: z.object({ first: z.number().int(), last: z.number().int() }).optional(),
    })
    .optional(),
  summary: z.string(),
  findings: z.number().int(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
});

export const ReviewList = request('switchyard/review/list', 'Lists past reviews, the newest first.', {
  params: z.object({ cursor: z.string().optional(), limit: z.number().int().min(1).max(200).optional() }),
  result: z.object({ runs: z.array(PastReview), next: z.string().optional() }),
});

export const ReviewFindings = request(
  'switchyard/review/findings',
  'What a past review found, who looked at what, and which rules were applied.',
  {
    params: z.object({ runId: z.string() }),
    result: z.object({
      findings: z.array(Finding),
      /** Absent for old reviews. */
      held: z.array(HeldFinding).optional(),
      /** Absent where it was not noted. */
      rules: z.array(AppliedRules).optional(),
      /** Absent where it was not noted: of old reviews, and of one that has not ended by itself. */
      coverage: z.array(ReviewCoverage).optional(),
    }),
  },
);

export type AppliedRules = z.infer<typeof AppliedRules>;
export type ReviewCoverage = z.infer<typeof ReviewCoverage>;
export type PastReview = z.infer<typeof PastReview>;
export type Severity = z.infer<typeof Severity>;
export type Finding = z.infer<typeof Finding>;
export type HeldFinding = z.infer<typeof HeldFinding>;
export type ReviewStage = z.infer<typeof ReviewStage>;
