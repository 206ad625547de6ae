// The changes that reviews are measured with are what they claim to be.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { casesIn, flawClasses, readReviewCorpus } from '../../../../daemon/cli/eval/review-corpus.ts';
import { faultsIn } from '../../../../daemon/code-index/chunk/faults.ts';
import { Parsers } from '../../../../daemon/code-index/chunk/parsers.ts';

const corpus = readReviewCorpus(join(import.meta.dirname, '../../../../media/eval/review'));
const none = { count: 0, characters: 0 };
const flaws = corpus.filter(({ flaw }) => flaw !== undefined);

describe('the corpus of reviews', () => {
  it('has at least 80 flaws of six classes in five languages, and 60 changes that are fine', () => {
    assert.ok(flaws.length >= 80, `${flaws.length} flaws`);
    assert.ok(corpus.length - flaws.length >= 60, `${corpus.length - flaws.length} that are fine`);
    for (const language of new Set(corpus.map((one) => one.language))) {
      const own = flaws.filter((one) => one.language === language).map(({ flaw }) => flaw);
      assert.deepEqual(new Set(own), new Set(flawClasses), language);
    }
    assert.equal(new Set(corpus.map(({ id }) => id)).size, corpus.length);
  });

  it('names wrong lines of each flaw, and none that are blank', () => {
    for (const { id, text, flawedLines } of flaws) {
      assert.ok(flawedLines.length > 0, id);
      for (const line of flawedLines) assert.notEqual(text.split('\n')[line]?.trim(), '', id);
    }
  });

  it('has no syntax error before or after a change', async () => {
    const parsers = new Parsers((sentence) => {
      throw new Error(sentence);
    });
    for (const { id, fileName, text, other } of corpus) {
      const faults = await faultsIn({ uri: `file:///${fileName}`, languageId: '', texts: [text, other] }, parsers);
      assert.deepEqual(faults, [none, none], id);
    }
  });

  it('reads what was, what is, and which lines of it are wrong', () => {
    const [flaw, fine] = casesIn('# a-b null\n one\n!two\n-three\n+four\n\n# c clean\n-one\n+two\n', 'go');
    assert.deepEqual(flaw, {
      ...{ id: 'go/a-b', language: 'go', fileName: 'a_b.go', flaw: 'null', flawedLines: [1, 2] },
      ...{ text: 'one\ntwo\nthree\n', other: 'one\ntwo\nfour\n' },
    });
    assert.deepEqual([fine?.text, fine?.other, fine?.flawedLines], ['two\n', 'one\n', []]);
  });

  it('refuses a file of another form', () => {
    for (const text of ['one\n', '# a odd\n one\n', '# a null\nx\n']) assert.throws(() => casesIn(text, 'go'), text);
  });
});
