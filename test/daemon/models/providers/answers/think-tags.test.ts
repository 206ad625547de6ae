// Reasoning in tags within the text, by every way in which servers send it, is reasoning; whatever else has such a tag in it is text.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ThinkTags, withoutReasoning } from '../../../../../daemon/models/providers/answers/think-tags.ts';
import type { StreamPart } from '../../../../../daemon/models/providers/provider.ts';
import { adapters, collect, never, provide, request } from '../adapters.ts';

interface Told {
  text: string;
  reasoning: string;
}

function toldBy(parts: readonly Pick<StreamPart, 'kind'>[]): Told {
  let told: Told = { text: '', reasoning: '' };
  for (const part of parts as readonly StreamPart[]) {
    if (part.kind === 'text') told.text += part.text;
    if (part.kind === 'reasoning') told.reasoning += part.text;
    if (part.kind === 'thought') told = { text: '', reasoning: told.reasoning + told.text };
  }
  return told;
}

function read(pieces: readonly string[]): Told {
  const tags = new ThinkTags();
  return toldBy([...pieces.flatMap((piece) => tags.push(piece)), ...tags.end()]);
}

describe('reasoning in tags', () => {
  const cases: [what: string, answer: string, told: Told][] = [
    ['around it', '<think>hm</think>fine', { reasoning: 'hm', text: 'fine' }],
    ['on lines of their own', '\n<think>\nhm\n</think>\n\nfine\n', { reasoning: '\nhm\n', text: 'fine\n' }],
    ['by a longer name', '<thinking>hm</thinking>fine', { reasoning: 'hm', text: 'fine' }],
    ['in capitals', '<THINK>hm</THINK>fine', { reasoning: 'hm', text: 'fine' }],
    [
      'with a tag of another name in it',
      '<thought>a <b> c</think></thought>d',
      { reasoning: 'a <b> c</think>', text: 'd' },
    ],
    ['empty', '<think>\n\n</think>\n\nfine', { reasoning: '\n\n', text: 'fine' }],
    ['by a name with a colon', '<seed:think>hm</seed:think>fine', { reasoning: 'hm', text: 'fine' }],
    ['in brackets', '[THINK]a[1] = b[/THINK]fine', { reasoning: 'a[1] = b', text: 'fine' }],
    ['between triangles', '◁think▷hm◁/think▷fine', { reasoning: 'hm', text: 'fine' }],
    ['between bars', '<|begin_of_thought|>hm<|end_of_thought|>fine', { reasoning: 'hm', text: 'fine' }],
    ['never closed', '<think>hm, a < b', { reasoning: 'hm, a < b', text: '' }],
    ['never closed, with half a tag at the end', '<think>hm</thi', { reasoning: 'hm</thi', text: '' }],
    ['only closed', 'The user greets.</think>fine', { reasoning: 'The user greets.', text: 'fine' }],
    [
      'only closed, with code in it',
      'Use `a<b>` here.\n</think>\n\nfine',
      { reasoning: 'Use `a<b>` here.\n', text: 'fine' },
    ],
    ['only closed, after a quotation', 'They say "hi"</think>fine', { reasoning: 'They say "hi"', text: 'fine' }],
    ['only closed, at the very end', 'hm</think>', { reasoning: 'hm', text: '' }],
  ];
  for (const [what, answer, told] of cases) {
    it(`${what} is no part of the answer, wherever it is split`, () => {
      assert.deepEqual(read([answer]), told);
      assert.deepEqual(read([...answer]), told, 'character by character');
      for (let at = 1; at < answer.length; at++)
        assert.deepEqual(read([answer.slice(0, at), answer.slice(at)]), told, `split at ${at}`);
    });
  }

  const texts = [
    'fine',
    '',
    '  ',
    'a < b and c <= d, <thi',
    '<thin line>',
    '[1] is a reference, [/think] is none.',
    'The tag `</think>` closes what `<think>` opens.',
    'It writes "</think>" at the end.',
    '```html\n<p>a</p>\n</think>\n```\nThat is it.',
    '{"findings":[{"quote":"</think>"}]}',
    'First <think>, then </think>.',
  ];
  for (const text of texts) {
    it(`is not seen in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(read([text]), { text, reasoning: '' });
      assert.deepEqual(read([...text]), { text, reasoning: '' });
    });
  }

  it('holds no text back that cannot be a tag', () => {
    const tags = new ThinkTags();
    assert.deepEqual(tags.push('one '), [{ kind: 'text', text: 'one ' }]);
    assert.deepEqual(tags.push('a < b'), [{ kind: 'text', text: 'a < b' }]);
  });

  it('does not go back to a model', () => {
    assert.equal(withoutReasoning('<think>hm</think>\nfine'), 'fine');
    assert.equal(withoutReasoning('hm</think>\nfine'), 'fine');
    assert.equal(withoutReasoning('<think>cut'), '');
    assert.equal(withoutReasoning('a <b> c'), 'a <b> c');
  });
});

for (const adapter of adapters) {
  describe(`${adapter.name}: reasoning in tags`, () => {
    it('is told apart from the answer', async () => {
      await using server = await adapter.start({ reply: { text: ['<thi', 'nk>h', 'm</thin', 'k>\n', '\nfi', 'ne'] } });
      const parts = await collect(provide(adapter, server.url).stream(request(), never));
      assert.deepEqual(toldBy(parts), { reasoning: 'hm', text: 'fine' });
    });

    it('that is only closed makes reasoning of all that came before', async () => {
      await using server = await adapter.start({ reply: { text: ['hm', '</think>', 'fine'] } });
      const parts = await collect(provide(adapter, server.url).stream(request(), never));
      assert.deepEqual(toldBy(parts), { reasoning: 'hm', text: 'fine' });
    });

    it('is not sent back with an earlier answer', async () => {
      await using server = await adapter.start();
      const messages = [
        { role: 'user' as const, content: 'Hello?' },
        { role: 'assistant' as const, content: '<think>secretly</think>Yes.' },
        { role: 'user' as const, content: 'Sure?' },
      ];
      await collect(provide(adapter, server.url).stream(request({ messages }), never));
      const sent = JSON.stringify(server.chats[0]?.body);
      assert.doesNotMatch(sent, /secretly|think/);
      assert.match(sent, /Yes\./);
    });
  });
}
