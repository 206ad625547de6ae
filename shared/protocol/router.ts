// Messages about how a model is chosen: what would be, what was, and what another policy would have chosen.
import * as z from 'zod';
import { Decision, PolicyName } from './chat.ts';
import { request } from './define.ts';

export const Needs = z.object({
  vision: z.boolean(),
  tools: z.boolean(),
  json: z.boolean(),
  realtime: z.boolean(),
  /** Prompt and expected answer together. */
  contextTokens: z.number().int(),
});

const Complexity = z.enum(['trivial', 'simple', 'moderate', 'complex', 'expert']);

/** The parts of a model's score, each 0 to 1; what is unknown is left out. */
const Parts = z.object({
  quality: z.number(),
  match: z.number(),
  cost: z.number().optional(),
  speed: z.number(),
  preference: z.number(),
  learned: z.number().optional(),
});

/** Why a model was chosen, as it was written down: "Why this model?" is read from this. */
export const RecordedDecision = z.object({
  id: z.string(),
  /** Milliseconds since the epoch. */
  at: z.number(),
  model: z.string(), // `provider/model`
  policy: PolicyName,
  explicit: z.boolean(),
  reason: z.string(),
  confidence: z.number(),
  alternatives: z.array(z.string()),
  /** US dollars; absent when a price is unknown. */
  estimatedCost: z.number().optional(),
  tokens: z.number().optional(),
  complexity: Complexity.optional(),
  task: z.string().optional(),
  signals: z.array(z.string()),
  candidates: z.array(
    z.object({
      id: z.string(),
      local: z.boolean(),
      score: z.number().optional(),
      parts: Parts.optional(),
      cost: z.number().optional(),
      excluded: z.string().optional(),
    }),
  ),
  outcome: z
    .object({
      status: z.string().optional(),
      cost: z.number().optional(),
      durationMs: z.number().optional(),
      judgeScore: z.number().optional(),
      keptEdit: z.boolean().optional(),
      thumbs: z.enum(['up', 'down']).optional(),
      retried: z.boolean().optional(),
    })
    .optional(),
});

/** The mean squared error of expecting a model's mean, and of what was learned. */
const Errors = z.object({ meanError: z.number(), learnedError: z.number() });

/** How well a model's outcomes are predicted from the texts of requests. Only a model that is `in-use` has a `learned` part in its score. */
export const LearnedModel = z.object({
  model: z.string(),
  outcomes: z.number().int(),
  /** How many of them were predicted before they were learned. */
  foretold: z.number().int(),
  /** `collecting`: too few outcomes; `shadow`: not proven better than the mean; `withdrawn`: it was in use, and its recent predictions were worse. */
  state: z.enum(['collecting', 'shadow', 'in-use', 'withdrawn']),
  /** Whether embeddings of the texts are used too, where there are any. */
  usesMeaning: z.boolean(),
  /** Whether it has stepped back to words alone, which predict better here than words with shape and neighbours. */
  wordsAlone: z.boolean().optional(),
  overAll: Errors,
  ofLate: Errors,
});

export const RouterAnalyze = request(
  'switchyard/router/analyze',
  'What a text asks for, and which model would answer it; nothing is executed.',
  {
    params: z.object({
      text: z.string().max(2_000_000),
      attachments: z
        .array(
          z.object({ kind: z.string(), languageId: z.string().optional(), text: z.string().max(1_000_000).optional() }),
        )
        .max(50)
        .optional(),
      workspace: z.string().optional(),
      language: z.string().optional(),
    }),
    result: z.object({
      tokens: z.number(),
      complexity: Complexity,
      task: z.string(),
      needs: Needs,
      signals: z.array(z.string()),
      decision: Decision.optional(),
      /** Models that could not answer, and why not. */
      excluded: z.array(z.object({ model: z.string(), reason: z.string() })),
      /** Why there is no decision. */
      problem: z.string().optional(),
      /** What was learned from this profile's outcomes, by model. */
      learned: z.array(LearnedModel),
    }),
  },
);

export const RouterDecisions = request(
  'switchyard/router/decisions',
  'Past decisions, the newest first, with what was weighed and how it ended.',
  {
    params: z.object({ since: z.number().optional(), limit: z.number().int().min(1).max(1000).optional() }),
    result: z.object({ decisions: z.array(RecordedDecision) }),
  },
);

export const RouterDecision = request(
  'switchyard/router/decision',
  'One decision as it was written down, by the id that an answer carries.',
  {
    params: z.object({ id: z.string() }),
    result: z.object({ decision: RecordedDecision }),
  },
);

export const RouterOutcome = request(
  'switchyard/router/outcome',
  'What the user made of an answer. It is added to what is known of the decision; `thumbs: null` takes a thumb back.',
  {
    params: z.object({
      decisionId: z.string(),
      thumbs: z.enum(['up', 'down']).nullish(),
      keptEdit: z.boolean().optional(),
    }),
    result: z.object({}),
  },
);

export const RouterReplay = request(
  'switchyard/router/replay',
  'Decides past requests again under another policy, and says what that would have cost.',
  {
    params: z.object({ policy: PolicyName, since: z.number().optional() }),
    result: z.object({
      requests: z.number().int(),
      /** US dollars by the estimates of the time, for the requests whose prices are known on both sides. */
      cost: z.number(),
      /** The same estimates for what was chosen then. */
      recordedCost: z.number(),
      unknownPrices: z.number().int(),
      /** Requests that the policy would have left without a model. */
      unanswered: z.number().int(),
      change: z.array(z.object({ id: z.string(), from: z.string(), to: z.string(), cost: z.number().optional() })),
      /** The mean error of the estimates as a share of what was paid, and over how many requests. */
      error: z.object({ share: z.number(), requests: z.number().int() }).optional(),
    }),
  },
);

export type RecordedDecision = z.infer<typeof RecordedDecision>;
