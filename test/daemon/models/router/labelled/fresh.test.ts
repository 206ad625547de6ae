// How often the task of a fresh prompt is read as its writer meant it, by language. The first set led to changes of the
// signs and the second did not: its share on the day it was first measured is in the benchmarks' README.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { estimateTokens } from '../../../../../daemon/base/tokens.ts';
import { analyse } from '../../../../../daemon/models/router/analyse.ts';
import * as first from './fresh/first.ts';
import * as second from './fresh/second.ts';

const minShare = 0.85;

const taskOf = (text: string): string => analyse({ text }, { task: 'chat', countTokens: estimateTokens }).task;

/** Prompts whose writers had seen neither the signs nor their tests: language, task, and text as JSON. */
function byAnotherHand(language: string): readonly first.FreshPrompt[] {
  return readFileSync(new URL('./fresh/by-another-hand.tsv', import.meta.url), 'utf8')
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([of]) => of === language)
    .map(([, task = '', text = '""']) => [task, JSON.parse(text)] as unknown as first.FreshPrompt);
}

describe('the task of a fresh prompt', () => {
  const sets = [
    { language: 'English', prompts: first.firstEnglish },
    { language: 'Chinese', prompts: first.firstChinese },
    { language: 'Japanese', prompts: first.firstJapanese },
    { language: 'English that no sign was changed for', prompts: second.secondEnglish },
    { language: 'Chinese that no sign was changed for', prompts: second.secondChinese },
    { language: 'Japanese that no sign was changed for', prompts: second.secondJapanese },
    { language: 'English by another hand', prompts: byAnotherHand('en') },
    { language: 'Chinese by another hand', prompts: byAnotherHand('zh') },
    { language: 'Japanese by another hand', prompts: byAnotherHand('ja') },
  ];
  for (const { language, prompts } of sets)
    it(`is read as it was meant in at least ${minShare * 100} % of them: ${language}`, () => {
      const misread = prompts.filter(([task, text]) => taskOf(text) !== task);
      assert.ok(
        misread.length <= prompts.length * (1 - minShare),
        misread.map(([task, text]) => `${task}, not ${taskOf(text)}: ${text}`).join('\n'),
      );
    });

  for (const text of [
    'rewrite this in Rust',
    'translate this Python function to Go',
    '把这段代码翻译成 Go',
    'これをTypeScriptに書き換えて',
  ])
    it(`is no translation where one programming language becomes another: ${text}`, () =>
      assert.equal(taskOf(text), 'refactor'));

  it('is not taken from the code that it shows', () => {
    for (const [task, question] of [
      ['review', 'Is this safe?'],
      ['explain', '请解释一下'],
      ['refactor', '読みやすく書き換えて'],
      ['test', 'Add unit tests'],
    ] as const)
      assert.equal(
        taskOf(`${question}\n\`\`\`ts\nfunction translate(error: Error): string { return ''; }\n\`\`\``),
        task,
      );
  });
});
