// What config.json says of ways to work: modes of the user's own.
import * as z from 'zod';

const ModeConfig = z.object({
  title: z.string().min(1).max(100).optional().describe('Its name in menus. Default: its identifier.'),
  description: z.string().max(300).optional().describe('What it is for, in a sentence.'),
  prompt: z.string().min(1).max(8000).describe('What the model is told in this mode, besides the task.'),
  tools: z
    .array(z.string().regex(/^[\w.-]{1,100}$/, "write a tool's name, such as read"))
    .max(100)
    .default([])
    .describe('Names of its tools, such as "read", "search", and "edit". Without any, it only talks.'),
  model: z
    .string()
    .regex(/^[^/]+\/.+/, 'write models as provider/model')
    .optional()
    .describe('The model that it prefers, as provider/model.'),
  cache: z
    .boolean()
    .default(true)
    .describe('Controls whether an answer that is kept for the same question may be used again.'),
});

/** By their identifiers. */
export const ModesConfig = z.record(
  z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'name modes with small letters, digits, and hyphens'),
  ModeConfig,
);

export type ModesConfig = z.infer<typeof ModesConfig>;
