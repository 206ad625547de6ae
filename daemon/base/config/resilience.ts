// The settings of `resilience` in config.json, and the `timeouts` that each provider may set for itself.
import * as z from 'zod';

const milliseconds = z
  .number()
  .int()
  .positive()
  .max(24 * 60 * 60_000);
/** Requests a minute. */
export const perMinute = z.number().int().positive().max(1_000_000);

export const Timeouts = z
  .object({
    firstPartMs: milliseconds.describe('How long a model may take until the first piece of its answer.'),
    betweenPartsMs: milliseconds.describe('How long a model may pause within its answer.'),
    totalMs: milliseconds.describe('How long a whole answer may take.'),
  })
  .partial();

export const ResilienceConfig = z.object({
  timeouts: Timeouts.default({}).describe('For all providers; each may have `timeouts` of its own.'),
  attempts: z
    .number()
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('How often a request is sent at most, while the server turns it away.'),
  longestWaitMs: z
    .number()
    .int()
    .min(0)
    .max(600_000)
    .default(10_000)
    .describe('A provider that asks for a longer wait is given up at once.'),
  failuresToOpen: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe('Failures in a row after which a model is left alone.'),
  restMs: milliseconds
    .default(15_000)
    .describe('How long it is left alone the first time; doubled each time it still fails.'),
  concurrency: z.number().int().min(1).max(10_000).default(64).describe('Requests to one provider at the same time.'),
  queue: z.number().int().min(0).max(100_000).default(256).describe('Requests that may wait for one provider.'),
  requestsPerMinute: perMinute.optional().describe('Limit for each key; a provider may have one of its own.'),
  workspaceRequestsPerMinute: perMinute.optional().describe('Limit for each workspace.'),
  workspaces: z
    .record(z.string().min(1), perMinute)
    .default({})
    .describe('Limits of single workspaces in place of that one, by folder: "~/code/app", or a URI.'),
  neverSwitch: z.boolean().default(false).describe('Fail rather than let another model answer.'),
});

export type Timeouts = z.infer<typeof Timeouts>;
export type ResilienceConfig = z.infer<typeof ResilienceConfig>;
