// What a previewed edit does to a text, and when it is refused.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { applyTextEdits, propose } from '../../../extension/logic/text-edits.ts';
import type { TextEdit } from '../../../shared/protocol/text.ts';

const replace = (from: [number, number], to: [number, number], newText: string): TextEdit => ({
  range: { start: { line: from[0], character: from[1] }, end: { line: to[0], character: to[1] } },
  newText,
});
const editOf = (version: number | null, ...edits: TextEdit[]) => ({
  documentChanges: [{ textDocument: { uri: 'file:///a.ts', version }, edits }],
});

describe('text edits', () => {
  it('apply together, whatever their order', () => {
    assert.equal(
      applyTextEdits('one\ntwo\nthree', [replace([2, 0], [2, 5], '3'), replace([0, 0], [0, 3], '1')]),
      '1\ntwo\n3',
    );
  });
  it('count columns in UTF-16, as LSP does', () => {
    assert.equal(applyTextEdits('a😀b', [replace([0, 3], [0, 4], 'c')]), 'a😀c');
  });
  it('take the line ends of the text', () => {
    assert.equal(applyTextEdits('a\r\nb\r\n', [replace([1, 0], [1, 1], 'x\ny')]), 'a\r\nx\r\ny\r\n');
  });
  it('stop at the end of a line and of the text', () => {
    assert.equal(applyTextEdits('a\r\nb', [replace([0, 99], [0, 99], '!')]), 'a!\r\nb');
    assert.equal(applyTextEdits('a', [replace([5, 0], [9, 0], '!')]), 'a!');
  });
  it('insert several texts at one place in their order', () => {
    assert.equal(applyTextEdits('ab', [replace([0, 1], [0, 1], '1'), replace([0, 1], [0, 1], '2')]), 'a12b');
  });
  it('are refused when they overlap', () => {
    assert.equal(applyTextEdits('abcd', [replace([0, 0], [0, 3], 'x'), replace([0, 2], [0, 4], 'y')]), undefined);
  });
});

describe('an edit to preview', () => {
  const document = { version: 4, text: 'a - b' };
  const plus = replace([0, 2], [0, 3], '+');

  it('is proposed for the version it was made for', () => {
    assert.deepEqual(propose(editOf(4, plus), document, 4), { kind: 'proposed', edits: [plus], text: 'a + b' });
    assert.equal(propose(editOf(null, plus), document, 4).kind, 'proposed');
  });
  it('is refused when the document moved since it was made', () => {
    assert.match(refusal(propose(editOf(3, plus), document, 4)), /changed after you asked/);
    assert.match(refusal(propose(editOf(null, plus), document, 3)), /changed after you asked/);
  });
  it('is proposed when the daemon moved it along with what was typed since it was asked for', () =>
    assert.equal(propose(editOf(4, plus), document, 3).kind, 'proposed'));
  it('is refused when it changes nothing, several files, or one place twice', () => {
    assert.match(refusal(propose(editOf(4, replace([0, 2], [0, 3], '-')), document, 4)), /nothing to change/);
    assert.match(
      refusal(
        propose(
          { documentChanges: [...editOf(4, plus).documentChanges, ...editOf(4, plus).documentChanges] },
          document,
          4,
        ),
      ),
      /covers more than one file/,
    );
    assert.match(refusal(propose({ documentChanges: [] }, document, 4)), /covers more than one file/);
    assert.match(refusal(propose(editOf(4, plus, replace([0, 1], [0, 4], '')), document, 4)), /overlap/);
  });
});

function refusal(proposal: ReturnType<typeof propose>): string {
  return proposal.kind === 'refused' ? proposal.sentence : `not refused: ${proposal.text}`;
}
