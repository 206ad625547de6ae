// The tool that sets the items of the plan, which the user sees.
import * as z from 'zod';
import { counted } from '../../../../shared/words/counted.ts';
import { argumentsOf } from './arguments.ts';
import { choiceOf, notTwice } from './choices/choices.ts';
import type { AgentTool } from './tool.ts';

const states = ['open', 'doing', 'done'] as const;
const Arguments = z.object({
  items: z
    .array(
      z.union([
        z.object({ text: z.string().trim().min(1).max(300), state: z.enum(states).catch('open').default('open') }),
        z
          .string()
          .trim()
          .min(1)
          .max(300)
          .transform((text) => ({ text, state: 'open' as const })),
      ]),
    )
    .min(1)
    .max(30),
});
type PlanItem = z.output<typeof Arguments>['items'][number];

const parameters = {
  type: 'object',
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: { text: { type: 'string' }, state: { type: 'string', enum: states } },
        required: ['text', 'state'],
      },
    },
  },
  required: ['items'],
};

/** Where answers are forced: small models write without end else. */
const shortItems = {
  type: 'array',
  items: choiceOf({ text: { type: 'string', minLength: 1, maxLength: 120 }, state: { type: 'string', enum: states } }),
  minItems: 1,
  maxItems: 8,
};

export const planTool: AgentTool = {
  name: 'plan',
  description: 'Sets your whole plan of several steps.',
  parameters,
  kind: 'read',
  choices: notTwice('plan', choiceOf({ items: shortItems })),
  async prepare(given) {
    const items = planItems(given);
    const done = items.filter(({ state }) => state === 'done').length;
    const summary = `Plan of ${counted(items.length, 'step')}, ${done} done.`;
    return {
      title: 'Set the plan',
      perform: async () => ({ ok: true, text: ['The user sees the plan.'], summary, isMaterial: false }),
    };
  },
};

/** Throws UserError. */
export function planItems(given: unknown): PlanItem[] {
  return argumentsOf(Arguments, given, 'plan').items;
}
