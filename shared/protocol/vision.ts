// The messages about pictures beside chats.
import * as z from 'zod';
import { request } from './define.ts';

/** Bytes of a PNG, JPEG, GIF or WebP in base64, without a `data:` prefix. Limits are in `shared/pictures.ts`. */
const Image = z.string().min(1).max(28_000_000);

export const RecognizedLine = z.object({
  /** With its indentation; empty for an empty line between others. */
  text: z.string(),
  /** 0 to 1. */
  confidence: z.number(),
  /** In pixels of the picture, as it is seen. */
  box: z.object({ left: z.number(), top: z.number(), width: z.number(), height: z.number() }),
});

export const VisionOcr = request(
  'switchyard/vision/ocr',
  'Reads the text of a picture, without a model. Indentation and columns are kept.',
  {
    params: z.object({
      image: Image,
      /** What sentences call the picture. */
      name: z.string().max(500).optional(),
    }),
    result: z.object({ text: z.string(), lines: z.array(RecognizedLine) }),
  },
);

export const PictureShape = z.enum(['square', 'landscape', 'portrait']);

export const VisionGenerate = request(
  'switchyard/vision/generate',
  'Has a picture made by a provider, after its price was checked against the budgets. It is returned, and stored nowhere.',
  {
    params: z.object({
      prompt: z.string().trim().min(1).max(32_000),
      /** As `provider/model`; without it, a known one of a provider whose key is saved. */
      model: z.string().max(500).optional(),
      size: PictureShape.optional(),
      /** Lets this one exceed a budget. */
      overBudget: z.boolean().optional(),
    }),
    result: z.object({
      image: z.object({ mediaType: z.enum(['image/png', 'image/jpeg', 'image/webp']), data: z.string() }),
      /** As `provider/model`. */
      model: z.string(),
      prompt: z.string(),
      /** US dollars; absent where it's unknown. */
      cost: z.number().optional(),
      notes: z.array(z.string()),
    }),
  },
);
