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
    ['lines of a file', [{ ...link, uri: 'file:///shop/a.ts#L5:15' }], '`/shop/a.ts` (lines 5-15)'],
    ['a line of a file', [{ ...link, uri: 'file:///shop/a.ts?symbol=sum#L5:5' }], '`/shop/a.ts` (line 5)'],
    ["an editor's own name of a file", [{ ...link, uri: 'zed:///agent/file?path=%2Fshop%2Fa.ts' }], '`/shop/a.ts`'],
    [
      'a page that has a path in its query',
      [{ ...link, uri: 'https://a.test/?path=/etc' }],
      '`https://a.test/?path=/etc`',
    ],
    ['a page', [{ type: 'resource_link', name: 'page', uri: 'https://a.test/b' }], '`https://a.test/b`'],
  ];
  for (const [name, blocks, said] of rows)
    it(`keep ${name}`, () => assert.partialDeepStrictEqual(promptOf(blocks), { text: said, attachments: [] }));

  it('name the files that are linked or attached, however an editor names them', () => {
    const uri = 'zed:///agent/selection?path=%2Fshop%2F.env#L1:2';
    const { attachments, links } = promptOf([link, { type: 'resource', resource: { uri, text: 'KEY=1' } }]);
    assert.deepEqual(links, ['file:///shop/a.ts']);
    assert.deepEqual(attachments, [{ kind: 'file', uri: 'file:///shop/.env#L1:2', text: 'KEY=1' }]);
  });

  it('are refused where they hold what is neither text nor a picture', () => {
    const sound: ContentBlock = { type: 'audio', data: '', mimeType: 'audio/wav' };
    const bytes: ContentBlock = { type: 'resource', resource: { uri: 'file:///a.bin', blob: '' } };
    for (const block of [sound, bytes]) assert.throws(() => promptOf([text('x'), block]), /Only text and pictures/);
  });
});
