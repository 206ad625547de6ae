import assert from 'node:assert/strict';
import type { ContentBlock } from '@agentclientprotocol/sdk';
import { describe, it } from 'mocha';
import { promptOf } from '../../../../daemon/cli/acp/prompt.ts';

const text = (words: string): ContentBlock => ({ type: 'text', text: words });
const link: ContentBlock = { type: 'resource_link', name: 'a.ts', uri: 'file:///shop/a.ts' };

describe('prompts of the Agent Client Protocol', () => {
  const rows: [name: string, blocks: ContentBlock[], said: string][] = [
    ['a mention within a sentence', [text('See '), link, text(', please.')], 'See `/shop/a.ts`, please.'],
    ['blocks without spaces', [text('See'), link, text('please')], 'See `/shop/a.ts` please'],
    ['code as it is', [text('if x:\n    y\n')], 'if x:\n    y'],
    ['a page', [{ type: 'resource_link', name: 'page', uri: 'https://a.test/b' }], '`https://a.test/b`'],
  ];
  for (const [name, blocks, said] of rows)
    it(`keep ${name}`, () => assert.deepEqual(promptOf(blocks), { text: said, attachments: [] }));

  it('are refused where they hold what is neither text nor a picture', () => {
    const sound: ContentBlock = { type: 'audio', data: '', mimeType: 'audio/wav' };
    const bytes: ContentBlock = { type: 'resource', resource: { uri: 'file:///a.bin', blob: '' } };
    for (const block of [sound, bytes]) assert.throws(() => promptOf([text('x'), block]), /Only text and pictures/);
  });
});
