// An answer that goes on, by a server that would begin another one: both parts together are the text as if it had never been cut.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { withGoingOn } from '../../../../../daemon/models/providers/answers/going-on.ts';
import type { ModelRequest, Provider, StreamPart } from '../../../../../daemon/models/providers/provider.ts';
import { collect, never } from '../adapters.ts';

interface Asked {
  request: ModelRequest | undefined;
  parts: StreamPart[];
}

async function goOn(begun: string, answer: readonly (string | StreamPart)[], goesOn = false): Promise<Asked> {
  const asked: Asked = { request: undefined, parts: [] };
  const provider: Provider = {
    name: 'words',
    local: false,
    goesOn,
    listModels: async () => [],
    embed: async () => [],
    async *stream(request) {
      asked.request = request;
      for (const part of answer) yield typeof part === 'string' ? { kind: 'text', text: part } : part;
      yield { kind: 'finish', reason: 'stop' };
    },
  };
  const messages = [
    { role: 'user', content: 'Why?' },
    { role: 'assistant', content: begun },
  ] as const;
  asked.parts = await collect(withGoingOn(provider).stream({ model: 'm', messages }, never));
  return asked;
}

const textOf = (parts: readonly StreamPart[]): string =>
  parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');

describe('an answer that goes on in words', () => {
  const prose = 'The quick brown fox jumps over the lazy dog, and then it';
  const code = 'function add(a, b) {\n  return ';
  const rows: [what: string, begun: string, answer: string, whole: string][] = [
    ['repeated last words', prose, `${prose} sleeps.`, `${prose} sleeps.`],
    ['a word that was cut', 'It is impl', 'It is implemented.', 'It is implemented.'],
    ['the end of the last words alone', prose, 'the lazy dog, and then it sleeps.', `${prose} sleeps.`],
    ['no repetition', prose, ' sleeps.', `${prose} sleeps.`],
    ['a word that only looks repeated', prose, ' items', `${prose} items`],
    ['space before the repetition', prose, `\n\n${prose} sleeps.`, `${prose} sleeps.`],
    ['code, whose end is a space', code, 'function add(a, b) {\n  return a + b;\n}', `${code}a + b;\n}`],
    ['a line that had ended', 'One.\n', 'One.\nTwo.', 'One.\nTwo.'],
    ['a paragraph that had not', 'One.\n', 'One.\n\nTwo.', 'One.\n\nTwo.'],
    ['nothing but the repetition', prose, prose, prose],
    ['nothing', prose, '', prose],
    ['text without spaces', '你好，世界。今天', '你好，世界。今天天气很好。', '你好，世界。今天天气很好。'],
    ['a very long text', 'word '.repeat(400), `${'word '.repeat(12)}end`, `${'word '.repeat(400)}end`],
  ];
  for (const [what, begun, answer, whole] of rows)
    it(`is one text with ${what}, however it's cut into parts`, async () => {
      for (const size of [1, 7, 1000]) {
        const pieces = answer.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
        assert.equal(begun + textOf((await goOn(begun, pieces)).parts), whole, `parts of ${size}`);
      }
    });

  it('is asked for with the last words, after the answer itself', async () => {
    const { request } = await goOn(prose, []);
    assert.deepEqual(
      request?.messages.map(({ role }) => role),
      ['user', 'assistant', 'user'],
    );
    assert.ok(request?.messages.at(-1)?.content.endsWith(prose));
  });

  it('keeps what else comes, and what turns out to be reasoning', async () => {
    const { parts } = await goOn('One, two', [
      { kind: 'reasoning', text: 'hm' },
      'One, tw',
      { kind: 'thought' },
      'One, two, three',
    ]);
    assert.deepEqual(parts, [
      { kind: 'reasoning', text: 'hm' },
      { kind: 'reasoning', text: 'One, tw' },
      { kind: 'text', text: ', three' },
      { kind: 'finish', reason: 'stop' },
    ]);
  });

  it('is left to a server that goes on by itself', async () => {
    const { request, parts } = await goOn('One', ['One more'], true);
    assert.equal(request?.messages.length, 2);
    assert.equal(textOf(parts), 'One more');
  });
});
