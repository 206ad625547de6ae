// The limits of a run while an answer or a call is under way: it ends there, and what there is of it is kept and named as cut off.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { LinkedAbort } from '../../../../daemon/base/listeners.ts';
import type { AgentTool } from '../../../../daemon/features/agent/tools/tool.ts';
import type { StreamPart } from '../../../../daemon/models/providers/provider.ts';
import { type AgentBench, agentBench, type BenchOptions, call, toolThat } from './bench.ts';

const dear = { input: 10, output: 1000 }; // US dollars for a million tokens
let open: AgentBench[] = [];

function bench(options: BenchOptions): AgentBench {
  const made = agentBench(options);
  open.push(made);
  return made;
}

async function answerIn({ storage }: AgentBench, chatId: string) {
  return (await storage.chats.messages(chatId, {})).items.at(-1);
}

/** Does its work until it is stopped. */
function endless(name: string, onBegin = (): void => {}): AgentTool {
  return {
    ...toolThat(name, () => ({})),
    prepare: async (_given, { signal }) => ({
      title: 'Work on',
      perform: () => {
        onBegin();
        const { promise, reject } = Promise.withResolvers<never>();
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        return promise;
      },
    }),
  };
}

describe('a limit of a run', () => {
  afterEach(async () => {
    for (const each of open) await each.close();
    open = [];
  });

  it('of time ends an answer under way, whose text is kept and named as cut off', async () => {
    const at = bench({ script: [['Half of', 'hang']], deps: { maxWorkMs: 500 } });
    const { outcome, why = '', text, chatId } = await at.run();
    assert.deepEqual([outcome, text, at.model.open], ['limit', 'Half of', 0]);
    assert.match(why, /^The last answer is cut off\. Stopped after .* limit of a run\. To continue, send/);
    const answer = await answerIn(at, chatId);
    assert.deepEqual([answer?.text, answer?.status, answer?.notes], ['Half of', 'partial', [why]]);
  });

  it('of time ends a model that has not said anything', async () => {
    const at = bench({ script: [['hang']], deps: { maxWorkMs: 500 } });
    const { outcome, why = '', text } = await at.run();
    assert.deepEqual([outcome, text], ['limit', '']);
    assert.match(why, /^Stopped after/);
  });

  it('of time is not what is said where an answer is stopped by somebody else', async () => {
    const at = bench({ script: [[new CancelledError()]] });
    await assert.rejects(at.run(), { code: 'answer-stopped' });
  });

  it('of time leaves out how long other answers have the place of its model', async () => {
    const maxWorkMs = 3000;
    const longer = (): Promise<unknown> => {
      const { signal } = new LinkedAbort([], maxWorkMs + 1);
      return new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    const busy: StreamPart = { kind: 'waiting', message: 'Busy.', answer: { id: 'a', behind: [] } };
    const at = bench({
      script: [
        [busy, longer, busy, { kind: 'begins' }, call('look'), { kind: 'finish', reason: 'tool-calls' }],
        ['Done.'],
      ],
      tools: [toolThat('look', () => ({}))],
      config: { modes: { act: { prompt: 'x', tools: ['look'] } } },
      deps: { maxWorkMs },
    });
    const { outcome, why, text } = await at.run();
    assert.deepEqual([outcome, why, text], ['done', undefined, 'Done.']);
  });

  it('of time ends a call under way, of which the user is told, and nothing after it is done', async () => {
    const after = toolThat('after', () => ({}));
    const at = bench({
      script: [[call('work'), call('after')], ['Done.']],
      tools: [endless('work'), after],
      config: { modes: { act: { prompt: 'x', tools: ['work', 'after'] } } },
      deps: { maxWorkMs: 500 },
    });
    const { outcome, why = '' } = await at.run();
    assert.deepEqual([outcome, at.model.requests.length, after.performed.length], ['limit', 1, 0]);
    assert.match(why, /^Stopped after/);
    const result = at.parts.find((part) => part.kind === 'result');
    assert.match(String(result?.text), /time of this run is used up/);
    assert.equal(result?.ok, false);
  });

  it('of time ends a sub-agent with what it has, and its run goes on', async () => {
    const at = bench({
      script: (_request, turn) =>
        [[call('delegate', { kind: 'research', task: 'Look.' })], ['I saw', 'hang'], ['It saw something.']][turn] ?? [],
      tools: [],
      config: { agent: { subAgents: { time: 0.01 } } },
      deps: { maxWorkMs: 50_000 },
    });
    const { outcome, text } = await at.run();
    assert.deepEqual([outcome, text], ['done', 'It saw something.']);
    assert.match(String(at.model.requests.at(-1)?.messages.at(-1)?.content), /I saw/);
  });

  it('of money bounds the length of an answer by what is left', async () => {
    const at = bench({ script: [['Fine.']], info: { price: dear } });
    await at.run({ maxUsd: 1 });
    const [{ maxOutputTokens = 0 } = {}] = at.model.requests;
    assert.ok(maxOutputTokens > 900 && maxOutputTokens < 1000, `${maxOutputTokens}`);
  });

  it('leaves an answer as long as its model writes where its price is unknown, or enough is left', async () => {
    for (const info of [{}, { price: dear }]) {
      const at = bench({ script: [['Fine.']], info });
      await at.run({ maxUsd: 100 });
      assert.equal(at.model.requests[0]?.maxOutputTokens, 8192);
    }
  });

  it('of money asks nothing where too little is left for an answer', async () => {
    const at = bench({ script: [['Fine.']], info: { price: dear } });
    const { outcome, why = '' } = await at.run({ maxUsd: 0.01 });
    assert.deepEqual([outcome, at.model.requests.length], ['limit', 0]);
    assert.match(why, /^Not started, since one answer could exceed the limit of \$0\.01\. /);
  });

  it('of money that cuts an answer off is told, and the answer does not pass for a whole one', async () => {
    const cut = { kind: 'finish', reason: 'length' } as const;
    const at = bench({ script: [['Half of', cut]], info: { price: dear } });
    const { outcome, why = '', chatId } = await at.run({ maxUsd: 1 });
    assert.equal(outcome, 'limit');
    assert.match(why, /^The last answer is cut off\. .* limit of \$1\.00\. To continue, send/);
    const answer = await answerIn(at, chatId);
    assert.deepEqual([answer?.status, answer?.finishReason], ['complete', 'length']);
  });

  it("of a model's own length does not let its answer pass for a whole one", async () => {
    const at = bench({ script: [['Half of', { kind: 'finish', reason: 'length' }]] });
    const { outcome, why = '' } = await at.run();
    assert.equal(outcome, 'limit');
    assert.match(why, /^lab\/tiny reached its length limit, so the answer is cut off\./);
  });
});
