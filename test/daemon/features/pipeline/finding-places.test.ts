// Findings in a document that is typed in: they stand at their code, and a keystroke searches nothing.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { anchorOffset } from '../../../../daemon/base/anchor.ts';
import { FindingPlaces } from '../../../../daemon/features/pipeline/finding-places.ts';
import type { Finding } from '../../../../daemon/features/pipeline/types.ts';

const lines = Array.from({ length: 200 }, (_, i) => `value_${i} = compute(${i})`);
const findings = Array.from({ length: 50 }, (_, i): Finding => {
  const range = { start: { line: i, character: 0 }, end: { line: i, character: lines[i]?.length ?? 0 } };
  return {
    id: `f${i}`,
    uri: 'untitled:a',
    range,
    severity: 'info',
    category: 'general',
    message: 'x',
    evidence: lines[i] ?? '',
    source: 'm',
    confidence: 1,
  };
});

function opened(text = lines.join('\n')) {
  let document = TextDocument.create('untitled:a', 'plaintext', 1, text);
  const work = { searches: 0 };
  const places = new FindingPlaces(document, (...args) => {
    work.searches++;
    return anchorOffset(...args);
  });
  const type = (line: number, character: number, text: string, removed = 0): void => {
    const range = { start: { line, character }, end: { line, character: character + removed } };
    document = TextDocument.update(document, [{ range, text }], document.version + 1);
  };
  const placed = () =>
    places.of(findings).map(({ id, range }) => `${id} ${range.start.line} ${document.getText(range)}`);
  return { places, type, placed, work };
}

const where = (shift: (i: number) => number, without: readonly number[] = []) =>
  findings.flatMap(({ id, evidence }, i) => (without.includes(i) ? [] : [`${id} ${i + shift(i)} ${evidence}`]));

describe('the places of findings', () => {
  const keystrokes: [string, number, number, string, (i: number) => number][] = [
    ['below all of them', 190, 3, 'z', () => 0],
    ['above all of them', 0, 0, '\n', () => 1],
    ['between them', 25, 0, 'new line\nanother\n', (i) => (i < 25 ? 0 : 2)],
    ['in an empty line of a CRLF paste', 10, 0, 'a\r\nb\r\n', (i) => (i < 10 ? 0 : 2)],
  ];
  for (const [what, line, character, text, shift] of keystrokes) {
    it(`follow typing ${what}, and search the document once for each finding`, () => {
      const { type, placed, work } = opened();
      placed();
      type(line, character, text);
      assert.deepEqual(placed(), where(shift));
      for (let i = 0; i < 20; i++) {
        type(150, 0, 'z');
        placed();
      }
      assert.equal(work.searches, findings.length);
    });
  }

  it('are computed once for a version', () => {
    const { places } = opened();
    assert.equal(places.of(findings), places.of(findings));
  });

  it('are left out while their code is gone, and back when it is', () => {
    const { type, placed } = opened();
    placed();
    type(7, 0, 'x', 1);
    assert.deepEqual(
      placed(),
      where(() => 0, [7]),
    );
    type(7, 0, 'v', 1);
    assert.deepEqual(
      placed(),
      where(() => 0),
    );
  });

  it('are found after several changes in one version', () => {
    const { type, placed } = opened();
    placed();
    type(30, 0, 'a\n');
    type(3, 0, 'b\nc\n');
    assert.deepEqual(
      placed(),
      where((i) => (i < 3 ? 0 : i < 30 ? 2 : 3)),
    );
  });
});
