// What happens to a run while others work on the same things: files that the user changes meanwhile, a folder that goes, a limit in the middle.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'mocha';
import { noCheckpoints } from '../../../../daemon/features/agent/loop/surroundings.ts';
import { defaultProfile } from '../../../../daemon/storage/profiles.ts';
import type { CallKind } from '../../../../shared/protocol/agent.ts';
import { type AgentBench, agentBench, type BenchOptions, call, toolThat } from './bench.ts';

let open: AgentBench[] = [];

function bench(options: BenchOptions): AgentBench {
  const made = agentBench(options);
  open.push(made);
  return made;
}

/** Resolves with the nth approval that is shown. */
async function approvals({ parts }: AgentBench, count: number) {
  for (;;) {
    const found = parts.flatMap((part) => (part.kind === 'approval' ? [part.approval] : []));
    if (found.length >= count) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const jobOf = ({ parts: [first] }: AgentBench): string => (first?.kind === 'started' ? first.jobId : '');
const toldLast = ({ model }: AgentBench): string => String(model.requests.at(-1)?.messages.at(-1)?.content);
const only = (...tools: string[]) => ({ modes: { act: { prompt: 'x', tools } } });

function approve(at: AgentBench, mark: string | undefined): Promise<void> {
  return at.agent.approve(
    { jobId: jobOf(at), callId: '1.1', mark, decision: 'once' },
    { jobs: at.jobs, profile: defaultProfile, caller: at.caller() },
  );
}

describe('a run among others', () => {
  afterEach(async () => {
    for (const each of open) await each.close();
    open = [];
  });

  describe('whose user changes a file before they allow an edit of it', () => {
    const before = 'one\ntwo\nthree\n';
    const edit = call('edit', { path: 'a.txt', old: 'two', new: '2' });

    it('asks again where the edit would be another one now', async () => {
      const at = bench({ script: [[edit], ['Done.']], files: { 'a.txt': before } });
      const running = at.run();
      const [first] = await approvals(at, 1);
      writeFileSync(join(at.root, 'a.txt'), `mine\n${before}`);
      await approve(at, first?.mark);
      const [, second] = await approvals(at, 2);
      assert.match(second?.diff ?? '', /^ mine$/m);
      await assert.rejects(approve(at, first?.mark), { code: 'approval-changed' });
      await approve(at, second?.mark);
      await running;
      assert.equal(readFileSync(join(at.root, 'a.txt'), 'utf8'), 'mine\none\n2\nthree\n');
    });

    const changed: Record<string, string> = {
      'took the text away': 'one\nmine\nthree\n',
      'emptied it': '',
      'has the text twice now': 'two\ntwo\n',
    };
    for (const [what, text] of Object.entries(changed))
      it(`writes nothing over what the user has written, who ${what}`, async () => {
        const at = bench({ script: [[edit], ['I see.']], files: { 'a.txt': before } });
        const running = at.run();
        const [first] = await approvals(at, 1);
        writeFileSync(join(at.root, 'a.txt'), text);
        await approve(at, first?.mark);
        await running;
        assert.equal(readFileSync(join(at.root, 'a.txt'), 'utf8'), text);
        const result = at.parts.find((part) => part.kind === 'result');
        assert.ok(result?.kind === 'result' && !result.ok, 'the user is told');
      });
  });

  it('says that its folder is gone, and does nothing elsewhere', async () => {
    const moves = toolThat('move', () => renameSync(at.root, `${at.root}-moved`) as never);
    const at: AgentBench = bench({
      script: [[call('move')], [call('edit', { path: 'a.txt', new: 'x' })], ['Done.']],
      tools: [moves],
      config: only('move', 'edit'),
    });
    try {
      await assert.rejects(at.run({ allow: ['edit'] }), (error: Error & { code: string }) => {
        assert.equal(error.code, 'folder-gone');
        assert.match(error.message, /no longer exists\. Put the folder back and resume the job/);
        return true;
      });
    } finally {
      renameSync(`${at.root}-moved`, at.root);
    }
    at.restart([['Done.']]);
    await at.jobs.resume(defaultProfile, jobOf(at), at.caller());
    assert.equal((await at.storage.jobs.job(jobOf(at))).state, 'done');
  });

  it("doesn't go on in the middle of a chat, and says so", async () => {
    const at = bench({
      script: [[call('act')]],
      tools: [toolThat('act', () => ({}), { kind: 'edit' })],
      config: only('act'),
    });
    const leaving = new AbortController();
    const running = at.agent.order(
      { task: 'x', modelOf: () => ({ source: 'policy' }) },
      { jobs: at.jobs, profile: defaultProfile, caller: { ...at.caller(leaving.signal), hasLeft: () => true } },
    );
    running.catch(() => {});
    const [asked] = await approvals(at, 1);
    leaving.abort();
    await assert.rejects(running);
    const [{ id: chatId = '' } = {}] = (await at.storage.chats.listChats({})).items;
    await assert.rejects(at.run({ task: 'Another task', chatId }), { code: 'task-waits' });
    await at.storage.chats.addUserMessage(chatId, { text: 'Something else' });
    await assert.rejects(approve(at, asked?.mark), { code: 'chat-went-on' });
    assert.equal((await at.storage.jobs.job(jobOf(at))).state, 'failed');
  });

  describe('keeps the files as they are', () => {
    const kinds: [CallKind, number][] = [
      ['edit', 1],
      ['run', 1],
      ['mcp', 1],
      ['web', 0],
      ['read', 0],
    ];
    for (const [kind, expected] of kinds)
      it(`${expected ? 'before' : 'not before'} a call that may ${kind}`, async () => {
        let kept = 0;
        const checkpoints = { ...noCheckpoints, before: async () => void kept++ };
        const at = bench({
          script: [[call('act')], ['Done.']],
          tools: [toolThat('act', () => ({}), { kind })],
          config: only('act'),
          deps: { checkpoints },
        });
        await at.run({ allow: [kind] });
        assert.equal(kept, expected);
      });

    it('not before an edit that finds nothing to change', async () => {
      let kept = 0;
      const at = bench({
        script: [[call('edit', { path: 'a.txt', old: '    total();', new: 'x' })], ['Done.']],
        files: { 'a.txt': '\ttotal();\n' },
        deps: { checkpoints: { ...noCheckpoints, before: async () => void kept++ } },
      });
      await at.run({ allow: ['edit'] });
      assert.match(toldLast(at), /a\.txt, lines/);
      assert.equal(kept, 0);
    });
  });

  describe('that ended at a limit', () => {
    const files = { 'a.txt': 'the answer is 42\n', 'b.txt': 'the other is 43\n' };
    const reads = (path: string) => [call('read', { path })];

    it('goes on by the next message in its chat, which knows what was read and done', async () => {
      const at = bench({ script: [reads('a.txt'), reads('b.txt')], files });
      const { chatId, outcome, why } = await at.run({ maxRounds: 2 });
      assert.equal(outcome, 'limit');
      assert.match(why ?? '', /To continue, send another message in its chat\./);
      at.restart([['It is 42.']]);
      await at.run({ task: 'Go on', chatId });
      assert.match(toldLast(at), /^Go on\n\nThe run before this one .*\n- .*a\.txt[\s\S]*the answer is 42[\s\S]*43/);
    });

    it('knows it after a third message, too, and no longer once the task is done', async () => {
      const at = bench({ script: [reads('a.txt')], files });
      const { chatId } = await at.run({ maxRounds: 1 });
      at.restart([reads('b.txt')]);
      await at.run({ task: 'Go on', chatId, maxRounds: 1 });
      at.restart([['Both are known.'], ['Fine.']]);
      await at.run({ task: 'Go on', chatId });
      assert.match(toldLast(at), /the answer is 42[\s\S]*the other is 43/);
      await at.run({ task: 'Thanks', chatId });
      assert.equal(toldLast(at), 'Thanks');
    });

    it('tells the next one less where its model holds little, the last in full', async () => {
      const long = Object.fromEntries(
        Array.from({ length: 8 }, (_, i) => [`f${i}.txt`, `mark${i}\n${'some more words\n'.repeat(80)}`]),
      );
      const info = { contextTokens: 2500 };
      const at = bench({ script: (_request, turn) => reads(`f${turn}.txt`), files: long, info });
      const { chatId } = await at.run({ maxRounds: 8 });
      at.restart([['Done.']]);
      await at.run({ task: 'Go on', chatId });
      const told = toldLast(at);
      assert.match(told, /- .*f0\.txt/);
      assert.ok(!told.includes('mark0') && told.includes('mark7'), told);
    });
  });

  for (const reason of ['length', 'repetition'] as const)
    it(`does no call in which the answer was cut off (${reason}), and says so`, async () => {
      const endless = `{"tool":"edit","path":"a.txt","old":"","new":"${'hello '.repeat(100)}`;
      const at = bench({
        script: [[endless, { kind: 'finish', reason }], ['{"say":"It is too long."}']],
        info: { capabilities: { chat: true, tools: false, jsonSchema: true } },
      });
      const { text, steps } = await at.run({ allow: ['edit'] });
      assert.deepEqual([text, steps, existsSync(join(at.root, 'a.txt'))], ['It is too long.', 1, false]);
      assert.match(toldLast(at), /Your call was cut off.*nothing was done/);
      assert.ok(JSON.stringify(at.model.requests.at(-1)?.messages).length < 4000, 'its text is not sent again');
    });
});
