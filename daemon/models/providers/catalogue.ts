// What is known of models beyond what their servers say: dated prices, contexts, capabilities, quality. The facts are in the data
// file beside this one, each entry with its day and its source page. It has only what could be confirmed.
import * as z from 'zod';
import { ProviderType } from '../../base/config/config.ts';
import data from './catalogue.json' with { type: 'json' };

const dollars = z.number().nonnegative();
const rates = { input: dollars, output: dollars, cacheRead: dollars.optional(), cacheWrite: dollars.optional() };

const Entry = z.strictObject({
  provider: ProviderType,
  /** The provider's own names for the model. A name followed by a date (`-2025-08-07`, `-20250929`) matches as well. */
  names: z.array(z.string().min(1)).min(1),
  /** The longest prompt where the provider says so, else the whole context. */
  contextTokens: z.number().int().positive().optional(),
  capabilities: z
    .strictObject({
      chat: z.boolean(),
      embeddings: z.boolean(),
      tools: z.boolean(),
      vision: z.boolean(),
      jsonSchema: z.boolean(),
    })
    .partial()
    .optional(),
  /** US dollars for a million tokens. */
  price: z
    .strictObject({
      ...rates,
      longPrompt: z.strictObject({ aboveTokens: z.number().int().positive(), ...rates }).optional(),
    })
    .optional(),
  /** 0 to 1, by the file's `quality`. */
  quality: z.number().min(0).max(1).optional(),
  asOf: z.iso.date(),
  source: z.url(),
});

/** The schema of the data file. */
export const CatalogueFile = z.strictObject({
  /** What the quality numbers mean, and where they come from. */
  quality: z.strictObject({ measure: z.string(), source: z.url(), asOf: z.iso.date() }),
  models: z.array(Entry),
});

export type CatalogueEntry = z.infer<typeof Entry>;

/** Lives as long as the registry's providers. */
export interface Catalogue {
  readonly entries: readonly CatalogueEntry[];
  /** What is known of a model by the name that its provider has for it. */
  find(provider: ProviderType, name: string): CatalogueEntry | undefined;
}

/** The file that comes with the product. A test validates it against its schema, so that the daemon's start need not. */
export function readCatalogue(): Catalogue {
  const { models } = data as z.infer<typeof CatalogueFile>;
  const byName = new Map(models.flatMap((entry) => entry.names.map((name) => [`${entry.provider}/${name}`, entry])));
  return {
    entries: models,
    find: (provider, name) => byName.get(`${provider}/${name}`) ?? byName.get(`${provider}/${name.replace(dated, '')}`),
  };
}

const dated = /-(\d{4}-\d{2}-\d{2}|\d{8})$/;
