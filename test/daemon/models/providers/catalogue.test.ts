// The catalogue's data file: its schema, and what may be believed of each entry.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import data from '../../../../daemon/models/providers/catalogue.json' with { type: 'json' };
import { CatalogueFile, readCatalogue } from '../../../../daemon/models/providers/catalogue.ts';

const catalogue = readCatalogue();

describe('the catalogue', () => {
  it('keeps to its schema: every entry with a day and a page', () => {
    CatalogueFile.parse(data);
    assert.ok(catalogue.entries.length > 0);
  });

  it('refuses an entry without a source, and a field that it does not know', () => {
    const [entry] = catalogue.entries;
    assert.equal(CatalogueFile.safeParse({ ...data, models: [{ ...entry, source: undefined }] }).success, false);
    assert.equal(CatalogueFile.safeParse({ ...data, models: [{ ...entry, cost: 1 }] }).success, false);
  });

  it('names no model twice', () => {
    const names = catalogue.entries.flatMap((entry) => entry.names.map((name) => `${entry.provider}/${name}`));
    assert.deepEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    );
  });

  it('has no price that cannot be: reading a cache is no dearer than reading anew, and a long prompt no cheaper than a short one', () => {
    for (const { names, price } of catalogue.entries) {
      if (!price) continue;
      assert.ok((price.cacheRead ?? 0) <= price.input, names[0]);
      assert.ok(price.longPrompt === undefined || price.longPrompt.input >= price.input, names[0]);
    }
  });

  it('knows a model also by the name with a date behind it, and only at its own provider', () => {
    assert.equal(
      catalogue.find('anthropic', 'claude-haiku-4-5-20251001'),
      catalogue.find('anthropic', 'claude-haiku-4-5'),
    );
    assert.equal(catalogue.find('openai', 'gpt-5-2025-08-07'), catalogue.find('openai', 'gpt-5'));
    assert.equal(catalogue.find('groq', 'gpt-5'), undefined);
    assert.equal(catalogue.find('openai', 'gpt-5-of-somebody'), undefined);
  });
});
