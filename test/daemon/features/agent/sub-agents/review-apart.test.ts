// A review that a run delegates: the pipeline's own, of what was changed or of named files, by models alone and within a share of the run.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import type { RunChanges } from '../../../../../daemon/features/agent/checkpoints/changes.ts';
import { hunksBetween } from '../../../../../daemon/features/agent/checkpoints/hunks.ts';
import type { Review } from '../../../../../daemon/features/pipeline/review.ts';
import { noUsage } from '../../../../../daemon/models/providers/provider.ts';
import { defaultProfile } from '../../../../../daemon/storage/profiles.ts';
import { answerWith, benchWith, ScriptedProvider } from '../../pipeline/parts.ts';
import { type AgentBench, agentBench, type BenchOptions, call, stopWhen } from '../bench.ts';

const before = 'export const one = 1;\nexport const two = 2;\n';
const after = 'export const one = 1;\nexport const half = one / 0;\nexport const two = 2;\n';
const found = answerWith({ line: 2, quote: 'one / 0', message: 'It divides by zero.' });

function changed(path: string, [old, now]: readonly [string, string], uri = 'file:///x'): RunChanges['files'][number] {
  const hunks = hunksBetween(old, now).map((hunk) => ({ ...hunk, isKept: false }));
  return { uri, path, change: 'changed', hunks, added: 1, removed: 0, isKept: false, id: path };
}

let open: AgentBench[] = [];

function bench(given: object, options: Partial<BenchOptions>): AgentBench {
  const reviews = call('delegate', { kind: 'review', task: 'Look for faults.', ...given });
  const made = agentBench({ script: [[reviews], ['Done.']], files: { 'a.ts': after }, ...options });
  open.push(made);
  return made;
}

const told = ({ model }: AgentBench): string => String(model.requests.at(-1)?.messages.at(-1)?.content);
const changes = async (): Promise<RunChanges> => ({ files: [changed('a.ts', [before, after])], notes: [] });

