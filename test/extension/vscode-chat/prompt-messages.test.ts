// VS Code's chat messages as the daemon takes them: everything in them is sent, or is an error.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { measure, toPromptMessages } from '../../../extension/vscode-chat/prompt-messages.ts';
import type { PromptMessage } from '../../../shared/protocol/answer.ts';

const [user, assistant, system] = [1, 2, 3];
const text = (value: string) => ({ value, audience: undefined });
const data = (mimeType: string, bytes: string) => ({ mimeType, data: new TextEncoder().encode(bytes) });
const call = { callId: 'c1', name: 'read', input: { path: 'a.ts' } };
const result = (...content: unknown[]) => ({ callId: 'c1', content });

function prompt(role: number | undefined, ...content: unknown[]): PromptMessage[] {
  return toPromptMessages([{ role: role as never, content }], () => undefined);
}

describe('a message of VS Code', () => {
  const rows: [what: string, message: PromptMessage[], expected: PromptMessage[]][] = [
    ["the user's text", prompt(user, text('a'), text('b')), [{ role: 'user', content: 'a\nb' }]],
    ["the model's text", prompt(assistant, text('a')), [{ role: 'assistant', content: 'a' }]],
    [
      "the model's text in the pieces in which it came",
      prompt(assistant, text('In the '), text('yard.')),
      [{ role: 'assistant', content: 'In the yard.' }],
    ],
    ["VS Code's own instructions", prompt(system, text('a')), [{ role: 'system', content: 'a' }]],
    [
      'an image',
      prompt(user, text('What?'), data('image/png', 'image')),
      [{ role: 'user', content: 'What?', images: [{ mediaType: 'image/png', data: 'aW1hZ2U=' }] }],
    ],
    ['a text as data', prompt(user, data('text/plain', 'hé')), [{ role: 'user', content: 'hé' }]],
    ['JSON as data', prompt(user, data('application/json', '{}')), [{ role: 'user', content: '{}' }]],
    [
      'a tool call',
      prompt(assistant, text('I look.'), call),
      [
        {
          role: 'assistant',
          content: 'I look.',
          toolCalls: [{ id: 'c1', name: 'read', arguments: '{"path":"a.ts"}' }],
        },
      ],
    ],
    [
      "a tool's result",
      prompt(user, result(text('const a = 1;'))),
      [{ role: 'tool', toolCallId: 'c1', content: 'const a = 1;' }],
    ],
    [
      'an image in a result, as the user shows it',
      prompt(user, result(text('seen'), data('image/png', 'image'))),
      [
        { role: 'tool', toolCallId: 'c1', content: 'seen' },
        { role: 'user', content: '', images: [{ mediaType: 'image/png', data: 'aW1hZ2U=' }] },
      ],
    ],
    [
      'a result that is made of elements',
      prompt(user, result({ value: { node: { children: [{ text: 'one ' }, { children: [{ text: 'two' }] }] } } })),
      [{ role: 'tool', toolCallId: 'c1', content: 'one two' }],
    ],
    ["VS Code's own marks", prompt(user, text('a'), data('cache_control', 'x')), [{ role: 'user', content: 'a' }]],
    [
      "a model's reasoning, which is not sent back",
      prompt(assistant, { value: 'hm', id: 't', metadata: undefined }, text('a')),
      [{ role: 'assistant', content: 'a' }],
    ],
    ['nothing', prompt(user), [{ role: 'user', content: '' }]],
  ];
  for (const [what, message, expected] of rows) {
    it(`may be ${what}`, () => assert.deepEqual(message, expected));
  }

  for (const part of [data('application/pdf', '%PDF'), data('audio/wav', 'RIFF'), { unknown: true }, null, 7]) {
    it(`is refused where no model can be sent it: ${JSON.stringify(part)?.slice(0, 40)}`, () => {
      assert.throws(() => prompt(user, part), /^Error: Switchyard can't send .*Remove the attachment/);
    });
  }

  it('gives a call the signature that its provider wants back', () => {
    const messages = toPromptMessages([{ role: assistant as never, content: [call] }], (id) => `signed ${id}`);
    assert.deepEqual(messages, [
      {
        role: 'assistant',
        content: '',
        toolCalls: [{ id: 'c1', name: 'read', arguments: '{"path":"a.ts"}', signature: 'signed c1' }],
      },
    ]);
  });

  it('is measured with all that it holds', () => {
    const content = [text('a'), call, result(text('b'), data('image/png', 'i'))];
    assert.deepEqual(measure(content), { text: 'a\nread {"path":"a.ts"}\nb', images: 1 });
  });
});
