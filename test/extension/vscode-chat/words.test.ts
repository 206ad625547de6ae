// What VS Code's chat is told: hostile text does nothing there, results are bounded, and failures are of a kind.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { argumentsOf, errorKind, maxTokenText, tokensOf } from '../../../extension/vscode-chat/answer-words.ts';
import { changesAsked } from '../../../extension/vscode-chat/changes-asked.ts';
import { decisionWords, findingWords, hitWords } from '../../../extension/vscode-chat/chat-words.ts';
import { distinctPlaces } from '../../../extension/vscode-chat/distinct-places.ts';
import { ShownMarkdown } from '../../../extension/vscode-chat/shown-markdown.ts';
import type { SearchHit } from '../../../shared/protocol/search.ts';
import { inEnglish, type Translate } from '../../../shared/words/translate.ts';
import { root } from '../../architecture/sources.ts';

describe('an answer in Markdown', () => {
  const rows: [parts: string[], shown: string][] = [
    [['Look: ![x](https://a/b.png)'], 'Look: !\\[x](https://a/b.png)'],
    [['Look: !', '[x](https://a/b.png)'], 'Look: !\\[x](https://a/b.png)'],
    [['!', '!', '[x][y]'], '!!\\[x][y]'],
    [['Look: !\u200b', '[x](https://a/b.png)'], 'Look: !\\[x](https://a/b.png)'],
    [['!', '\u202e', '\u2060[x][y]'], '!\\[x][y]'],
    [['!\udb40', '\udc41[x][y]'], '!\\[x][y]'],
    [['Stop!'], 'Stop!'],
    [['a\u202eb', '\u200bc'], 'abc'],
    [['tag \udb40', '\udc41 gone'], 'tag  gone'],
    [['\ud83d', '\ude00'], '\u{1f600}'],
  ];
  for (const [parts, expected] of rows) {
    it(`fetches nothing and hides nothing, however it is cut: ${JSON.stringify(parts)}`, () => {
      const markdown = new ShownMarkdown();
      const shown = parts.map((part) => markdown.push(part)).join('');
      assert.equal(shown + markdown.end(), expected);
    });
  }
});

const hostile = '](command:x) ![p](https://a/b.png) <img src=x> `';
const hit: SearchHit = {
  kind: 'message',
  id: 'm',
  title: hostile,
  snippet: hostile.repeat(100),
  highlights: [],
  score: 1,
  by: ['text'],
  createdAt: 0,
};
const decision = {
  id: 'd',
  at: 0,
  model: 'lab/a',
  policy: 'best' as const,
  explicit: false,
  reason: 'Best answers',
  confidence: 1,
  alternatives: [],
  signals: [],
  candidates: [
    { id: 'lab/a', local: false },
    { id: 'lab/b', local: false, excluded: "it can't see pictures" },
  ],
};

