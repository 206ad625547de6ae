// The language of a page in a browser: the first that the browser asks for and there are texts in, and English else.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { viewPage, wordsFor } from '../../../daemon/gateway/view-page.ts';
import { root } from '../../architecture/sources.ts';

const l10n = `${root}/l10n`;
const rows: [acceptLanguage: string, language: string | undefined][] = [
  ['de', 'de'],
  ['de-AT,de;q=0.9,en;q=0.8', 'de'],
  ['en;q=0.5, de;q=0.7', 'de'],
  ['fr-FR, de;q=0.5', 'de'],
  ['en-US,en;q=0.9,de;q=0.8', undefined],
  ['fr', undefined],
  ['', undefined],
  ['*', undefined],
  ['../../secrets', undefined],
];

describe('the language of a page in a browser', () => {
  for (const [acceptLanguage, language] of rows)
    it(`is ${language ?? 'English'} for ${JSON.stringify(acceptLanguage)}`, async () => {
      const words = await wordsFor(acceptLanguage, l10n);
      assert.equal(words?.language, language);
      assert.equal(words?.texts['Messages'], language && 'Nachrichten');
    });

  it('stands in the markup, whatever the texts hold, and nothing runs or is loaded for it', () => {
    const page = viewPage('abc', 'chat', { language: 'de', texts: { '"><script>': "</script> & '" } });
    assert.match(page, /<html lang="de">/);
    assert.equal(page.match(/<script/g)?.length, 1);
    assert.match(
      page,
      /<meta name="words" content="\{&quot;\\&quot;>&lt;script>&quot;:&quot;&lt;\/script> &amp; '&quot;\}">/,
    );
    assert.match(viewPage('abc', 'chat'), /<html lang="en">/);
  });
});
