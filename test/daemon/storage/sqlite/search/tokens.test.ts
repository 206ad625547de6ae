// How texts become terms, and queries clauses: tables of examples, and properties that hold for any text at all.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { maxClauses, maxQueryLength, parseQuery } from '../../../../../daemon/storage/sqlite/search/text/query.ts';
import { snippetOf } from '../../../../../daemon/storage/sqlite/search/text/snippet.ts';
import { termsOf } from '../../../../../daemon/storage/sqlite/search/text/tokens.ts';

const terms: readonly [text: string, words: string[], extra: string[]][] = [
  ['Plain words, 2 of them.', ['plain', 'words', '2', 'of', 'them'], []],
  ['getUserName', ['getusername'], ['get', 'user', 'name']],
  ['HTTPServer2 parseURL', ['httpserver2', 'parseurl'], ['http', 'server2', 'parse', 'url']],
  ['snake_case_name', ['snake', 'case', 'name'], ['snake_case_name']],
  ['kebab-case', ['kebab', 'case'], ['kebab-case']],
  ['fs.promises.readFile', ['fs', 'promises', 'readfile'], ['read', 'file', 'fs.promises.readfile']],
  ['src/lib/a-b.test.ts', ['src', 'lib', 'a', 'b', 'test', 'ts'], ['src/lib/a-b.test.ts', 'a-b.test.ts']],
  ['C:\\Users\\me', ['c', 'users', 'me'], ['c:/users/me']],
  ['The end. Next', ['the', 'end', 'next'], []],
  ['Größe café ÉCLAIR', ['grosse', 'cafe', 'eclair'], []],
  ['STRASSE Straße İstanbul ısı ΟΔΟΣ', ['strasse', 'strasse', 'istanbul', 'isi', 'οδοσ'], []],
  [
    'ﬁnd ＦＵＬＬ　ｗｉｄｔｈ 𝐛𝐨𝐥𝐝 soft\u00ADware ze\u200Bro',
    ['find', 'full', 'width', 'bold', 'software', 'zero'],
    [],
  ],
  ['C++ C# F# g++ .NET', ['c', 'c', 'f', 'g', 'net'], ['c++', 'c#', 'f#', 'g++', '.net']],
  ['v22.12.0', ['v22', '12', '0'], ['22', 'v22.12.0', '22.12', '22.12.0']],
  ['0xdeadbeef', ['0xdeadbeef'], ['deadbeef']],
  ['a 🚀🔥 b 🇩🇪', ['a', 'b'], ['🚀', '🔥', '🇩🇪']],
  ['重跑gen-itgc后50条', ['重跑', 'gen', 'itgc', '后', '50', '条'], ['重跑', '跑', 'gen-itgc']],
  ['รหัสผ่าน', ['รหสผาน'], ['รห', 'หส', 'สผ', 'ผา', 'าน', 'น']],
  ['東京都庁', ['東京都庁'], ['東京', '京都', '都庁', '庁']],
  ['SHOUTING sha256 utf8Decode', ['shouting', 'sha256', 'utf8decode'], ['utf8', 'decode']],
  ['__init__', ['init'], []],
  ['', [], []],
  ['\0\ud800 ---', [], []],
];

describe('terms of a text', () => {
  for (const [text, words, extra] of terms) {
    it(JSON.stringify(text), () => assert.deepEqual(termsOf(text), { words, extra }));
  }

  it('a megabyte without a space is one short term', () => {
    const { words, extra } = termsOf('x'.repeat(1_000_000));
    assert.deepEqual([words.length, words[0]?.length, extra.length], [1, 64, 0]);
  });
});

