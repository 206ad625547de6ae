// Which finding comes next, and where one stands after its document was changed.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findingBeside, placeIn } from '../../../extension/review/finding-order.ts';
import { finding } from './findings.ts';

describe('the finding beside a place', () => {
  const findings = [
    finding({ id: 'b9', uri: 'file:///b.ts', line: 9 }),
    finding({ id: 'a2', uri: 'file:///a.ts', line: 2 }),
    finding({ id: 'a7', uri: 'file:///a.ts', line: 7 }),
  ];
  const at = (uri: string, line: number) => ({ uri: `file:///${uri}`, position: { line, character: 2 } });
  const cases: [string, ReturnType<typeof at> | undefined, next: string, previous: string][] = [
    ['before the first', at('a.ts', 0), 'a2', 'b9'],
    ['on one', at('a.ts', 2), 'a7', 'b9'],
    ['between two of a file', at('a.ts', 5), 'a7', 'a2'],
    ['after the last of a file', at('a.ts', 8), 'b9', 'a7'],
    ['after the last of all', at('b.ts', 10), 'a2', 'b9'],
    ['in a file without findings', at('ab.ts', 1), 'b9', 'a7'],
    ['without a place', undefined, 'a2', 'b9'],
  ];
  for (const [where, place, next, previous] of cases)
    it(`is ${next} and ${previous} ${where}`, () => {
      assert.equal(findingBeside(findings, place, 'next')?.id, next);
      assert.equal(findingBeside(findings, place, 'previous')?.id, previous);
    });
  it('is none where there are no findings', () => assert.equal(findingBeside([], undefined, 'next'), undefined));
});

describe("a finding's code in a changed text", () => {
  const cases: [string, string, number, number | undefined][] = [
    ['where it was', 'let a;\nlet a;', 7, 7],
    ['the nearest before', 'let a;\n\n\n\nlet a;', 3, 0],
    ['the nearest after', 'let a;\n\n\n\nlet a;', 9, 10],
    ['below, where lines came above it', '\n\n\nlet a;', 0, 3],
    ['nowhere, once it is gone', 'let b;', 0, undefined],
  ];
  for (const [where, text, wasAt, start] of cases)
    it(`is ${where}`, () => assert.equal(placeIn(text, 'let a;', wasAt)?.start, start));
});