describe("texts of others in VS Code's chat", () => {
  const texts: Record<string, string> = {
    'a hit': hitWords(hit),
    'a finding': findingWords({
      ...{ id: 'f', uri: 'file:///a', severity: 'error', category: 'x', message: hostile, evidence: hostile },
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
      ...{ source: hostile, confidence: 1 },
    }),
    'a reason': decisionWords({ ...decision, reason: hostile }),
  };
  for (const [what, text] of Object.entries(texts)) {
    it(`do nothing in ${what}`, () => assert.doesNotMatch(text, /(?<!\\)(?:!\[|\]\(|<img|`)/));
  }

  it('say who answered, why, and who could not', () => {
    const text = decisionWords({ ...decision, outcome: { cost: 0.04, durationMs: 1500 } }).replaceAll('\\', '');
    for (const words of [
      '**lab/a** answered: Best answers.',
      'Policy: best.',
      "lab/b: it can't see pictures",
      '1.5 s and $0.04',
    ])
      assert.ok(text.includes(words), text);
  });

  it('are framed by words in the language that they are asked in', () => {
    const german = JSON.parse(readFileSync(`${root}/l10n/bundle.l10n.de.json`, 'utf8')) as Record<string, string>;
    const inGerman: Translate = (text, ...values) => {
      assert.ok(text in german, text);
      return inEnglish(german[text] ?? text, ...values);
    };
    const text = decisionWords({ ...decision, outcome: { cost: 0.04, durationMs: 1500 } }, inGerman);
    assert.match(text.replaceAll('\\', ''), /^\*\*lab\/a\*\* hat geantwortet: /);
    for (const kind of ['message', 'code', 'memory', 'finding'] as const)
      assert.match(hitWords({ ...hit, kind }, inGerman), /^\*\*(?:Chat|Code|Erinnerung|Befund)\*\*/);
    const found = {
      id: 'f',
      uri: 'file:///a',
      category: 'x',
      message: 'm',
      evidence: 'e',
      source: 'tsc',
      confidence: 1,
    };
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
    for (const severity of ['error', 'warning', 'info', 'hint'] as const)
      assert.match(findingWords({ ...found, range, severity }, inGerman), /^\*\*(?:Fehler|Warnung|Hinweis|Tipp)\*\*/);
  });

  it('never call an unknown cost nothing', () => {
    assert.doesNotMatch(decisionWords(decision), /\$|It took/);
  });
});

describe('an answer for VS Code', () => {
  it('has the input of a tool as an object, or fails with a sentence', () => {
    assert.deepEqual(argumentsOf({ name: 'read', arguments: '{"a":1}' }), { a: 1 });
    assert.deepEqual(argumentsOf({ name: 'read', arguments: ' ' }), {});
    for (const written of ['{"a":', '7', 'null', '"text"'])
      assert.throws(
        () => argumentsOf({ name: 'read', arguments: written }),
        /used the tool "read" with input that isn't/,
      );
  });

  const kinds: [code: string, kind: string | undefined][] = [
    ['model-not-found', 'NotFound'],
    ['budget-reached', 'Blocked'],
    ['auth', 'NoPermissions'],
    ['network', undefined],
    ['toString', undefined],
  ];
  for (const [code, kind] of kinds) it(`fails as ${kind} at ${code}`, () => assert.equal(errorKind(code), kind));

  it('counts a long text in proportion, and images too', () => {
    assert.equal(tokensOf({ text: 'a', images: 0 }, 1), 1);
    assert.equal(tokensOf({ text: 'a'.repeat(2 * maxTokenText), images: 0 }, 10), 20);
    assert.equal(tokensOf({ text: '', images: 2 }, 0), 2000);
  });
});

describe('a review that is asked for in words', () => {
  const rows: [string, 'staged' | 'unstaged' | undefined][] = [
    ['', undefined],
    ['look at the loops', undefined],
    ['my changes', 'unstaged'],
    ['the unstaged ones', 'unstaged'],
    ['what I staged', 'staged'],
    ['Staged changes', 'staged'],
    ['meine Änderungen', 'unstaged'],
    ['die gestagten Änderungen', 'staged'],
    ['was nicht gestagt ist', 'unstaged'],
    ['Was ändert sich hier?', undefined],
  ];
  for (const [prompt, changes] of rows)
    it(`is of ${changes ?? 'a file'}: "${prompt}"`, () => assert.equal(changesAsked(prompt), changes));
});

describe('what a request names', () => {
  const lines = (start: number, end: number) => ({
    start: { line: start, character: 0 },
    end: { line: end, character: 0 },
  });
  it('counts once where it is named twice, and each part of a file counts', () => {
    const [whole, first, second] = [
      { uri: 'file:///a.ts' },
      { uri: 'file:///a.ts', range: lines(1, 3) },
      { uri: 'file:///a.ts', range: lines(7, 9) },
    ];
    assert.deepEqual(distinctPlaces([first, second, { ...first }, whole, { ...whole }]), [first, second, whole]);
  });
});
