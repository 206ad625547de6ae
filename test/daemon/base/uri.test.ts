import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import { folderUri, oneSpelling, toPath, uriWithin } from '../../../daemon/base/uri.ts';

describe('the path of a URI', () => {
  it('is there only for a file on this machine', function () {
    if (process.platform === 'win32') this.skip();
    for (const [uri, path] of [
      ['file:///src/a%20b.ts', '/src/a b.ts'],
      ['file:///src/%C3%A9', '/src/é'],
      ['file://localhost/src', '/src'],
      ['file://server/share/a.ts', undefined],
      ['file:///a%2Fb', undefined], // a slash inside a name
      ['file:///%E0%A4%A', undefined],
      ['untitled:Untitled-1', undefined],
      ['vscode-remote://ssh/src', undefined],
      ['/src/a.ts', undefined],
      ['', undefined],
    ] as const)
      assert.equal(toPath(uri), path, uri);
  });

  it('on Windows has one spelling of its drive, however an editor writes it', function () {
    if (process.platform !== 'win32') this.skip();
    for (const [uri, path] of [
      ['file:///C:/src/a%20b.ts', String.raw`C:\src\a b.ts`],
      ['file:///c:/src/a.ts', String.raw`C:\src\a.ts`],
      ['file:///c%3A/src/a.ts', String.raw`C:\src\a.ts`],
      ['file:///C%3a/src/a.ts', String.raw`C:\src\a.ts`],
      ['file://localhost/c:/src', String.raw`C:\src`],
      ['file://server/share/a.ts', String.raw`\\server\share\a.ts`],
      ['file:///c:/a%5Cb', undefined], // a backslash inside a name
      ['file:///src/a.ts', undefined], // no drive
      ['vscode-remote://ssh/c:/src', undefined],
    ] as const)
      assert.equal(toPath(uri), path, uri);
  });

  it('on Windows compares as one URI what differs in the letters of a drive or a name', function () {
    if (process.platform !== 'win32') this.skip();
    const spellings = [
      'file:///C:/Src/A.ts',
      'file:///c%3A/src/a.ts',
      'FILE:///c:/SRC/a%2Ets',
      'file://localhost/c:/src/A.TS',
    ];
    assert.deepEqual([...new Set(spellings.map(oneSpelling))], ['file:///c:/src/a.ts']);
  });
});

describe('the URI of a file in a folder', () => {
  const folder = resolve('/shop/a (b)@c');
  for (const path of ['a.ts', 'src/100% #1?.ts', 'é/日本 語.ts', 'a:b.ts', '[id]/{x}~`^|.ts', '..a/"b".ts'])
    it(`is the one of its path: ${path}`, () => {
      assert.equal(uriWithin(pathToFileURL(folder).href, path), pathToFileURL(join(folder, path)).href);
    });

  it('is made of a folder of any system', () => {
    assert.equal(uriWithin('file:///shop', 'src/a.ts'), 'file:///shop/src/a.ts');
    assert.equal(uriWithin('file:///C:/shop/', 'a b.ts'), 'file:///C:/shop/a%20b.ts');
    assert.equal(uriWithin('file://server/share', 'a.ts'), 'file://server/share/a.ts');
  });
});

describe('the URI of a folder', () => {
  const plain = pathToFileURL(resolve('/shop/a (b)@c')).href;
  const spellings = [
    plain,
    `${plain}/`,
    plain.replace('@', '%40').replace('(', '%28'),
    plain.replace('shop', 'sh%6Fp'),
    plain.replace('file:///', 'FILE://localhost/'),
    plain.replace('/shop/', '/x/../shop/./'),
    ...(process.platform === 'win32' ? [plain.replace(/\/([A-Z]):/, (_, drive) => `/${drive.toLowerCase()}%3A`)] : []),
  ];
  for (const uri of spellings) it(`has one spelling: ${uri}`, () => assert.equal(folderUri(uri), plain));

  it('is kept where it is no file, and not there where no path can name it', () => {
    assert.equal(folderUri('vscode-vfs://github/a/b%40c'), 'vscode-vfs://github/a/b%40c');
    assert.equal(folderUri('file:///%E0%A4%A'), undefined);
  });
});
