import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { oneSpelling, toPath } from '../../../daemon/base/uri.ts';

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
