import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toPath } from '../../../daemon/base/uri.ts';

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
});
