// A list that is read piece by piece gives the same elements wherever it is cut, and holds no more than one of them.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { elementsOf } from '../../../daemon/transfer/elements.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function read(text: string, size = text.length || 1, maxLength = 1000): Promise<string[]> {
  const found: string[] = [];
  for await (const element of elementsOf(inPieces(text, size), { key: 'chats', maxLength }))
    found.push('text' in element ? element.text : element.problem);
  return found;
}

describe('elements of a list', () => {
  const values = [1, 'a,]}"\\', { a: [1, { b: ']' }] }, [], [[1], [2]], null, { chats: [1] }, 'ä😀'];
  const elements = values.map((value) => JSON.stringify(value));

  it('are the same wherever the text is cut, at the root and under a key', async () => {
    const atRoot = `\ufeff [ ${elements.join(' ,\n')} ]\n`;
    const underKey = `{ "format": "x", "other": ["chats", [1]], "inner": {"chats": [9]}, "said": "\\"chats\\":[", "chats" : [${elements.join(',')}], "more": [8] }`;
    for (const text of [atRoot, underKey, JSON.stringify({ version: 1, chats: values }, null, 2)]) {
      for (const size of [1, 2, 3, 7, text.length])
        assert.deepEqual(
          (await read(text, size)).map((element) => JSON.parse(element) as unknown),
          values,
          `${size} of ${text}`,
        );
    }
  });

  it('are none where there is no list', async () => {
    for (const text of [
      '',
      '7',
      '"[1]"',
      '{}',
      '[]',
      '[ ]',
      '{"chats": {"a": [1]}}',
      '{"a": "chats", "b": [1]}',
      '{"chats": "x", "b": [1]}',
      ']',
      '}[1]',
    ])
      assert.deepEqual(await read(text), [], text);
  });

  it('that are too long are told and not held, and the next ones are read', async () => {
    const text = `["${'x'.repeat(5000)}", "y", {"a":"${'z'.repeat(5000)}"}, 1]`;
    for (const size of [10, 999, text.length])
      assert.deepEqual(await read(text, size, 100), ['too-long', '"y"', 'too-long', '1']);
  });

  it('before the place where a text was cut are read, and the cut is told', async () => {
    const text = JSON.stringify([{ a: 1 }, { b: 'long' }]);
    for (let end = 1; end < text.length; end++)
      assert.deepEqual((await read(text.slice(0, end))).at(-1), 'cut-off', text.slice(0, end));
    assert.deepEqual(await read(text.slice(0, -1)), ['{"a":1}', 'cut-off']);
  });
});
