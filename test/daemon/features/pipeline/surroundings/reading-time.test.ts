// How much code a model is shown beside what it reviews, by how fast it was measured to read.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { contextSteps, panelChars } from '../../../../../daemon/features/pipeline/surroundings/reading-time.ts';
import { answerWith, type Bench, benchWith, FindingsInMemory, ScriptedProvider, snippetOf } from '../parts.ts';

const long = 'a'.repeat(100);
const body = Array.from({ length: 8 }, (_, index) => `  total${index}('${long}');`);
/** The piece alone: what it calls stands in the index. */
const only = snippetOf('sum(add(1) - 2);\n');
const indexed = [
  {
    symbol: 'add',
    text: ['function add(item) {', ...body, '}'].join('\n'),
    uri: 'file:///shop/add.ts',
    startLine: 0,
    endLine: 10,
  },
];

function bench(readSpeed: number | undefined, findings = new FindingsInMemory(), prefix = ''): Bench {
  const provider = new ScriptedProvider([answerWith()]);
  const speed = readSpeed === undefined ? {} : { readSpeed: () => readSpeed };
  return benchWith({ provider, findings, indexed, prefix, ...speed });
}

const isDefined = ({ provider }: Bench): boolean =>
  /function add\(item\)/.test(String(provider?.requests[0]?.messages[1]?.content));
const roots = { roots: ['file:///shop'] };

describe('what stands around a piece', () => {
  const speeds: [string, number | undefined, boolean][] = [
    ['that was never measured', undefined, true],
    ['that reads 400 tokens per second', 400, true],
    ['that reads 45 tokens per second', 45, true],
    ['that reads 20 tokens per second', 20, false],
    ['that reads 1 token per second', 1, false],
  ];
  for (const [model, speed, isShown] of speeds)
    it(`${isShown ? 'has' : 'lacks'} the definition of what is called for a model ${model}, and a note says what was cut`, async () => {
      const own = bench(speed);
      const { notes } = await own.run(only, roots);
      assert.equal(isDefined(own), isShown);
      const cut = notes.filter((note) => note.includes('shown less of the surrounding code'));
      assert.deepEqual(cut.length, isShown ? 0 : 1);
      if (!isShown) assert.match(cut[0] ?? '', new RegExp(`about ${speed} tokens? per second`));
    });

  it('is less the slower a model is, and never nothing', () => {
    const shown = [1000, 100, 50, 20, 1].map((speed) => contextSteps(4000, speed)[0]);
    assert.deepEqual(shown, [4000, 2000, 1000, 500, 500]);
    assert.deepEqual(contextSteps(4000, undefined), [4000]);
  });

  it('is asked about once, though the model was faster or slower then', async () => {
    for (const [before, now] of [
      [20, 400],
      [400, 20],
      [45, 90],
    ] as const) {
      const findings = new FindingsInMemory();
      await bench(before, findings, 'first').run(only, roots);
      const again = bench(now, findings, 'second');
      await again.run(only, roots);
      assert.equal(again.provider?.requests.length, 0, `${before}, then ${now}`);
    }
  });
});

describe('the code in which findings are double-checked', () => {
  it('is what a model can read in a minute, and all of it where that was not measured', () => {
    assert.deepEqual(
      [undefined, 1000, 100, 20, 1].map((speed) => panelChars(48_000, speed)),
      [48_000, 48_000, 18_000, 3600, 3000],
    );
  });

  it('is less for a slow model', async () => {
    const lines = Array.from({ length: 400 }, (_, index) => `step(${index}); // ${long.slice(0, 30)}`);
    const asked = async (speed: number | undefined): Promise<number> => {
      const provider = new ScriptedProvider([answerWith({ quote: 'step(200)', severity: 'warning' })]);
      await benchWith({ provider, contextTokens: 32_768, ...(speed !== undefined && { readSpeed: () => speed }) }).run(
        snippetOf(lines.join('\n')),
      );
      return String(provider.panelRequests[0]?.messages[1]?.content).length;
    };
    const [slow, unmeasured] = [await asked(20), await asked(undefined)];
    assert.ok(slow < 6000 && unmeasured > 10_000, `${slow}, ${unmeasured}`);
  });
});
