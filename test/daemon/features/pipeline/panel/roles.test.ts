// Who doubts a review's findings: the model that reads, or who config.json names, with the user's own instructions and limits.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { answerWith, benchWith, FindingsInMemory, ScriptedProvider, snippetOf } from '../parts.ts';

const code = snippetOf('let a = b / 0;\nlet c = d[d.length];\n');
const claims = [
  { line: 1, quote: 'b / 0', message: 'Divides by zero.' },
  { line: 2, quote: 'd[d.length]', message: 'Reads one past the end.' },
];

describe("the roles of a review's panel", () => {
  let folder = '';
  const own = () => join(folder, 'own.md');
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-roles-'));
    writeFileSync(own(), 'Doubt like a pirate.\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Whom each step asked, with how many tokens for the answer, and what was noted. */
  async function reviewed(review: object, findings = new FindingsInMemory()) {
    const provider = new ScriptedProvider([answerWith(...claims)]);
    const others = ['lab/doubter', 'lab/ranker'];
    const bench = benchWith({ provider, config: { review }, others, findings });
    const { notes, stages, findings: found } = await bench.run(code);
    const asked = provider.panelRequests.map(({ model, jsonSchema, messages, maxOutputTokens }) => ({
      step: jsonSchema?.name === 'verdicts' ? 'refuter' : 'judge',
      model,
      words: String(messages[0]?.content).split('\n')[0],
      maxOutputTokens,
    }));
    return { asked, notes, stages, found };
  }

  for (const [what, review, expected] of [
    ['nothing is configured', {}, ['tiny', 'tiny']],
    ['the refuter has a model', { refuter: { model: 'lab/doubter' } }, ['doubter', 'tiny']],
    ['the judge has a model', { judge: { model: 'lab/ranker' } }, ['tiny', 'ranker']],
    ['both have', { refuter: { model: 'lab/doubter' }, judge: { model: 'lab/ranker' } }, ['doubter', 'ranker']],
    ['the refuter has a policy', { refuter: { policy: 'best' } }, ['tiny', 'tiny']],
  ] as const)
    it(`are taken by ${expected.join(' and ')} where ${what}`, async () => {
      const { asked, stages, notes } = await reviewed(review);
      assert.deepEqual(
        asked.map(({ step, model }) => [step, model]),
        [
          ['refuter', expected[0]],
          ['judge', expected[1]],
        ],
      );
      assert.deepEqual(
        stages.filter(({ name }) => name !== 'reviewer').flatMap(({ name, model }) => (model ? [[name, model]] : [])),
        [
          ['refuter', `lab/${expected[0]}`],
          ['judge', `lab/${expected[1]}`],
        ],
      );
      assert.deepEqual(notes, []);
    });

  it("have the user's instructions and limits", async () => {
    const { asked } = await reviewed({ refuter: { prompt: own(), maxOutputTokens: 77 } });
    const [refuter, judge] = asked;
    assert.deepEqual([refuter?.words, refuter?.maxOutputTokens], ['Doubt like a pirate.', 77]);
    assert.match(judge?.words ?? '', /^You judge the claims/);
  });

  for (const [what, role] of [
    ['a model that there is not', { model: 'lab/gone' }],
    ['a file that there is not', { prompt: '/nowhere/own.md' }],
  ] as const)
    it(`are the reader's own where they name ${what}, and a note says so`, async () => {
      const { asked, notes, found } = await reviewed({ refuter: role, judge: role });
      assert.deepEqual(
        asked.map(({ model }) => model),
        ['tiny', 'tiny'],
      );
      assert.equal(found.length, 2);
      for (const name of ['refuter', 'judge'])
        assert.ok(notes.some((note) => note.startsWith(`Couldn't use the ${name} as configured`)));
    });

  it('answer again where their instructions changed, and not where nothing did', async () => {
    const findings = new FindingsInMemory();
    const refuter = { prompt: own() };
    const steps = async () => (await reviewed({ refuter }, findings)).asked.map(({ step }) => step);
    assert.deepEqual(await steps(), ['refuter', 'judge']);
    assert.deepEqual(await steps(), []);
    writeFileSync(own(), 'Doubt like a parrot.\n');
    assert.equal((await steps())[0], 'refuter');
  });
});
