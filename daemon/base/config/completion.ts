// What config.json says of completion as you type.
import * as z from 'zod';

export const CompletionConfig = z.object({
  enabled: z
    .boolean()
    .default(true)
    .describe('Controls whether code is suggested as you type, if a model for it is set up.'),
  model: z
    .string()
    .regex(/^[^/]+\/.+/, 'write models as provider/model')
    .optional()
    .describe(
      'The model that completes code, as provider/model. Default: a model of this machine that is made for it.',
    ),
  multiline: z
    .enum(['auto', 'never'])
    .default('auto')
    .describe('Controls whether a suggestion may have several lines, where the code asks for them.'),
  onBattery: z
    .boolean()
    .default(true)
    .describe('Controls whether code is suggested as you type on battery power. When you ask for it, it always is.'),
  languages: z
    .record(z.string(), z.boolean())
    .default({})
    .describe(
      'Languages to turn on or off, by their identifier, such as "markdown": true. Default: on for all but markdown and plaintext.',
    ),
});

export type CompletionConfig = z.infer<typeof CompletionConfig>;
