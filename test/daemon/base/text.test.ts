// Positions, ranges and quotes in text: LSP's lines and UTF-16 columns, whatever the line ends and characters are.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { anchor } from '../../../daemon/base/anchor.ts';
import { lineStarts, offsetAt, positionAt, textIn } from '../../../daemon/base/snippet.ts';
import { randomNumbers } from '../../fakes/gguf-file.ts';

const samples = ['', 'one', 'one\n', 'a\r\nb\rc\nd', '\r\n\r\n', 'ä😀b\nc😀', '\r', '\n\r', 'tab\there\r\r\n'];

describe('positions', () => {
  it('agree with the LSP library for every offset of texts with every kind of line end', () => {
    for (const text of samples) {
      const document = TextDocument.create('a', 'b', 1, text);
      assert.equal(lineStarts(text).length, document.lineCount, JSON.stringify(text));
      for (let offset = 0; offset <= text.length; offset++) {
        if (text[offset - 1] === '\r' && text[offset] === '\n') continue; // between them there is no position
        assert.deepEqual(positionAt(text, offset), document.positionAt(offset), `${JSON.stringify(text)} at ${offset}`);
        assert.equal(offsetAt(text, positionAt(text, offset)), offset);
      }
    }
  });

  it('beyond a line or the text are clamped', () => {
    assert.equal(offsetAt('ab\ncd', { line: 9, character: 0 }), 5);
    assert.equal(offsetAt('ab\ncd', { line: 1, character: 99 }), 5);
    assert.ok(offsetAt('ab\ncd', { line: 0, character: 99 }) <= 3);
    assert.deepEqual(positionAt('ab', 99), { line: 0, character: 2 });
    assert.deepEqual(positionAt('ab', -1), { line: 0, character: 0 });
  });

  it('ranges count surrogates as two columns', () => {
    assert.equal(textIn('a😀b\r\nc', { start: { line: 0, character: 1 }, end: { line: 0, character: 3 } }), '😀');
    assert.equal(textIn('a😀b\r\nc', { start: { line: 0, character: 3 }, end: { line: 1, character: 1 } }), 'b\r\nc');
  });
});

describe('anchor', () => {
  const rangeOf = (text: string, offset: number, length: number) => ({
    start: positionAt(text, offset),
    end: positionAt(text, offset + length),
  });

  it('finds evidence where it stood, moved up or down, and not when it is gone', () => {
    const text = 'x\ny\nfind me\nz\n';
    const before = rangeOf(text, 4, 7);
    assert.deepEqual(anchor(text, 'find me', before), before);
    assert.deepEqual(anchor(`new\n${text}`, 'find me', before)?.start, { line: 3, character: 0 });
    assert.deepEqual(anchor('find me', 'find me', before)?.start, { line: 0, character: 0 });
    assert.equal(anchor('gone', 'find me', before), undefined);
    assert.equal(anchor(text, '', before), undefined);
  });

  it('of several takes the nearest to where it stood', () => {
    const random = randomNumbers(3);
    for (let round = 0; round < 200; round++) {
      const text = Array.from({ length: 60 }, () => (random() < 0.2 ? 'Q' : random() < 0.2 ? '\n' : '.')).join('');
      const wanted = Math.floor(random() * text.length);
      const found = anchor(text, 'Q', rangeOf(text, wanted, 1));
      const distances = [...text.matchAll(/Q/g)].map(({ index }) => Math.abs(index - wanted));
      if (distances.length === 0) assert.equal(found, undefined);
      else
        assert.equal(
          Math.abs(offsetAt(text, found?.start ?? { line: 0, character: 0 }) - wanted),
          Math.min(...distances),
        );
    }
  });
});
