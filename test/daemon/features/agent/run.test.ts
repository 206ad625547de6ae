// A run, from the task in a chat to its answer: tools, questions, limits, and what is left of it when it is stopped.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { UserError } from '../../../../daemon/base/errors.ts';
import { type Checkpoints, noCheckpoints } from '../../../../daemon/features/agent/loop/surroundings.ts';
import { ProviderError } from '../../../../daemon/models/providers/provider.ts';
import { defaultProfile } from '../../../../daemon/storage/profiles.ts';
import type { CallKind } from '../../../../shared/protocol/agent.ts';
import { type AgentBench, agentBench, type BenchOptions, call, shown, toolThat } from './bench.ts';

let open: AgentBench[] = [];

function bench(options: BenchOptions): AgentBench {
  const made = agentBench(options);
  open.push(made);
  return made;
}

const messagesOf = async ({ storage }: AgentBench, chatId: string) => (await storage.chats.messages(chatId, {})).items;

describe('a run of the agent', () => {
  afterEach(async () => {
    for (const each of open) await each.close();
    open = [];
  });

  it('reads with a tool and answers, as a turn of a chat and as a job', async () => {
    const at = bench({
      script: [['Let me look.', call('read', { path: 'a.ts' })], ['It says 42.']],
      files: { 'a.ts': 'export const a = 42;\n' },
    });
    const { text, outcome, chatId, jobId, steps, messageId, usage } = await at.run({ task: 'What is a?' });
    assert.deepEqual([text, outcome, steps], ['Let me look.\n\nIt says 42.', 'done', 1]);
    const [question, answer] = await messagesOf(at, chatId);
    assert.deepEqual(
      [question?.text, answer?.text, answer?.status, answer?.id],
      ['What is a?', text, 'complete', messageId],
    );
    assert.deepEqual([answer?.context?.jobId, answer?.usage], [jobId, usage]);
    const { state, finished } = await at.jobs.job(defaultProfile, jobId, at.caller().context);
    assert.deepEqual([state, finished.map(({ name }) => name)], ['done', ['begin', 'turn 1', 'call 1.1', 'turn 2']]);
    assert.deepEqual(
      at.parts.map(({ kind }) => kind),
      ['started', 'decision', 'text', 'spent', 'call', 'result', 'text', 'spent'],
    );
    const told = at.model.requests[1]?.messages.at(-1);
    assert.match(String(told?.content), /a\.ts, lines 1-1 of 1\n```\nexport const a = 42;\n```/);
  });

  it('stores the task before any model is asked', async () => {
    const at = bench({ script: [[new ProviderError('bad-request', 'It is broken.')]] });
    await assert.rejects(at.run({ task: 'Look.' }), { message: 'It is broken.' });
    const { items } = await at.storage.chats.listChats({});
    const [question, answer] = await messagesOf(at, items[0]?.id ?? '');
    assert.deepEqual([question?.text, answer?.status, answer?.error?.message], ['Look.', 'failed', 'It is broken.']);
  });

  it('goes on in a chat, which the model sees', async () => {
    const at = bench({ script: [['One.'], ['Two.']] });
    const { chatId } = await at.run({ task: 'First task' });
    await at.run({ task: 'Second task', chatId });
    const said = at.model.requests[1]?.messages.map(({ content }) => content);
    assert.deepEqual(said?.slice(1), ['First task', 'One.', 'Second task']);
    assert.equal((await messagesOf(at, chatId)).length, 4);
  });

  it('goes on after its daemon ended, without asking or doing anything again', async () => {
    const tool = toolThat('count', () => ({ text: ['Counted.'] }));
    const at = bench({
      script: [
        [call('count', { value: '1' })],
        [call('count', { value: '2' })],
        [new ProviderError('unavailable', 'Gone.')],
      ],
      tools: [tool],
      config: { modes: { act: { prompt: 'Count.', tools: ['count'] } } },
    });
    await assert.rejects(at.run(), { message: 'Gone.' });
    const [job] = (await at.jobs.list(defaultProfile, {}, at.caller().context)).items;
    at.restart([['Counted to two.']]);
    await at.jobs.resume(defaultProfile, job?.id ?? '', at.caller());
    assert.deepEqual([tool.performed.length, at.model.requests.length], [2, 1]);
    const { result } = await at.jobs.job(defaultProfile, job?.id ?? '', at.caller().context);
    const { text, chatId, steps } = result as { text: string; chatId: string; steps: number };
    assert.deepEqual([text, steps], ['Counted to two.', 2]);
    assert.deepEqual(
      at.model.requests[0]?.messages.map(({ role }) => role),
      ['system', 'user', 'assistant', 'tool', 'assistant', 'tool'],
    );
    const [, answer, ...others] = await messagesOf(at, chatId);
    assert.deepEqual([answer?.text, answer?.status, others.length], ['Counted to two.', 'complete', 0]);
  });

  it('sends the same beginning of a prompt at each turn, and after a restart', async () => {
    const at = bench({
      script: [[call('list')], [call('read', { path: 'a' })], [new ProviderError('unavailable', 'Gone.')]],
      files: { a: 'x\n' },
    });
    await assert.rejects(at.run());
    const asked = at.model.requests;
    const [job] = (await at.jobs.list(defaultProfile, {}, at.caller().context)).items;
    at.restart([['Done.']]);
    await at.jobs.resume(defaultProfile, job?.id ?? '', at.caller());
    for (const [index, { messages }] of asked.entries())
      assert.deepEqual((asked[index + 1] ?? at.model.requests[0])?.messages.slice(0, messages.length), messages);
  });

  it('keeps no secret of a file that it changes, from the lines around', async () => {
    const key = `ghp_${'a1B2'.repeat(9)}`;
    const { run, parts } = bench({
      script: [[call('edit', { path: 'a.ts', old: 'one', new: 'two' })], ['Done.']],
      files: { 'a.ts': `const token = '${key}';\nconst name = 'one';\n` },
    });
    await run({ allow: ['edit'] });
    const [diff] = parts.flatMap((part) => (part.kind === 'result' ? [part.diff] : []));
    assert.match(diff ?? '', /^\+const name = 'two';$/m);
    assert.ok(!diff?.includes(key));
  });

  describe('that must ask', () => {
    const change = () => toolThat('change', () => ({}), { kind: 'edit' });
    const config = { modes: { act: { prompt: 'Change.', tools: ['change', 'ask'] } } };
    const markIn = ({ parts }: AgentBench): string | undefined =>
      parts.findLast((part) => part.kind === 'approval')?.approval.mark;
    const decide = (at: AgentBench, jobId: string, decision: string, more: { reply?: string; mark?: string } = {}) =>
      at.agent.approve(
        { jobId, callId: '1.1', mark: markIn(at), decision, ...more },
        { jobs: at.jobs, profile: defaultProfile, caller: at.caller() },
      );
    const jobOf = ({ parts: [first] }: AgentBench): string => (first?.kind === 'started' ? first.jobId : '');

    for (const decision of ['once', 'always'])
      it(`isn't allowed by who may not have seen what: ${decision}`, async () => {
        const tool = change();
        const at = bench({ script: [[call('change')], ['Done.']], tools: [tool], config });
        const running = at.run();
        await shown(at, 'approval');
        const unseen = at.agent.approve(
          { jobId: jobOf(at), callId: '1.1', decision },
          { jobs: at.jobs, profile: defaultProfile, caller: at.caller() },
        );
        await assert.rejects(unseen, { code: 'approval-unseen' });
        assert.equal(tool.performed.length, 0);
        await decide(at, jobOf(at), 'deny');
        await running;
      });

    for (const [decision, performed, outcome] of [
      ['once', 1, 'done'],
      ['always', 1, 'done'],
      ['deny', 0, 'denied'],
    ] as const)
      it(`does what the user says: ${decision}`, async () => {
        const tool = change();
        const at = bench({ script: [[call('change', { value: 'x' })], ['So be it.']], tools: [tool], config });
        const running = at.run();
        await shown(at, 'approval');
        assert.equal(tool.performed.length, 0, 'nothing is done before');
        await decide(at, jobOf(at), decision);
        const result = await running;
        assert.deepEqual([tool.performed.length, result.outcome, result.text], [performed, outcome, 'So be it.']);
        assert.ok(at.parts.some((part) => part.kind === 'approved' && part.decision === decision));
        assert.equal(at.parts.filter(({ kind }) => kind === 'call').length, 1, 'nothing is shown twice');
        assert.equal(at.model.requests.length, 2, 'the model is not asked again');
      });

    it('allows for good at once, and not again where that was taken back before the run goes on', async () => {
      const tool = change();
      const fails = (): Promise<never> => Promise.reject(new UserError('disk', 'Full.'));
      const checkpoints: Checkpoints = { ...noCheckpoints, before: fails };
      const script = [[call('change', { value: 'x' })], ['So be it.']];
      const at = bench({ script, tools: [tool], config, deps: { checkpoints } });
      const ended = assert.rejects(at.run(), { message: 'Full.' });
      await shown(at, 'approval');
      await decide(at, jobOf(at), 'always');
      const { approvals } = at.storage.in(defaultProfile);
      await ended;
      const [allowed] = await approvals.list();
      assert.equal(allowed?.text, 'Do change?');
      await approvals.remove(allowed.root, allowed.identity);
      checkpoints.before = async () => {};
      at.restart(script.slice(1));
      await at.jobs.resume(defaultProfile, jobOf(at), at.caller());
      assert.deepEqual([tool.performed.length, await approvals.list()], [1, []]);
    });

    it('tells the model why not, and takes an answer in words', async () => {
      const at = bench({ script: [[call('ask', { question: 'Which one', choices: ['a', 'b'] })], ['Fine.']], config });
      const running = at.run();
      await shown(at, 'approval');
      await decide(at, jobOf(at), 'once', { reply: 'neither' });
      await running;
      assert.match(String(at.model.requests[1]?.messages.at(-1)?.content), /^The user answers: neither/);
    });

    it('holds nothing while it waits, and goes on for whoever answers after its daemon ended', async () => {
      const tool = change();
      const at = bench({ script: [[call('change', { value: 'x' })], ['Done.']], tools: [tool], config });
      const leaving = new AbortController();
      const running = at.agent.order(
        { task: 'x', modelOf: () => ({ source: 'policy' }) },
        { jobs: at.jobs, profile: defaultProfile, caller: { ...at.caller(leaving.signal), hasLeft: () => true } },
      );
      await shown(at, 'approval');
      assert.equal(at.model.open, 0);
      leaving.abort();
      await assert.rejects(running);
      const jobId = jobOf(at);
      const [, waiting] = await messagesOf(at, at.parts[0]?.kind === 'started' ? at.parts[0].chatId : '');
      assert.deepEqual([waiting?.status, waiting?.notes], ['partial', ['Waiting for your answer.']]);
      at.restart([['Done.']]);
      await decide(at, jobId, 'once');
      assert.equal(tool.performed.length, 1);
      const [, answer] = await messagesOf(at, waiting?.chatId ?? '');
      assert.deepEqual([answer?.status, answer?.text, answer?.notes], ['complete', 'Done.', undefined]);
    });

    for (const isRestarted of [false, true])
      it(`waits no more once it is canceled${isRestarted ? ' after its daemon ended' : ''}, and its answer says so`, async () => {
        const at = bench({ script: [['I look.', call('change')]], tools: [change()], config });
        const leaving = new AbortController();
        const running = at.agent.order(
          { task: 'x', modelOf: () => ({ source: 'policy' }) },
          { jobs: at.jobs, profile: defaultProfile, caller: { ...at.caller(leaving.signal), hasLeft: () => true } },
        );
        running.catch(() => {});
        await shown(at, 'approval');
        const chatId = at.parts[0]?.kind === 'started' ? at.parts[0].chatId : '';
        if (isRestarted) {
          leaving.abort();
          await assert.rejects(running);
          at.restart([['x']]);
        }
        assert.equal(await at.jobs.cancelIn(defaultProfile, chatId), true);
        const [, answer] = await messagesOf(at, chatId);
        assert.deepEqual([answer?.status, answer?.notes, answer?.text], ['cancelled', undefined, 'I look.']);
        assert.equal(answer?.usage?.input, 100, 'what it cost stays');
      });

    it('asks again where the call is another one by now', async () => {
      let text = 'Change a?';
      const tool: ReturnType<typeof change> = {
        ...change(),
        prepare: async () => ({
          title: 'Change',
          approval: { shown: { kind: 'edit', text, canAlways: false }, identity: 'a' },
          perform: async () => ({ ok: true, text: [], summary: 'Changed.', isMaterial: false }),
        }),
      };
      const at = bench({ script: [[call('change')], ['Done.']], tools: [tool], config });
      const running = at.run();
      await shown(at, 'approval');
      const seen = at.parts.find((part) => part.kind === 'approval')?.approval.mark ?? assert.fail();
      text = 'Change b?';
      await decide(at, jobOf(at), 'once', { mark: seen });
      while ((await at.storage.jobs.job(jobOf(at))).question?.text !== 'Change b?')
        await new Promise((resolve) => setImmediate(resolve));
      for (const decision of ['once', 'always', 'deny'])
        await assert.rejects(decide(at, jobOf(at), decision, { mark: seen }), { code: 'approval-changed' });
      await decide(at, jobOf(at), 'deny');
      assert.equal((await running).outcome, 'denied');
    });

    const always: [CallKind, string][] = [
      ['run', 'Always allow exactly this'],
      ['edit', 'Always allow changes to this file'],
      ['web', 'Always allow this site'],
      ['mcp', 'Always allow this tool'],
    ];
    for (const [kind, label] of always)
      it(`says what "always" would allow of ${kind}`, async () => {
        const tool = toolThat('change', () => ({}), { kind });
        const at = bench({ script: [[call('change')], ['Done.']], tools: [tool], config });
        const running = at.run();
        await shown(at, 'approval');
        const { question } = await at.storage.jobs.job(jobOf(at));
        assert.deepEqual(
          question?.answers.map((answer) => answer.label),
          ['Allow once', label, 'Deny'],
        );
        await decide(at, jobOf(at), 'deny');
        await running;
      });

    it('asks nothing that the user has allowed for this run, but what is dangerous', async () => {
      const tool = change();
      const at = bench({ script: [[call('change', { value: 'x' })], ['Done.']], tools: [tool], config });
      assert.equal((await at.run({ allow: ['edit'] })).outcome, 'done');
      const dangerous = toolThat('change', () => ({}), { kind: 'edit', isDangerous: true });
      const other = bench({ script: [[call('change', { value: 'x' })], ['Done.']], tools: [dangerous], config });
      const running = other.run({ allow: ['edit'] });
      await shown(other, 'approval');
      await decide(other, jobOf(other), 'deny');
      await running;
      assert.deepEqual([tool.performed.length, dangerous.performed.length], [1, 0]);
    });

    it('never does again what was under way when its daemon died', async () => {
      const tool = change();
      const at = bench({
        script: [[call('change', { value: 'x' })], [new ProviderError('unavailable', 'Gone.')]],
        tools: [tool],
        config,
      });
      await assert.rejects(at.run({ allow: ['edit'] }));
      const [job] = (await at.jobs.list(defaultProfile, {}, at.caller().context)).items;
      const whole = await at.storage.jobs.job(job?.id ?? '');
      const cut = whole.finished.filter(({ name }) => name !== 'call 1.1'); // the daemon died before it was stored
      const jobsOf = { ...at.storage.jobs, job: async () => ({ ...whole, finished: cut }) };
      Object.assign(at.storage, { jobs: jobsOf });
      at.restart([['I look first.']]);
      await at.jobs.resume(defaultProfile, job?.id ?? '', at.caller());
      assert.equal(tool.performed.length, 1);
      assert.match(
        String(at.model.requests[0]?.messages.at(-1)?.content),
        /^Switchyard stopped while this was being done/,
      );
    });

    it('is stopped by its chat while it waits', async () => {
      const at = bench({ script: [[call('change')]], tools: [change()], config });
      const running = at.run();
      await shown(at, 'approval');
      const chatId = at.parts[0]?.kind === 'started' ? at.parts[0].chatId : '';
      const ended = assert.rejects(running, { name: 'CancelledError' });
      assert.equal(await at.jobs.cancelIn(defaultProfile, chatId), true);
      await ended;
      assert.equal((await at.storage.jobs.job(jobOf(at))).state, 'cancelled');
      assert.equal(await at.jobs.cancelIn(defaultProfile, chatId), false);
    });
  });

  describe('that is stopped', () => {
    const stops: Record<string, (at: AgentBench, abort: AbortController) => unknown> = {
      'by its client': (_at, abort) => abort.abort(),
      'by its chat': (at) =>
        at.jobs.cancelIn(defaultProfile, at.parts[0]?.kind === 'started' ? at.parts[0].chatId : ''),
      'as a job': (at) => at.jobs.cancel(defaultProfile, at.parts[0]?.kind === 'started' ? at.parts[0].jobId : ''),
    };
    for (const [how, stop] of Object.entries(stops)) {
      it(`${how} leaves no work behind, in the model's answer`, async () => {
        const at = bench({ script: [['One', 'hang']] });
        const abort = new AbortController();
        const running = at.run({}, abort.signal);
        await shown(at, 'text');
        const ended = assert.rejects(running, { name: 'CancelledError' });
        await stop(at, abort);
        await ended;
        assert.equal(at.model.open, 0);
        const [{ id = '' } = {}] = (await at.storage.chats.listChats({})).items;
        assert.equal((await messagesOf(at, id))[1]?.status, 'cancelled');
      });

      it(`${how} leaves no work behind, in a tool`, async () => {
        let isWorking = false;
        const slow = toolThat('slow', () => ({}));
        const at = bench({
          script: [[call('slow')]],
          tools: [
            {
              ...slow,
              prepare: async (_given, { signal }) => ({
                title: 'Slow',
                perform: async () => {
                  isWorking = true;
                  const { promise, reject } = Promise.withResolvers<never>();
                  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
                  return promise.finally(() => {
                    isWorking = false;
                  });
                },
              }),
            },
          ],
          config: { modes: { act: { prompt: 'x', tools: ['slow'] } } },
        });
        const abort = new AbortController();
        const running = at.run({}, abort.signal);
        while (!isWorking) await new Promise((resolve) => setImmediate(resolve));
        const ended = assert.rejects(running, { name: 'CancelledError' });
        await stop(at, abort);
        await ended;
        assert.equal(isWorking, false);
      });
    }
  });

  describe('ends at a limit with a sentence', () => {
    it('of turns, of which the last is announced', async () => {
      let n = 0;
      const tool = toolThat('step', () => ({ text: [`Step ${++n}.`] }));
      const at = bench({
        script: (_request, turn) => [call('step', { value: String(turn) })],
        tools: [tool],
        config: { modes: { act: { prompt: 'x', tools: ['step'] } } },
      });
      const { outcome, why } = await at.run({ maxRounds: 4 });
      assert.deepEqual([outcome, at.model.requests.length], ['limit', 4]);
      assert.match(why ?? '', /^Stopped after 4 turns/);
      assert.match(String(at.model.requests[3]?.messages.at(-1)?.content), /This is your last turn/);
    });

    it('of money, of which each call is told what is left', async () => {
      const told: (number | undefined)[] = [];
      const usage = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
      const spends = toolThat('spend', () => ({ spent: { usage, costUsd: 0.3 } }));
      const tool: typeof spends = {
        ...spends,
        prepare: (given, run) => {
          told.push(run.maxUsd);
          return spends.prepare(given, run);
        },
      };
      const calls = ['a', 'b', 'c'].map((value) => call('spend', { value }));
      const at = bench({
        script: [calls, ['Done.']],
        tools: [tool],
        config: { modes: { act: { prompt: 'x', tools: ['spend'] } } },
      });
      await at.run({ maxUsd: 1 });
      assert.deepEqual(
        told.map((usd) => usd?.toFixed(1)),
        ['1.0', '0.7', '0.4'],
      );
    });

    it('of money that is unknown', async () => {
      const at = bench({ script: [[call('list')], ['x']] });
      const { outcome, why } = await at.run({ maxUsd: 1 });
      assert.equal(outcome, 'done', 'what is free costs nothing');
      assert.equal(why, undefined);
    });

    it('of answers that nobody can read', async () => {
      const at = bench({ script: [['']] });
      const { outcome, why } = await at.run();
      assert.deepEqual([outcome, at.model.requests.length], ['limit', 3]);
      assert.match(why ?? '', /can't be read/);
    });

    it('of turns that bring nothing new, after one warning, and counts what they cost', async () => {
      const at = bench({ script: [[call('read', { path: 'a' })]], files: { a: 'x\n' } });
      const { outcome, why } = await at.run();
      assert.deepEqual([outcome, at.model.requests.length], ['limit', 5]);
      assert.match(why ?? '', /kept repeating itself.*Read a/);
      const warned = at.model.requests.filter(({ messages }) =>
        String(messages.at(-1)?.content).includes('You repeat yourself'),
      );
      assert.equal(warned.length, 1);
    });
  });

  it('replaces old results by their digests, many at once, and can read them again', async () => {
    const text = Array.from({ length: 180 }, (_, i) => `line ${i} with some words in it`).join('\n');
    const files = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`f${i}.txt`, `${i}\n${text}`]));
    const at = bench({
      script: (_request, turn) => (turn < 12 ? [call('read', { path: `f${turn}.txt` })] : ['Done.']),
      files,
      info: { contextTokens: 8192 },
    });
    assert.equal((await at.run()).outcome, 'done');
    const digests = at.model.requests.map(
      ({ messages }) => messages.filter(({ content }) => content.includes('Call again to see it')).length,
    );
    assert.ok((digests.at(-1) ?? 0) > 0);
    const changes = digests.filter((count, index) => count !== (digests[index - 1] ?? 0)).length;
    assert.ok(changes <= 6, `the prompt's beginning changed ${changes} times`);
    for (const { messages } of at.model.requests) assert.ok(JSON.stringify(messages).length / 3 < 8192);
  });

  it('leaves out what was said before the task where a model holds little, and never the task', async () => {
    const at = bench({ script: [['word '.repeat(2000)], ['Fine.']], info: { contextTokens: 2048 } });
    const { chatId } = await at.run({ task: 'First task' });
    await at.run({ task: 'Second task', chatId });
    const said = at.model.requests[1]?.messages.map(({ content }) => content) ?? [];
    assert.deepEqual(said.slice(1), ['Second task']);
  });

  it('has no tools but the search of the index where the folder is not trusted', async () => {
    const at = bench({ script: [[call('read', { path: 'a' })], ['No.']], files: { a: 'SECRET' }, isTrusted: false });
    await at.run();
    assert.deepEqual(
      at.model.requests[0]?.tools?.map(({ name }) => name),
      ['search'],
    );
    assert.ok(!JSON.stringify(at.model.requests).includes('SECRET'));
  });

  it('refuses what it cannot begin, and stores nothing', async () => {
    const at = bench({ script: [['x']] });
    await assert.rejects(at.run({ mode: 'nobody' }), { code: 'no-such-mode' });
    await assert.rejects(at.run({ mode: 'image' }), { code: 'mode-unavailable', message: /makes pictures/ });
    await assert.rejects(at.run({ mode: 'video' }), { code: 'mode-unavailable', message: /doesn't make videos yet/ });
    await assert.rejects(at.run({ root: 'file:///elsewhere' }), { code: 'no-folder' });
    await assert.rejects(at.run({ chatId: crypto.randomUUID() }), { code: 'chat-not-found' });
    assert.deepEqual((await at.jobs.list(defaultProfile, {}, at.caller().context)).items, []);
  });
});
