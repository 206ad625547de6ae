// Places that answers cite: what is one, where it leads, and that a hostile answer makes no link that was not given to it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Attachment } from '../../../shared/protocol/chat.ts';
import { foundGroups, isPlace, preview } from '../../../webview/chat/message/attachment-parts.ts';
import { initialState } from '../../../webview/chat/state/state.ts';
import { update } from '../../../webview/chat/state/update.ts';
import { attachmentLabel } from '../../../webview/format.ts';
import {
  type Citable,
  citationOf,
  citationsIn,
  isUnasked,
  placeOf,
  Sources,
} from '../../../webview/markdown/citations.ts';

const code = (path: string, first: number, last: number): Attachment => ({
  kind: 'code',
  uri: `file:///w/${path}`,
  text: 'x',
  range: { start: { line: first - 1, character: 0 }, end: { line: last - 1, character: 1 } },
});
const cited = (text: string) => citationsIn(text).map(({ text: as, path, lines }) => [as, path, lines]);

describe('citations in a text', () => {
  it('are paths with lines', () => {
    assert.deepEqual(cited('See src/cart.ts:12, and `./src/my_lib.test.ts:3-9`.'), [
      ['src/cart.ts:12', 'src/cart.ts', [12, 12]],
      ['./src/my_lib.test.ts:3-9', 'src/my_lib.test.ts', [3, 9]],
    ]);
    assert.deepEqual(cited('(a.ts:L1-L4) Makefile:3 src/Makefile:3 .env.example:2'), [
      ['a.ts:L1-L4', 'a.ts', [1, 4]],
      ['src/Makefile:3', 'src/Makefile', [3, 3]],
      ['.env.example:2', '.env.example', [2, 2]],
    ]);
    assert.deepEqual(cited('as compilers do, src/a.ts:7:15'), [['src/a.ts:7:15', 'src/a.ts', [7, 7]]]);
    assert.deepEqual(cited('src/größe.ts:9–4'), [['src/größe.ts:9–4', 'src/größe.ts', [9, 9]]]);
  });
  it('are no addresses, hosts or times', () => {
    for (const text of [
      'http://evil.example/a.ts:12',
      'localhost:8080',
      'at 10:42',
      'note:3',
      'file:///etc/a.ts:1',
      'C:\\a\\b.ts:3',
      'ftp://a.ts:1',
    ])
      assert.deepEqual(cited(text), [], text);
  });
  it('may be the address of a Markdown link', () => {
    assert.deepEqual(citationOf('src/cart.ts#L12-L20')?.lines, [12, 20]);
    assert.deepEqual(
      [citationOf('src/cart.ts')?.path, citationOf('my%20src/a.ts:3')?.path],
      ['src/cart.ts', 'my src/a.ts'],
    );
    for (const address of [
      'javascript:alert(1)',
      'command:evil',
      'vscode://x/y',
      'https://a.example',
      '//evil.example/a.ts',
      'data:text/html,x',
      'file:///etc/passwd',
      'x',
      '#top',
    ])
      assert.equal(citationOf(address), undefined, address);
  });
  it('are found in time, however hostile the text', () => {
    for (const text of ['a/'.repeat(50_000), 'a.'.repeat(50_000), '(('.repeat(50_000), `${'a/'.repeat(5000)}x.ts:1`])
      assert.ok(citationsIn(text).length <= 1);
  });
});

describe('where a citation leads', () => {
  const citable: Citable = {
    attachments: [code('src/cart.ts', 1, 10), code('src/cart.ts', 40, 60), code('lib/src/cart.ts', 100, 120)],
    confirmed: { 'docs/a.md': 'file:///w/docs/a.md', 'gone.ts': undefined },
    isWhole: true,
  };
  const place = (text: string, of = citable) => {
    const [citation] = citationsIn(text);
    return citation && placeOf(citation, of);
  };
  it('is the attached file with these lines', () => {
    assert.deepEqual(place('src/cart.ts:45-50'), {
      uri: 'file:///w/src/cart.ts',
      range: { start: { line: 44, character: 0 }, end: { line: 50, character: 0 } },
    });
    assert.equal(
      place('src/cart.ts:110')?.uri,
      'file:///w/lib/src/cart.ts',
      'of several files the one whose lines are named',
    );
    assert.equal(place('cart.ts:3')?.uri, 'file:///w/src/cart.ts');
    assert.equal(place('art.ts:3'), undefined, 'a part of a name is no name');
  });
  it('is what the host has confirmed, and nothing else', () => {
    assert.equal(place('docs/a.md:2')?.uri, 'file:///w/docs/a.md');
    assert.equal(place('gone.ts:2'), undefined);
    assert.equal(place('src/other.ts:2'), undefined);
    assert.equal(place('/etc/passwd.conf:2', { attachments: [], confirmed: {}, isWhole: true }), undefined);
    const [diff] = [{ ...code('src/cart.ts', 1, 2), kind: 'diff' as const }];
    assert.equal(place('src/cart.ts:1', { attachments: diff ? [diff] : [], confirmed: {}, isWhole: true }), undefined);
    assert.equal(placeOf({ text: 'x', path: 'constructor', lines: undefined }, citable), undefined);
  });
  it('is asked of the host once, and never for what climbs out', () => {
    const unasked = (path: string) => isUnasked({ text: path, path, lines: [1, 1] }, citable);
    assert.deepEqual(
      [unasked('src/other.ts'), unasked('gone.ts'), unasked('../../etc/passwd.d')],
      [true, false, false],
    );
    const [asked, effects] = update(initialState, { type: 'paths-cited', paths: ['a.ts', 'b.ts'] });
    assert.deepEqual(effects, [{ kind: 'action', action: { kind: 'confirm-paths', paths: ['a.ts', 'b.ts'] } }]);
    assert.deepEqual(update(asked, { type: 'paths-cited', paths: ['a.ts'] })[1], []);
    const [confirmed] = update(asked, {
      type: 'confirmed-paths',
      places: [
        { path: 'a.ts', uri: 'file:///w/a.ts' },
        { path: 'unasked.ts', uri: 'file:///w/unasked.ts' },
      ],
    });
    assert.deepEqual(confirmed.confirmedPaths, { 'a.ts': 'file:///w/a.ts', 'b.ts': undefined });
  });
});

