// A finding is known again when it is told in other words, quotes more, or has moved; another finding is not taken for it.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { positionAt } from '../../../../../daemon/base/snippet.ts';
import { likeness, locate, placeOf, surroundingsOf } from '../../../../../daemon/features/pipeline/memory/identity.ts';
import { type ReviewTarget, targetOf } from '../../../../../daemon/features/pipeline/target.ts';
import type { Finding } from '../../../../../daemon/features/pipeline/types.ts';
import { snippetOf } from '../parts.ts';
import { flaws, type ToldFlaw } from './flaws.ts';

/** Numbers from 0 to below 1, the same ones each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
const random = seeded(7);
const below = (count: number): number => Math.floor(random() * count);
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;

const names = ['load', 'store', 'send', 'merge', 'parse', 'price', 'render', 'check', 'sync', 'print'];
/** A function of a few lines that say nothing of the flaw, around it. */
const unit = (name: string, code: string): string[] => [
  `export function ${name}(${name}Input) {`,
  `  const ${name}State = prepare(${name}Input);`,
  `  ${code}`,
  `  report('${name}', ${name}State);`,
  `  return ${name}State.value;`,
  '}',
  '',
];
const filler = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `const filler${below(1e6)} = ${i};`);
const documentOf = (...lines: (string | string[])[]): ReviewTarget => targetOf(snippetOf(lines.flat().join('\n')));

/** A finding on the nth place with this code. */
function told(
  target: ReviewTarget,
  evidence: string,
  [category, message]: readonly [string, string],
  nth = 0,
): Finding {
  const { text, uri } = target.snippet;
  let start = text.indexOf(evidence);
  for (let i = 0; i < nth; i++) start = text.indexOf(evidence, start + 1);
  assert.ok(start >= 0, `${evidence} stands in the document`);
  const range = { start: positionAt(text, start), end: positionAt(text, start + evidence.length) };
  return { id: '', uri, range, severity: 'error', category, message, evidence, source: 'lab/tiny', confidence: 0.5 };
}

function isKnownAgain(before: [ReviewTarget, Finding], now: [ReviewTarget, Finding]): boolean {
  const place = locate(now[0], { finding: before[1], surroundings: surroundingsOf(...before) });
  const next = { finding: now[1], place: placeOf(...now) };
  return place !== undefined && likeness({ finding: before[1], place }, next) > 0;
}

type Pair = [what: string, before: [ReviewTarget, Finding], now: [ReviewTarget, Finding]];

