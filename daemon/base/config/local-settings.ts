// The settings of `localSettings` in config.json: how models on this machine are loaded and asked, by their names, or `*` for all.
import * as z from 'zod';

const share = z.number().min(0).max(1);

export const LocalSettings = z
  .object({
    contextTokens: z.number().int().min(256).max(10_000_000).describe('The context window of each chat, in tokens.'),
    slots: z.number().int().min(1).max(16).describe('How many chats use the model at the same time.'),
    threads: z
      .number()
      .int()
      .min(1)
      .max(256)
      .describe('Processor threads. Default: as many as are fastest, measured as answers are written.'),
    gpuLayers: z.number().int().min(0).max(512).describe('Layers to put on the GPU. Default: as many as fit.'),
    kvType: z
      .enum(['F16', 'Q8_0', 'Q4_0'])
      .describe(
        'How what was read is stored in memory: Q8_0 takes half of F16, and Q4_0 a quarter, for slightly worse answers.',
      ),
    flashAttention: z.boolean().describe('Faster attention with less memory, where the hardware has it.'),
    temperature: z.number().min(0).max(2).describe('0 always takes the likeliest word; higher values vary more.'),
    topK: z.number().int().min(0).max(1000).describe('How many of the likeliest words are considered.'),
    topP: share.describe('Considers the likeliest words up to this share.'),
    minP: share.describe('Leaves out words that are less likely than this share of the likeliest.'),
    maxOutputTokens: z.number().int().min(1).max(1_000_000).describe('The longest answer, in tokens.'),
    idleUnloadMinutes: z
      .number()
      .positive()
      .max(100_000)
      .describe('Minutes without a question until it leaves memory.'),
    keepLoaded: z.boolean().describe('Keeps it in memory while nobody asks it anything.'),
    systemPrompt: z.string().max(8000).describe('Instructions for this model, added to the start of every prompt.'),
    mmproj: z
      .string()
      .min(1)
      .describe('The GGUF file (mmproj) that lets it see pictures. Default: the one beside its own file.'),
    loras: z
      .array(z.object({ path: z.string().min(1), scale: z.number().min(-10).max(10).default(1) }))
      .max(8)
      .describe('LoRA adapters to load with the model: GGUF files.'),
  })
  .partial();

/** By the model's name without its provider; `*` is for every model. */
export const AllLocalSettings = z.record(z.string().min(1), LocalSettings);

export type LocalSettings = z.infer<typeof LocalSettings>;
export type AllLocalSettings = z.infer<typeof AllLocalSettings>;