describe('a review that is delegated', () => {
  afterEach(async () => {
    for (const each of open) await each.close();
    open = [];
  });

  for (const [what, given] of [
    ['what the run has changed', {}],
    ['files that it names', { paths: ['a.ts'] }],
  ] as const)
    it(`finds a flaw in ${what}, and comes back as material`, async () => {
      const provider = new ScriptedProvider([found]);
      const { review } = benchWith({ provider, analysers: { begin: () => assert.fail('a linter ran') } });
      const at = bench(given, { apart: { review, changes } });
      await at.run();
      assert.match(told(at), /^The report of a review\n`{3,}\n# Review\n[\s\S]*It divides by zero\\?\./);
      assert.match(told(at), /## a\\?\.ts/);
      assert.match(JSON.stringify(provider.requests), /one \/ 0/);
      const [outer, inner] = at.parts.filter((part) => part.kind === 'call');
      assert.deepEqual([outer?.title.slice(0, 8), inner?.title, inner?.within], ['Review: ', 'Read a.ts', '1.1']);
      const result = at.parts.findLast((part) => part.kind === 'result');
      assert.match(result?.summary ?? '', /^Review: 1 finding, \d+ tokens, \$0\.$/);
    });

  it('is called incomplete where its share was used up before its end', async () => {
    const provider = new ScriptedProvider(['{"findings":[]}', { kind: 'usage', usage: { ...noUsage, input: 1000 } }]);
    const { review } = benchWith({ provider });
    const config = { agent: { subAgents: { tokens: 0.0005 } } };
    const at = bench(
      { paths: ['a.ts', 'b.ts'] },
      { files: { 'a.ts': after, 'b.ts': after }, apart: { review }, config },
    );
    await at.run();
    assert.deepEqual([provider.requests.length, told(at).includes('The rest was not reviewed')], [1, true]);
    const result = at.parts.findLast((part) => part.kind === 'result');
    assert.match(result?.summary ?? '', /^Incomplete review: 0 findings, 1,000 tokens/);
  });

  it('looks at the lines that came alone, in the files as they are', async () => {
    const asked: string[] = [];
    const review = reviewThat((diff) => asked.push(diff));
    const old = 'a\nb\nc\nd\ne\n';
    const now = 'a\nB1\nB2\nd\ne\nf\n';
    const files = [
      changed('src/a b.ts', [old, now]),
      changed('gone.ts', ['x\ny\n', 'x\n']),
      changed('new.ts', ['', 'n\n']),
    ];
    const at = bench({}, { apart: { review, changes: async () => ({ files, notes: [] }) } });
    await at.run();
    assert.deepEqual(asked, [
      '--- a/src/a b.ts\n+++ b/src/a b.ts\n@@ -2,2 +2,2 @@\n-b\n-c\n+B1\n+B2\n@@ -6,0 +6,1 @@\n+f\n' +
        '--- a/new.ts\n+++ b/new.ts\n@@ -1,0 +1,1 @@\n+n\n',
    ]);
  });

  it('runs no linter, and is counted for the answer of its run', async () => {
    let options: Parameters<Review['runDiff']>[1] | undefined;
    const review = reviewThat((_diff, given) => {
      options = given;
      given.allowance?.admit();
      given.allowance?.count({ usage: { ...noUsage, input: 1000 }, usd: 0.25 });
    });
    const at = bench({}, { apart: { review, changes } });
    const { jobId, cost, usage, chatId, messageId } = await at.run();
    assert.deepEqual([options?.runsNothing, options?.chat, options?.allowance?.answer], [true, chatId, messageId]);
    assert.deepEqual([cost, usage.input], [0.25, 1200]);
    const { finished, costUsd } = await at.jobs.job(defaultProfile, jobId, at.caller().context);
    assert.equal(costUsd, 0.25, 'once in the job');
    const stages = finished.filter(({ costUsd: own }) => own === 0.25).map(({ name, tokens }) => [name, tokens?.input]);
    assert.deepEqual(stages, [['review 1.1.1', 1000]]);
  });

  for (const [what, subAgents, order, used] of [
    ['tokens', { tokens: 0.0005 }, {}, { usage: { ...noUsage, input: 1000 }, usd: 0 }],
    ['money', {}, { maxUsd: 1 }, { usage: noUsage, usd: 0.2 }],
  ] as const)
    it(`asks no model any more once its share of the ${what} is used up`, async () => {
      let refusal = '';
      const review = reviewThat((_diff, { allowance }) => {
        allowance?.admit();
        allowance?.count(used);
        try {
          allowance?.admit();
        } catch (error) {
          refusal = String(error);
        }
      });
      const at = bench({}, { apart: { review, changes }, config: { agent: { subAgents } } });
      await at.run(order);
      assert.match(refusal, /Stopped [\s\S]* The rest was not reviewed\.$/);
    });

  it('says so where nothing was changed', async () => {
    const at = bench({}, {});
    const { outcome } = await at.run();
    assert.equal(outcome, 'done');
    assert.match(told(at), /^This run has changed no lines yet\. Name the files/);
  });

  it('is not done again where its run goes on after a restart', async () => {
    let count = 0;
    const review = reviewThat(() => count++);
    const reviews = call('delegate', { kind: 'review', task: 'x' });
    const at = bench({}, { script: [[reviews], ['hang']], apart: { review, changes } });
    await stopWhen(at, () => at.model.requests.length === 2);
    const [job] = (await at.jobs.list(defaultProfile, {}, at.caller().context)).items;
    at.restart([['Done.']]);
    await at.jobs.resume(defaultProfile, job?.id ?? '', at.caller());
    assert.equal(count, 1);
  });
});

/** A review that finds nothing, and tells what it was asked. */
function reviewThat(
  onDiff: (diff: string, options: Parameters<Review['runDiff']>[1]) => unknown,
): Pick<Review, 'run' | 'runDiff'> {
  return {
    run: () => assert.fail('files were reviewed'),
    async runDiff(diff, options) {
      onDiff(diff, options);
      return {
        runId: 'r',
        summary: 'No findings in 1 line.',
        ...{ findings: [], held: [], rules: [], notes: [], stages: [], coverage: [] },
        suppressed: { unquoted: 0, dismissed: 0, duplicate: 0, overCap: 0, unsure: 0 },
      };
    },
  };
}
