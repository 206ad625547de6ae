// What completion is measured with: holes that are real code, the same ones each time, and scores that say what they claim.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { byFile, type CodeFile, type Hole, holeKinds, holesIn } from '../../../../daemon/cli/eval/completion-holes.ts';
import {
  type FilledHole,
  repeatsWhatFollows,
  scoresOf,
  similarityOf,
} from '../../../../daemon/cli/eval/completion-scores.ts';
import { createRandom } from '../../../../daemon/models/router/learn/random.ts';

const functions = (end: string) =>
  Array.from({ length: 30 }, (_, i) =>
    [
      `function step${i}(value) {`,
      `  const doubled = value * ${i + 1};`,
      '  return call(doubled, value);',
      '}',
      '',
    ].join(end),
  ).join(end);
const files: CodeFile[] = [
  { path: 'a.js', language: 'javascript', text: functions('\n') },
  { path: 'b.js', language: 'javascript', text: functions('\r\n') },
  {
    path: 'c.py',
    language: 'python',
    text: Array.from({ length: 30 }, (_, i) => `def step${i}(value):\n    return value + ${i}\n`).join('\n'),
  },
];

describe('holes in code', () => {
  const holes = holesIn(files, 90, createRandom(1));

  it('are the same for the same files', () => {
    assert.deepEqual(holesIn(files, 90, createRandom(1)), holes);
    assert.notDeepEqual(holesIn(files, 90, createRandom(2)), holes);
  });

  it('are of every kind and language, each at a place of its own', () => {
    assert.equal(holes.length, 90);
    for (const kind of holeKinds) assert.equal(holes.filter((hole) => hole.kind === kind).length, 30, kind);
    for (const { path } of files)
      assert.ok(
        holes.some((hole) => hole.path === path),
        path,
      );
    assert.equal(new Set(holes.map(({ path, before }) => `${path}:${before.length}`)).size, holes.length);
  });

  it('leave the file as it was when they are filled with what was there', () => {
    for (const { path, before, truth, after } of holes) {
      assert.equal(before + truth + after, files.find((file) => file.path === path)?.text);
      assert.notEqual(truth.trim(), '');
      assert.doesNotMatch(truth, /\r$/);
    }
  });

  it('have nothing but what editors close by themselves after them on their line', () => {
    for (const { after } of holes) assert.match(after.split('\n')[0] ?? '', /^[\])}'"`;,]*\r?$/);
  });

  it('have no closer after them whose opener is in the hole: no editor writes that', () => {
    const count = (text: string, bracket: string): number => text.split(bracket).length - 1;
    for (const { truth, after } of holes.filter(({ after }) => after.split('\n')[0]?.trim() !== ''))
      assert.ok(count(truth, '(') <= count(truth, ')'), `${truth} before ${after.split('\n')[0]}`);
  });

  it('are filled file by file, each from its beginning, so that little is read again', () => {
    const ordered = byFile(holes);
    assert.deepEqual(new Set(ordered), new Set(holes));
    const starts = ordered.filter(({ path, before }, i) => {
      const last = ordered[i - 1];
      return last?.path !== path || last.before.length > before.length;
    });
    assert.equal(starts.length, files.length);
  });

  it('are fewer where there are no more places', () => {
    assert.deepEqual(holesIn([], 10, createRandom(1)), []);
    assert.ok(
      holesIn([{ path: 'a.js', language: 'javascript', text: 'const a = 1;\n' }], 10, createRandom(1)).length < 10,
    );
  });
});

describe('scores of completion', () => {
  const rows: [a: string, b: string, similarity: number][] = [
    ['', '', 1],
    ['same', 'same', 1],
    ['kitten', 'sitting', 1 - 3 / 7],
    ['', 'four', 0],
  ];
  for (const [a, b, similarity] of rows)
    it(`take "${a}" and "${b}" for ${similarity.toFixed(2)} similar`, () =>
      assert.ok(Math.abs(similarityOf(a, b) - similarity) < 1e-9));

  const hole = (before: string, truth: string, after: string): Hole => ({
    ...{ path: 'a.js', language: 'javascript', kind: 'end', before, truth, after },
  });
  const inCall = hole('call(', 'a, b', ');\nnext(one);\n');
  const inBody = hole('if (a) {\n  ', 'first();', '\n}\n');
  const repeats: [what: string, hole: Hole, suggestion: string, repeats: boolean][] = [
    ['a closer that follows', inCall, 'a, b)', true],
    ['a brace that follows below', inBody, 'first();\n}', true],
    ['the line that follows', hole('call(', 'a);', '\nnext(one);\n'), 'a);\nnext(one);', true],
    ['a closer of its own', inCall, 'f(a), b', false],
    ['a closer that was there', hole('call(', 'a))', '\n)\n'), 'b))', false],
    ['a line that stood twice', hole('', 'next(one);', '\nnext(one);\n'), 'next(one);', false],
  ];
  for (const [what, hole, suggestion, expected] of repeats)
    it(`${expected ? 'count' : 'do not count'} ${what} as a repetition`, () =>
      assert.equal(repeatsWhatFollows(suggestion, hole), expected));

  it('are shares of all holes, and times of the suggestions', () => {
    const filled = (rest: Partial<FilledHole>): FilledHole => ({
      ...{ language: 'go', kind: 'line', isExact: false, similarity: 0, repeats: false, latencyMs: 900 },
      ...rest,
    });
    const scores = scoresOf([
      filled({ model: 'a/b', isExact: true, similarity: 1, latencyMs: 10, faults: { without: 0, with: 0, truth: 0 } }),
      filled({
        model: 'a/b',
        similarity: 0.5,
        latencyMs: 20,
        faults: { without: 0, with: 2, truth: 0 },
        repeats: true,
      }),
      filled({ model: 'a/b', similarity: 0.5, latencyMs: 30, faults: { without: 3, with: 3, truth: 3 } }),
      filled({}),
    ]);
    assert.deepEqual(scores, {
      ...{ holes: 4, suggested: 3, exact: 0.25, similarity: 0.5, parses: 0.5, worse: 1, repeats: 1, medianMs: 20 },
    });
  });
});
