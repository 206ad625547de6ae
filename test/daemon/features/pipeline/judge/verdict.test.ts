// A judge's answer is a verdict of the schema or none at all, whatever came of it on the way. An answer that is broken approves nothing.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  type JudgeAnswer,
  maxConflictChars,
  maxConflicts,
  readVerdict,
  verdictSchema,
} from '../../../../../daemon/features/pipeline/judge/verdict.ts';
import { breakers, damages, garbage, type Mutation, randomFrom } from './mutations.ts';

const words = ['approve', 'reject'] as const;
type Word = (typeof words)[number];

const good: readonly string[] = [
  '{"verdict":"approve","conflicts":[],"confidence":0.9}',
  '{ "confidence" : 1, "conflicts" : [ "the reviewer says \\"off by one\\"" ], "verdict" : "approve" }',
  '{\n  "conflicts": ["a", "b – ü 😀"],\n  "verdict": "approve",\n  "confidence": 0\n}',
  '```json\n{"verdict":"approve","conflicts":[],"confidence":2.5e-1}\n```',
  '{"verdict":"reject","conflicts":["never \\"approve\\" this"],"confidence":0.75}',
];

function read(text: string): JudgeAnswer<Word> {
  return readVerdict({ text, reason: 'stop' }, words);
}

/** Knows the form by itself: the three fields, each once, and nothing else. */
const string = '"(?:[^"\\\\\\u0000-\\u001f]|\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4}))*"';
const s = '[ \\t\\r\\n]*';
const field = `(?:"verdict"${s}:${s}"(?:approve|reject)"|"conflicts"${s}:${s}\\[${s}(?:${string}(?:${s},${s}${string})*)?${s}\\]|"confidence"${s}:${s}(?:0(?:\\.\\d+)?|1(?:\\.0+)?|-0(?:\\.0+)?|\\d+(?:\\.\\d+)?[eE][+-]?\\d+))`;
const whole = new RegExp(
  `^(?:\`\`\`(?:[jJ][sS][oO][nN])?[ \\t]*\\r?\\n)?${s}\\{${s}${field}(?:${s},${s}${field}){2}${s}\\}${s}(?:\`\`\`)?$`,
);

function isOfForm(text: string): boolean {
  // A letter may be written as an escape in a key or in a word: it is the same JSON.
  const plain = text.trim().replace(/\\u00([2-7][0-9a-f])/gi, (written, code: string) => {
    const letter = String.fromCharCode(Number.parseInt(code, 16));
    return /[a-z]/i.test(letter) ? letter : written;
  });
  const keys = ['"verdict"', '"conflicts"', '"confidence"'].map(
    (key) => [...plain.matchAll(new RegExp(`${key}\\s*:`, 'g'))].length,
  );
  return whole.test(plain) && keys.every((count) => count >= 1);
}

function assertVerdictOrNone(answer: JudgeAnswer<Word>): void {
  if ('parseError' in answer) {
    assert.deepEqual(Object.keys(answer), ['parseError']);
    assert.match(answer.parseError, /^[a-z].{5,}/);
    return;
  }
  assert.deepEqual(Object.keys(answer).toSorted(), ['confidence', 'conflicts', 'verdict']);
  assert.ok(words.includes(answer.verdict));
  assert.ok(answer.confidence >= 0 && answer.confidence <= 1);
  assert.ok(answer.conflicts.length <= maxConflicts);
  for (const conflict of answer.conflicts)
    assert.ok(conflict.length <= maxConflictChars && !/[\u0000-\u001f\u202e\u{e0000}-\u{e007f}]/u.test(conflict));
}

describe("a judge's answer", () => {
  for (const text of good)
    it(`is read where it has the form that was asked: ${JSON.stringify(text)}`, () => {
      const answer = read(text);
      assert.ok('verdict' in answer, JSON.stringify(answer));
      assertVerdictOrNone(answer);
      assert.ok(isOfForm(text), "the test's own form knows it");
    });

  for (const [name, text] of Object.entries(garbage))
    it(`approves nothing where it is garbage: ${name}`, () => {
      const answer = read(text);
      assert.ok('parseError' in answer, JSON.stringify(answer));
      assertVerdictOrNone(answer);
    });

  for (const reason of ['length', 'repetition', 'content-filter', 'error', 'cancelled', 'tool-calls'] as const)
    it(`is none where the answer ended with ${reason}, whole as it looks`, () => {
      assert.ok('parseError' in readVerdict({ text: good[0] ?? '', reason }, words));
    });

  it('is asked for by a schema of the same fields and words', () => {
    const { schema } = verdictSchema(words);
    assert.deepEqual((schema['required'] as string[]).toSorted(), ['confidence', 'conflicts', 'verdict']);
    assert.match(JSON.stringify(schema), /"enum":\["approve","reject"\]/);
  });

  it('shows no character that steers a terminal or hides text', () => {
    const answer = read('{"verdict":"reject","conflicts":["a\\u001b[2Jb\\u202ec\\udb40\\udc41"],"confidence":0.5}');
    assert.ok('conflicts' in answer);
    assertVerdictOrNone(answer);
  });

  it('is a verdict of the schema or none, in 10,000 mutants of it, and a broken one is none', () => {
    const random = randomFrom(20_261_129);
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
    const counts = { verdicts: 0, none: 0 };
    for (let i = 0; i < 10_000; i++) {
      const breaks = random() < 0.4;
      let text = pick(good);
      const applied: Mutation[] = breaks
        ? [pick(breakers)]
        : Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(damages));
      for (const { mutate } of applied) text = mutate(text, random);
      const answer = read(text);
      assertVerdictOrNone(answer);
      const label = `${applied.map(({ name }) => name).join(', ')}: ${JSON.stringify(text)}`;
      if (breaks) assert.ok('parseError' in answer, label);
      if ('verdict' in answer) assert.ok(isOfForm(text), label);
      counts['verdict' in answer ? 'verdicts' : 'none']++;
    }
    assert.ok(counts.verdicts > 200 && counts.none > 5000, JSON.stringify(counts)); // the mutants are of both kinds
  });
});
