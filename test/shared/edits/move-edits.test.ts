// Edits of a text that has changed since: every change beside them moves them, every change in them voids them.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { applyTextEdits } from '../../../extension/logic/text-edits.ts';
import { moveEdits } from '../../../shared/edits/move-edits.ts';

const text = 'let a = 1;\nlet b = 2;\nlet c = 3;\n';
const edits = [{ range: { start: { line: 1, character: 8 }, end: { line: 1, character: 9 } }, newText: '20' }];

describe('edits of a text that has changed', () => {
  const beside: [string, string][] = [
    ['a line above', text.replace('let a', '// first\nlet a')],
    ['a line above that is gone', text.replace('let a = 1;\n', '')],
    ['a line below', `${text}let d = 4;\n`],
    ['the line of the edit, before it', text.replace('let b', 'const b')],
    ['the line of the edit, behind it', text.replace('2;', '2; // two')],
    ['the same line above once more', `let b = 2;\n${text}`],
    ['CRLF above', `// x\r\n${text}`],
  ];
  for (const [what, after] of beside) {
    it(`move with ${what}`, () => {
      const moved = moveEdits(edits, text, after);
      const place = after.lastIndexOf('b = 2') + 4;
      assert.equal(moved && applyTextEdits(after, moved), `${after.slice(0, place)}20${after.slice(place + 1)}`);
    });
  }
  for (const after of [text.replace('2', '3'), text.replace('b = 2', 'b = 22'), text.replace('let b = 2;\n', ''), ''])
    it(`are void in ${JSON.stringify(after)}`, () => {
      const moved = moveEdits(edits, text, after);
      assert.ok(moved === undefined || after.includes('b = 22'), 'what they replace is gone');
    });
});
