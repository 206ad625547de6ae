// Messages about what answers cost.
import * as z from 'zod';
import { Usage } from './chat.ts';
import { request } from './define.ts';

export const CostsBy = z.enum(['day', 'profile', 'workspace', 'chat', 'answer', 'model', 'provider']);

/** Requests added up. A cost that is not known is counted in `unknown` and is not in `costUsd`. */
export const CostSum = z.object({
  requests: z.number().int(),
  /** How many of them were answered from the cache. */
  cached: z.number().int(),
  unknown: z.number().int(),
  /** Of answers that were stopped or broke off: what they cost is an estimate, and is in `costUsd`. */
  estimated: z.number().int().optional(),
  costUsd: z.number(),
  usage: Usage,
});

/** `key` is the day, the chat's id, the model, …; empty for what belongs to none. `title` is a chat's. */
export const CostRow = CostSum.extend({ key: z.string(), title: z.string().optional() });

export const BudgetState = z.object({
  name: z.enum(['dayUsd', 'monthUsd', 'profileUsd']),
  limitUsd: z.number(),
  spentUsd: z.number(),
  state: z.enum(['ok', 'warn', 'stop']),
});

export const CostsSummary = request(
  'switchyard/costs/summary',
  'What answers cost, by day, chat, model or provider, and how the budgets stand.',
  {
    params: z.object({
      by: CostsBy.default('day'),
      /** The first day that counts. */
      since: z.iso.date().optional(),
      chatId: z.string().optional(),
      profileId: z.string().optional(),
    }),
    result: z.object({
      rows: z.array(CostRow),
      total: CostSum,
      /** Today in the daemon's time zone, whatever `since` is. */
      today: CostSum,
      budgets: z.array(BudgetState),
      /** US dollars that runs of the agent spent on turns that brought nothing new, in the same days; not of one chat. */
      wasteUsd: z.number().optional(),
    }),
  },
);

export type CostsBy = z.infer<typeof CostsBy>;
export type CostSum = z.infer<typeof CostSum>;
export type CostRow = z.infer<typeof CostRow>;
export type BudgetState = z.infer<typeof BudgetState>;
