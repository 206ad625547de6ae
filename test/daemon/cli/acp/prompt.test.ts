import assert from 'node:assert/strict';
import type { ContentBlock } from '@agentclientprotocol/sdk';
import { describe, it } from 'mocha';
import { promptOf } from '../../../../daemon/cli/acp/prompt.ts';

const text = (words: string): ContentBlock => ({ type: 'text', text: words });
const isWindows = process.platform === 'win32';
const file = isWindows ? 'C:\\shop\\a.ts' : '/shop/a.ts';
const uri = isWindows ? 'file:///C:/shop/a.ts' : 'file:///shop/a.ts';
const link: ContentBlock = { type: 'resource_link', name: 'a.ts', uri };
const encodedFolder = encodeURIComponent(isWindows ? 'C:\\shop\\' : '/shop/');

describe('prompts of the Agent Client Protocol', () => {
  const rows: [name: string, blocks: ContentBlock[], said: string][] = [
    ['a mention within a sentence', [text('See '), link, text(', please.')], `See \`${file}\`, please.`],
    ['blocks without spaces', [text('See'), link, text('please')], `See \`${file}\` please`],
    ['code as it is', [text('if x:\n    y\n')], 'if x:\n    y'],
    ['lines of a file', [{ ...link, uri: `${uri}#L5:15` }], `\`${file}\` (lines 5-15)`],
    ['a line of a file', [{ ...link, uri: `${uri}?symbol=sum#L5:5` }], `\`${file}\` (line 5)`],
    [
      "an editor's own name of a file",
      [{ ...link, uri: `zed:///agent/file?path=${encodedFolder}a.ts` }],
      `\`${file}\``,
    ],
    [
      'a page that has a path in its query',
      [{ ...link, uri: 'https://a.test/?path=/etc' }],
      '`https://a.test/?path=/etc`',
    ],
    ['a page', [{ type: 'resource_link', name: 'page', uri: 'https://a.test/b' }], '`https://a.test/b`'],
  ];
  for (const [name, blocks, said] of rows)
    it(`keep ${name}`, () => assert.partialDeepStrictEqual(promptOf(blocks), { text: said, attachments: [] }));

  for (const spelling of ['file:///C:/shop/a%20b.ts', 'file:///c%3A/shop/a%20b.ts', 'FILE:///c:/shop/a%20b.ts'])
    it(`name a file on Windows that is linked as ${spelling}`, function () {
      if (!isWindows) this.skip(); // elsewhere C: is a folder's name
      const { text, links } = promptOf([{ ...link, uri: spelling }]);
      assert.deepEqual([text, links], ['`C:\\shop\\a b.ts`', [spelling]]);
    });

  it('name the files that are linked or attached, however an editor names them', () => {
    const own = `zed:///agent/selection?path=${encodedFolder}.env#L1:2`;
    const { attachments, links } = promptOf([link, { type: 'resource', resource: { uri: own, text: 'KEY=1' } }]);
    assert.deepEqual(links, [uri]);
    assert.deepEqual(attachments, [{ kind: 'file', uri: uri.replace('a.ts', '.env#L1:2'), text: 'KEY=1' }]);
  });

  it('are refused where they hold what is neither text nor a picture', () => {
    const sound: ContentBlock = { type: 'audio', data: '', mimeType: 'audio/wav' };
    const bytes: ContentBlock = { type: 'resource', resource: { uri: 'file:///a.bin', blob: '' } };
    for (const block of [sound, bytes]) assert.throws(() => promptOf([text('x'), block]), /Only text and pictures/);
  });
});
