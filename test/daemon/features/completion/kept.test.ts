// What is kept of suggestions for the next keys, and what of a document is read for one.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { KeptSuggestions } from '../../../../daemon/features/completion/kept.ts';
import { partsAt } from '../../../../daemon/features/completion/prompt.ts';
import type { Spot } from '../../../../daemon/features/completion/typing.ts';
import { spotAt } from './spot.ts';

const suggestion = { id: 's', model: 'local/tiny', text: 'sum(a, b);', latencyMs: 10 };

describe('a kept suggestion', () => {
  const rows: [what: string, then: string, rest: string | undefined][] = [
    ['is found again where nothing was typed', 'const a = |\nlast();', 'sum(a, b);'],
    ['is what is left while it is typed', 'const a = sum|\nlast();', '(a, b);'],
    ['leaves out what the editor has closed by itself', 'const a = sum(|)\nlast();', 'a, b'],
    ['is over when all of it was typed', 'const a = sum(a, b);|\nlast();', undefined],
    ['is over when something else was typed', 'const a = sub|\nlast();', undefined],
    ['is over when what follows has changed', 'const a = |\nfirst();', undefined],
    ['is over when what stood before has changed', 'let a = |\nlast();', undefined],
    ['is over before its place', 'const a =|\nlast();', undefined],
  ];
  for (const [what, then, rest] of rows)
    it(what, () => {
      const kept = new KeptSuggestions();
      kept.add(spotAt('const a = |\nlast();'), suggestion);
      assert.equal(kept.find(spotAt(then))?.text, rest);
    });

  it('ends its lines as the document does, also where the editor has closed a bracket', () => {
    const kept = new KeptSuggestions();
    kept.add(spotAt('const a = |\r\nlast();'), { ...suggestion, text: 'sum(a,\r\n  b)' });
    assert.equal(kept.find(spotAt('const a = sum(|)\r\nlast();'))?.text, 'a,\r\n  b\r\n');
  });

  it('is seen to be taken where it is inserted, and not where its text is inserted elsewhere', () => {
    const kept = new KeptSuggestions();
    const [before, after] = ['const a = ', '\nlast();'];
    kept.add(spotAt(`${before}|${after}`), { ...suggestion, text: 'b;' });
    kept.show('s');
    const taken = (inserted: string, text: string) => kept.takenBy({ uri: 'file:///a.js', text }, [{ text: inserted }]);
    assert.deepEqual(taken('\nc = b;', `${before}${after}\nc = b;`), []);
    assert.deepEqual(taken('b;', `${before}b;${after}`), ['s']);
    assert.deepEqual(taken('= b;', `${before}b;${after}`), ['s'], 'with the word before it');
  });

  it('is of one document', () => {
    const kept = new KeptSuggestions();
    kept.add(spotAt('|'), suggestion);
    assert.equal(kept.find({ ...spotAt('|'), uri: 'file:///b.js' }), undefined);
  });

  it('that was asked for ahead says so, until it is typed', () => {
    const kept = new KeptSuggestions();
    kept.add(spotAt('a|'), suggestion, { isAhead: true });
    assert.equal(kept.find(spotAt('a|'))?.from, 'ahead');
    assert.equal(kept.find(spotAt('as|'))?.from, 'typed');
  });

  it('may be one of several for a place, the newest last and each text once', () => {
    const kept = new KeptSuggestions();
    for (const [id, text] of [
      ['a', 'sum(1);'],
      ['b', 'size;'],
      ['c', 'sum(1);'],
      ['d', 'other;'],
    ] as const)
      kept.add(spotAt('|'), { ...suggestion, id, text });
    assert.deepEqual(
      kept.findAll(spotAt('s|')).map(({ id, text }) => [id, text]),
      [
        ['b', 'ize;'],
        ['c', 'um(1);'],
      ],
    );
  });

  it('gives way to newer ones', () => {
    const kept = new KeptSuggestions();
    for (let i = 0; i < 100; i++) kept.add(spotAt(`${i} |`), suggestion);
    assert.equal(kept.find(spotAt('0 |')), undefined);
    assert.equal(kept.find(spotAt('99 |'))?.id, 's');
  });
});

