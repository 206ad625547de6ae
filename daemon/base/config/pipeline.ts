// Settings of the pipeline that writes and reviews code: who does what in it, and within which limits.
import * as z from 'zod';

const model = z
  .string()
  .regex(/^[^/]+\/.+/, 'write models as provider/model')
  .optional()
  .describe('The model, as provider/model. Default: as for other requests.');
const policy = z
  .enum(['local-first', 'cheapest', 'best', 'fastest', 'local-only'])
  .optional()
  .describe('How its model is chosen, if none is named.');

const Role = z.object({
  model,
  policy,
  prompt: z
    .string()
    .min(1)
    .optional()
    .describe('A file with instructions for this role, instead of the built-in ones.'),
  maxOutputTokens: z.number().int().min(64).optional().describe('How long an answer may get, in tokens.'),
});

const ReviewRoles = z.object({
  refuter: Role.default({}).describe("Tries to disprove a reviewer's findings. Default: the model that reviews."),
  judge: Role.default({}).describe('Joins and ranks what is left. Default: the model that reviews.'),
});

export const PipelineConfig = z.object({
  coder: Role.default({}).describe('Writes the code, and revises it.'),
  reviewer: Role.default({}).describe('Looks for faults in the code, with evidence.'),
  judge: Role.default({}).describe('Compares the draft with its revision.'),
  review: ReviewRoles.prefault({}).describe('Roles of reviews, beside the model that reads the code.'),
  escalation: z
    .object({
      model,
      policy,
      below: z.number().min(0).max(1).default(0.6).describe("Ask it if the judge's confidence is lower than this."),
      maxCostUsd: z
        .number()
        .nonnegative()
        .default(0)
        .describe('What asking it may cost, in US dollars. Default: 0, so only free models.'),
    })
    .prefault({})
    .describe('A stronger model that judges once more if the judge is unsure. Off until it names a model or a policy.'),
});

export type RoleConfig = z.infer<typeof Role>;
export type PipelineConfig = z.infer<typeof PipelineConfig>;
