// Whether what an edit put into a document is still there.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isKept } from '../../../extension/logic/kept-edit.ts';

describe('an edit', () => {
  const piece = 'const a = 1;\n\nconst b = 2;\n';
  it('is kept while every line of it stands in the document, however it is indented', () => {
    assert.ok(isKept('// top\r\n  const a = 1;\r\n  const b = 2;\r\n', [piece]));
    assert.ok(isKept('anything', ['']), 'a deletion leaves nothing to look for');
  });
  it('is not kept when a line of it has gone', () => {
    assert.ok(!isKept('const a = 1;', [piece]));
  });
});
