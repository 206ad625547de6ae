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
    firstPartMs: milliseconds.describe('How long a model may take to start its answer.'),
    betweenPartsMs: milliseconds.describe('How long a model may pause during its answer.'),
    totalMs: milliseconds.describe('How long a complete answer may take.'),
  })
  .partial();

export const ResilienceConfig = z.object({
  timeouts: Timeouts.default({}).describe('For all providers. A provider can have its own `timeouts`.'),
  attempts: z
    .number()
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('How many times a request is sent while the server rejects it.'),
  longestWaitMs: z
    .number()
    .int()
    .min(0)
    .max(600_000)
    .default(10_000)
    .describe('Stop retrying if a provider asks for a longer wait.'),
  failuresToOpen: z.number().int().min(1).max(100).default(5).describe('Failures in a row until a model is paused.'),
  restMs: milliseconds
    .default(15_000)
    .describe('How long the first pause lasts. It doubles with each further failure.'),
  concurrency: z.number().int().min(1).max(10_000).default(64).describe('Concurrent requests to one provider.'),
  queue: z.number().int().min(0).max(100_000).default(256).describe('Requests that can wait for one provider.'),
  requestsPerMinute: perMinute.optional().describe('Limit for each API key. A provider can have its own.'),
  workspaceRequestsPerMinute: perMinute.optional().describe('Limit for each workspace.'),
  workspaces: z
    .record(z.string().min(1), perMinute)
    .default({})
    .describe('Limits for specific workspaces, by folder: "~/code/app", or a URI.'),
  neverSwitch: z.boolean().default(false).describe('Fail instead of letting another model answer.'),
});

export type Timeouts = z.infer<typeof Timeouts>;
export type ResilienceConfig = z.infer<typeof ResilienceConfig>;