describe('what of a document is read', () => {
  const lines = Array.from({ length: 2000 }, (_, i) => `line number ${i};\n`).join('');

  function parts(spot: Spot, last?: ReturnType<typeof partsAt>, chars = 4000) {
    return partsAt(spot, { chars, last: last?.anchor });
  }

  it('is all of it where it is short', () => {
    const { prefix, begun, suffix } = parts(spotAt('one\ntwo|three\nfour'));
    assert.deepEqual([prefix, begun, suffix], ['one\n', 'two', 'three\nfour']);
  });

  it('is bounded in a line that has no end', () => {
    for (const after of ['', '\nlast']) {
      const text = 'a=b;'.repeat(50_000);
      const { prefix, begun, suffix } = parts({ ...spotAt('|'), text: text + after, offset: text.length });
      assert.ok(begun.length > 100 && begun.length <= 1200, `${begun.length}`);
      assert.ok(prefix.length >= 1500 && prefix.length <= 3200, `${prefix.length}`);
      assert.ok(suffix.length <= 800);
      assert.ok((text + after).includes(prefix + begun + suffix));
    }
  });

  it('leaves neither half of a token nor of a character where it is cut within a line', () => {
    for (const word of ['t0k3n'.repeat(20), '\u{1f600}']) {
      const text = `${word},`.repeat(20_000 / word.length);
      for (let offset = 10_000; offset < 10_000 + 2 * word.length; offset++) {
        if (text[offset - 1] !== ',') continue;
        const { prefix, begun, suffix } = parts({ ...spotAt('|'), text, offset });
        for (const read of [prefix + begun, suffix]) assert.equal(read.replaceAll(`${word},`, ''), '');
        assert.ok(prefix.isWellFormed() && begun.isWellFormed());
        assert.ok(prefix.length > 1000 && begun.length > 100 && suffix.length > 500);
      }
    }
  });

  it('is bounded, and begins and ends with whole lines', () => {
    const offset = Math.floor(lines.length / 2);
    const { prefix, suffix } = parts({ ...spotAt('|'), text: lines, offset });
    assert.ok(prefix.length <= 3200 && prefix.length >= 1500, `${prefix.length}`);
    assert.match(prefix, /^line number/);
    assert.ok(suffix.length <= 800);
    assert.match(suffix, /;\n$/);
  });

  it('begins and goes on alike while one types, but for its end', () => {
    let text = lines.slice(0, 9000);
    let offset = text.lastIndexOf('\n') + 1;
    const [before, after] = [text.slice(0, offset), '\nlast line;\n'];
    let typed = '';
    let last: ReturnType<typeof partsAt> | undefined;
    const heads = new Set<string>();
    for (const letter of 'const first = 1;\nconst second = first + 1;\nreturn second;'.repeat(4)) {
      typed += letter;
      text = before + typed + after;
      offset = before.length + typed.length;
      const chars = typed.length % 2 === 0 ? 4000 : 2000; // the measured speed differs from key to key
      last = parts({ ...spotAt('|'), text, offset }, last, chars);
      heads.add(JSON.stringify([last.prefix, last.suffix]));
    }
    assert.equal(heads.size, 1);
    assert.equal(last?.begun, typed);
  });

  it('follows a cursor that goes elsewhere', () => {
    const first = parts({ ...spotAt('|'), text: lines, offset: 20_000 });
    const above = parts({ ...spotAt('|'), text: lines, offset: 10_000 }, first);
    assert.ok(above.begun.length < 40);
    const below = parts({ ...spotAt('|'), text: lines, offset: 25_000 }, first);
    assert.ok(below.begun.length < 40);
  });
});