describe('what went along with a question', () => {
  it('is folded where it was found in numbers', () => {
    const { single, groups } = foundGroups([
      code('a.ts', 1, 2),
      code('b.ts', 1, 2),
      { ...code('c.ts', 1, 2), kind: 'symbol' },
      { kind: 'file', uri: 'file:///w/d.ts', text: '' },
    ]);
    assert.deepEqual(
      [single.map(attachmentLabel), groups.map(({ label }) => label)],
      [['c.ts:1-2', 'd.ts'], ['2 pieces of code']],
    );
  });
  it('is named by what it is, and opens only where it lies in a file', () => {
    assert.deepEqual(
      (['problems', 'diff', 'terminal'] as const).map((kind) => [
        attachmentLabel({ kind, uri: 'x:y', text: '' }),
        isPlace({ kind, uri: 'x:y' }),
      ]),
      [
        ['Problems', false],
        ['Changes', false],
        ['Terminal', false],
      ],
    );
    assert.deepEqual(
      [
        attachmentLabel({ kind: 'file', uri: 'dropped:my%20notes.txt', text: '' }),
        isPlace({ kind: 'file', uri: 'dropped:my%20notes.txt' }),
      ],
      ['my notes.txt', false],
    );
    assert.equal(isPlace(code('a.ts', 1, 2)), true);
  });
  it('is shown from its beginning', () => {
    assert.equal(preview('a\nb'), 'a\nb');
    assert.equal(preview('line\n'.repeat(20)).split('\n').length, 9);
  });
});

describe('sources of an answer', () => {
  const sources = new Sources([
    'https://nodejs.org/api/test.html#mocks',
    'http://docs.example:8080/a',
    'https://sub.docs.example/',
    'file:///etc/passwd',
    'nothing',
  ]);

  for (const [address, isRead] of [
    ['https://nodejs.org/api/test.html', true],
    ['https://NODEJS.org/api/test.html#other', true],
    ['https://nodejs.org/api/fs.html', false],
    ['https://nodejs.org/api/test.html?leak=1', false],
    ['http://docs.example:8080/a', true],
  ] as const)
    it(`are ${isRead ? 'pages that were read' : 'other pages of their sites'}: ${address}`, () => {
      assert.deepEqual(sources.of(address), { url: address, isRead });
    });

  for (const address of [
    'https://evil.example/nodejs.org',
    'https://nodejs.org.evil.example/',
    'https://evil-nodejs.org/',
    'https://nodejs.org@evil.example/',
    'http://docs.example/a',
    'javascript:nodejs.org',
    'file:///etc/passwd',
    'nodejs.org',
  ])
    it(`are not of a host that nothing was read from: ${address}`, () => {
      assert.equal(sources.of(address), undefined);
    });

  it('are the hosts that a text names by themselves', () => {
    const named = (text: string) => sources.in(text).map(({ text: as, url }) => [as, url]);
    assert.deepEqual(named('See nodejs.org, (sub.docs.example) and docs.example:8080.'), [
      ['nodejs.org', 'https://nodejs.org/api/test.html#mocks'],
      ['sub.docs.example', 'https://sub.docs.example/'],
      ['docs.example:8080', 'http://docs.example:8080/a'],
    ]);
    for (const text of [
      'evilnodejs.org',
      'nodejs.org.evil.example',
      'x@nodejs.org',
      'nodejs.org/evil',
      'nodejs.organic',
    ])
      assert.deepEqual(named(text), [], text);
    assert.deepEqual(new Sources([]).in('nodejs.org'), []);
  });
});