function partOf(code: string): string {
  const words = code.replace(/[;{]\s*$/, '').split(' ');
  return words.length < 3 ? code : words.slice(below(2)).join(' ');
}

/** The document of before and what it became: moved, edited elsewhere, indented anew. */
function changed(flaw: ToldFlaw): [ReviewTarget, ReviewTarget, what: string] {
  const [name, other] = [pick(names), 'other'];
  const own = unit(name, flaw.code);
  const before = documentOf(filler(3), own, unit(other, 'log(1);'));
  const [what, after] = pick([
    ['stays', before],
    ['moves down', documentOf(filler(40), own, unit(other, 'log(1);'))],
    ['moves behind another function', documentOf(unit(other, 'log(1);'), filler(5), own)],
    [
      'is indented',
      documentOf(
        filler(3),
        own.map((line) => `\t${line}`),
        unit(other, 'log(1);'),
      ),
    ],
    ['has a line put before it', documentOf(filler(3), own.toSpliced(2, 0, '  trace(1);'), unit(other, 'log(1);'))],
    ['loses what stood around it', documentOf(`  ${flaw.code}`, filler(4))],
    ['has a twin now', documentOf(filler(3), own, unit(other, flaw.code))],
  ] as const);
  return [before, after, what];
}

function samePairs(): Pair[] {
  return flaws.flatMap((flaw) =>
    flaw.told.flatMap((first) =>
      flaw.told.map((second): Pair => {
        const [before, after, what] = changed(flaw);
        const wide = (target: ReviewTarget): string => {
          const { text } = target.snippet;
          const at = text.indexOf(flaw.code);
          return text.slice(text.lastIndexOf('\n', at) + 1, text.indexOf('\n', at + flaw.code.length + 1));
        };
        const quote = (target: ReviewTarget): string => pick([flaw.code, partOf(flaw.code), wide(target)]);
        return [
          `${what}: ${first[1]} / ${second[1]}`,
          [before, told(before, quote(before), first)],
          [after, told(after, quote(after), second)],
        ];
      }),
    ),
  );
}

function differentPairs(): Pair[] {
  return flaws.flatMap((flaw, index) => {
    const others = flaws.filter((_, other) => other !== index);
    return flaw.told.flatMap((first): Pair[] => {
      const [one, two] = [unit('load', flaw.code), unit('store', flaw.code)];
      const twins = documentOf(one, filler(3), two);
      const moved = documentOf(filler(9), one, two);
      const otherTold = pick(pick(others).told);
      const gone = documentOf(unit('load', 'rewritten(1);'), filler(3));
      return [
        [
          'the same code in another function',
          [twins, told(twins, flaw.code, first)],
          [moved, told(moved, flaw.code, pick(flaw.told), 1)],
        ],
        [
          'the same code in another function, which was the second',
          [twins, told(twins, flaw.code, first, 1)],
          [moved, told(moved, flaw.code, first, 0)],
        ],
        [
          `another flaw of the same line: ${first[1]} / ${otherTold[1]}`,
          [twins, told(twins, flaw.code, first)],
          [twins, told(twins, flaw.code, otherTold)],
        ],
        [
          'the same words about other code',
          [twins, told(twins, flaw.code, first)],
          [gone, told(gone, 'rewritten(1);', first)],
        ],
      ];
    });
  });
}

describe('a finding of before', () => {
  it('is known again in at least 95 of 100, however it is told and wherever it has moved', () => {
    const pairs = samePairs();
    assert.ok(pairs.length >= 150, `${pairs.length} pairs`);
    const missed = pairs.filter(([, before, now]) => !isKnownAgain(before, now)).map(([what]) => what);
    assert.ok(missed.length <= pairs.length * 0.05, `${missed.length} of ${pairs.length}:\n${missed.join('\n')}`);
  });

  it('is taken for another in at most 2 of 100', () => {
    const pairs = differentPairs();
    assert.ok(pairs.length >= 200, `${pairs.length} pairs`);
    const joined = pairs.filter(([, before, now]) => isKnownAgain(before, now)).map(([what]) => what);
    assert.ok(joined.length <= pairs.length * 0.02, `${joined.length} of ${pairs.length}:\n${joined.join('\n')}`);
  });

  it('of an analyser is known by its rule and code, in whatever words', () => {
    const target = documentOf('let one = 1, two = 2;');
    const rule = (evidence: string, over: Partial<Finding> = {}): Finding => ({
      ...told(target, evidence, ['lint', 'unused']),
      ...{ source: 'biome', rule: 'unused', ...over },
    });
    const before: [ReviewTarget, Finding] = [target, rule('one')];
    assert.ok(isKnownAgain(before, [target, rule('one', { message: 'is never used' })]));
    for (const other of [rule('two'), rule('one', { rule: 'other' }), rule('one', { source: 'tsc' })])
      assert.ok(!isKnownAgain(before, [target, other]));
  });

  it('is known by what is left of it where a line of its quote has changed', () => {
    const before = documentOf(unit('load', 'fetchAll();'));
    const after = documentOf(filler(4), unit('load', 'fetchOne();'));
    const quote = (target: ReviewTarget): string =>
      target.snippet.text
        .split('\n')
        .filter((line) => /[Ll]oad|fetch/.test(line))
        .join('\n');
    const say = (target: ReviewTarget): Finding => told(target, quote(target), ['leak', 'The state is never closed.']);
    assert.ok(isKnownAgain([before, say(before)], [after, say(after)]));
  });
});