const queries: readonly [query: string, wanted: string[], unwanted: string[], filters: object][] = [
  ['two words', ['two', 'words'], [], {}],
  ['"a phrase" more', ['"a phrase"', 'more'], [], {}],
  ['pre* -not -"not this"', ['pre*'], ['not', '"not this"'], {}],
  ['snake_case a.b', ['"snake case"', '"a b"'], [], {}],
  ['src/da* 22.1*', ['src', 'da*', '22.1*'], [], {}],
  [
    'kind:code lang:TS path:src/x project:"my shop" x',
    ['x'],
    [],
    { kinds: ['code'], language: 'ts', path: 'src/x', project: 'my shop' },
  ],
  ['after:2026-01-01 before:2026-02 x', ['x'], [], { since: Date.UTC(2026, 0, 1), until: Date.UTC(2026, 1, 1) }],
  ['after:yesterday', ['"after yesterday"'], [], {}],
  ['kind:nonsense', ['"kind nonsense"'], [], {}],
  ['"unclosed phrase', ['"unclosed phrase"'], [], {}],
  ['same same', ['same'], [], {}],
  ['東京都', ['東京', '京都'], [], {}],
  ['猫', ['猫*'], [], {}],
  ['C++ .net', ['c++', '.net'], [], {}],
  ['v22.12.0 22.12', ['22.12.0', '22.12'], [], {}],
  ['9f8e7d6 ab12c defaced cafe 123456', ['9f8e7d6*', 'ab12c*', 'defaced*', 'cafe', '123456'], [], {}],
  ['🚀', ['🚀'], [], {}],
  ['gen-itgc', ['"gen itgc"'], [], {}],
  ['gcc -Wall -O2 --std=c17 -rf -x=y', ['gcc', 'wall', 'o2', '"std c17"', 'rf', '"x y"'], [], {}],
  ['--max-old-space-size', ['"max old space size"'], [], {}],
  ['cache -redis -"in memory"', ['cache'], ['redis', '"in memory"'], {}],
  ['-verbose', ['verbose'], [], {}],
  ['=>', [], [], {}],
  ['NEAR(a b) AND OR NOT ^x {y}:z *', ['"near a"', 'b', 'and', 'or', 'not', 'x', '"y z"'], [], {}],
  ['""', [], [], {}],
];

function shown(clause: ReturnType<typeof parseQuery>['wanted'][number]): string {
  return clause.is === 'phrase'
    ? `"${clause.words.join(' ')}"`
    : clause.is === 'prefix'
      ? `${clause.term}*`
      : clause.term;
}

describe('queries', () => {
  for (const [query, wanted, unwanted, filters] of queries) {
    it(JSON.stringify(query), () => {
      const parsed = parseQuery(query);
      assert.deepEqual(
        [parsed.wanted.map(shown), parsed.unwanted.map(shown), parsed.filters],
        [wanted, unwanted, filters],
      );
    });
  }

  it('what is no date and no kind is told', () => {
    assert.equal(parseQuery('after:yesterday kind:nonsense').notes.length, 2);
  });

  it('any text is a bounded query of clean terms', () => {
    const alphabet = [
      '"',
      "'",
      '*',
      '-',
      ':',
      '(',
      ')',
      '\0',
      '\ud800',
      ' ',
      '\n',
      'kind:',
      'after:',
      'AND',
      'NEAR/2',
      'é',
      '漢字',
      'Ab',
      '9',
      '^',
      '+',
      '{',
      ';--',
      'x'.repeat(90),
      '🦊',
    ];
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) % below;
    };
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: random(30) }, () => alphabet[random(alphabet.length)]).join('');
      const { wanted, unwanted } = parseQuery(text);
      assert.ok(wanted.length <= maxClauses && unwanted.length <= maxClauses);
      for (const clause of [...wanted, ...unwanted]) {
        const own = clause.is === 'phrase' ? clause.words : clause.is === 'word' ? [clause.term] : [];
        assert.ok(
          own.every(
            (term) => /^[\p{L}\p{N}\p{Co}+#.\p{Extended_Pictographic}]+$/u.test(term) && term === term.toLowerCase(),
          ),
          text,
        );
      }
    }
  });

  it('a megabyte of query is cut, and told', () => {
    const { wanted, notes } = parseQuery(
      'word '.repeat(200_000) + Array.from({ length: 1000 }, (_, i) => `w${i}`).join(' '),
    );
    assert.equal(wanted.length, 1);
    assert.deepEqual(notes, [`Only the first ${maxQueryLength} characters of the query were used.`]);
  });
});

describe('snippets', () => {
  const found = (text: string, query: string): string[] => {
    const { text: shownText, highlights } = snippetOf(text, parseQuery(query).wanted);
    return highlights.map(([start, end]) => shownText.slice(start, end));
  };

  it('mark words, parts, prefixes and accents where they stand', () => {
    assert.deepEqual(found('Call getUserName, a café with userland', 'user cafe userl*'), [
      'getUserName',
      'café',
      'userland',
    ]);
    assert.deepEqual(found('in 東京都庁 today', '東京'), ['東京都庁']);
  });

  it('show the place where the most words are', () => {
    const text = `alpha ${'filler '.repeat(100)}alpha beta gamma ${'filler '.repeat(100)}`;
    const { text: shownText } = snippetOf(text, parseQuery('alpha beta gamma').wanted);
    assert.match(shownText, /^….*alpha beta gamma.*…$/);
    assert.ok(shownText.length < 200);
  });

  it('cut no character in two', () => {
    const { text } = snippetOf('🦊'.repeat(500), parseQuery('x').wanted);
    assert.ok(text.isWellFormed());
  });
});
