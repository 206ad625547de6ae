import assert from 'node:assert/strict';
import { it } from 'mocha';
import { toPath } from '../../../daemon/base/uri.ts';

it('only the URI of a file on this machine has a path', function () {
  if (process.platform === 'win32') this.skip();
  for (const [uri, path] of [
    ['file:///work/a%20b.ts', '/work/a b.ts'],
    ['file:///work/%C3%A9', '/work/é'],
    ['file://localhost/work', '/work'],
    ['file://server/share/a.ts', undefined],
    ['file:///a%2Fb', undefined], // a slash inside a name
    ['file:///%E0%A4%A', undefined],
    ['untitled:Untitled-1', undefined],
    ['vscode-remote://ssh/work', undefined],
    ['/work/a.ts', undefined],
    ['', undefined],
  ] as const)
    assert.equal(toPath(uri), path, uri);
});
