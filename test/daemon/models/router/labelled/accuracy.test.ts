// How often the task and the complexity of a request are read as a person reads them. The figures are in the benchmarks' README.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { estimateTokens } from '../../../../../daemon/base/tokens.ts';
import { analyse, type Complexity } from '../../../../../daemon/models/router/analyse.ts';
import { tunedEastAsian } from './east-asian-prompts.ts';
import { type Labelled, labelled, unseen } from './prompts.ts';

const words: readonly Complexity[] = ['trivial', 'simple', 'moderate', 'complex', 'expert'];

function sharesOf(prompts: readonly Labelled[]): { task: number; complexity: number; withinOne: number } {
  const read = prompts.map(([text, task, complexity]) => ({
    task,
    complexity,
    analysis: analyse({ text }, { task: 'chat', countTokens: estimateTokens }),
  }));
  const share = (holds: (one: (typeof read)[number]) => boolean): number => read.filter(holds).length / read.length;
  return {
    task: share(({ task, analysis }) => analysis.task === task),
    complexity: share(({ complexity, analysis }) => analysis.complexity === complexity),
    withinOne: share(
      ({ complexity, analysis }) => Math.abs(words.indexOf(complexity) - words.indexOf(analysis.complexity)) <= 1,
    ),
  };
}

describe('requests that a person has labelled', () => {
  const least = [
    { what: 'those that the rules were tuned on', prompts: labelled, task: 0.93, complexity: 0.76, withinOne: 0.98 },
    {
      what: 'Chinese and Japanese ones that the signs were tuned on',
      prompts: tunedEastAsian,
      task: 0.95,
      complexity: 0.75,
      withinOne: 0.98,
    },
    { what: 'others', prompts: unseen, task: 0.6, complexity: 0.55, withinOne: 0.9 },
  ];
  for (const { what, prompts, ...bounds } of least) {
    it(`are mostly read alike: ${what}`, () => {
      const shares = sharesOf(prompts);
      for (const name of ['task', 'complexity', 'withinOne'] as const)
        assert.ok(shares[name] >= bounds[name], `${name}: ${shares[name].toFixed(3)}`);
    });
  }

  it('are of every task that a text alone can have', () => {
    assert.deepEqual([...new Set(labelled.map(([, task]) => task))].toSorted(), [
      'analysis',
      'chat',
      'code',
      'debug',
      'document',
      'explain',
      'math',
      'refactor',
      'review',
      'search',
      'test',
      'translation',
      'writing',
    ]);
  });
});
