// What a model is shown of a chat: what is pinned, and the newest messages that fit.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { estimateTokens } from '../../../../daemon/base/tokens.ts';
import type { PromptTurn } from '../../../../daemon/features/chat/fit.ts';
import { type ContextOptions, contextFor } from '../../../../daemon/features/chat/window.ts';

const turn = (id: string, role: PromptTurn['role'], size: number): PromptTurn => ({
  id,
  role,
  content: id.padEnd(size, '.'),
});
const all: ContextOptions = { systemTokens: 100, scale: 1, contextTokens: undefined };
const chat = Array.from({ length: 20 }, (_, i) => turn(`m${i}`, i % 2 === 0 ? 'user' : 'assistant', 300)).concat(
  turn('question', 'user', 30),
);
const plain = (turns: readonly PromptTurn[]) => turns.map(({ role, content }) => ({ role, content }));
const pinning = (...ids: string[]): PromptTurn[] =>
  chat.map((one) => (ids.includes(one.id) ? { ...one, pinned: true } : one));

describe('the context of a question', () => {
  it('is everything where that fits, and where it is not known what does', () => {
    for (const contextTokens of [100_000, undefined]) {
      const { turns, included } = contextFor(chat, { ...all, contextTokens });
      assert.deepEqual(turns, plain(chat));
      assert.deepEqual(included, { pinned: [], recent: chat.length, firstRecent: 'm0', leftOut: 0 });
    }
  });

  it('leaves out the oldest messages, whole, and begins with a question', () => {
    for (let contextTokens = 150; contextTokens < 4000; contextTokens += 7) {
      const { turns, included } = contextFor(chat, { ...all, contextTokens });
      assert.deepEqual(turns, plain(chat.slice(included.leftOut)));
      assert.deepEqual(
        [turns[0]?.role, included.recent, included.firstRecent],
        ['user', turns.length, chat[included.leftOut]?.id],
      );
      const used = turns.reduce((sum, { content }) => sum + estimateTokens(content), all.systemTokens);
      assert.ok(turns.length === 1 || used <= contextTokens * 0.75, `${used} of ${contextTokens}`);
    }
  });

  it('never leaves out the question itself', () => {
    const question = turn('long', 'user', 100_000);
    assert.deepEqual(contextFor([...chat, question], { ...all, contextTokens: 512 }).turns, plain([question]));
    assert.deepEqual(contextFor([question], { ...all, contextTokens: 512 }).included, {
      pinned: [],
      recent: 1,
      firstRecent: 'long',
      leftOut: 0,
    });
  });

  it('leaves out more as it is tightened, also where it is not known what fits', () => {
    for (const contextTokens of [2000, undefined]) {
      const kept = [1, 2, 4, 8].map((scale) => contextFor(chat, { ...all, contextTokens, scale }).turns.length);
      assert.deepEqual(
        kept,
        kept.toSorted((a, b) => b - a),
      );
      assert.ok((kept[3] ?? 0) < (kept[0] ?? 0), String(kept));
    }
  });

  it('holds what is pinned whole, whatever is left out, in front of the newest messages and once', () => {
    for (const [contextTokens, scale] of [
      [150, 1],
      [600, 1],
      [1500, 1],
      [4000, 1],
      [undefined, 8],
      [undefined, 1],
    ] as const) {
      const { turns, included } = contextFor(pinning('m3', 'm4', 'm18'), { ...all, contextTokens, scale });
      const prompt = turns.map(({ content }) => content).join('\n');
      for (const id of ['m3', 'm4', 'm18']) {
        const text = id.padEnd(300, '.');
        assert.equal(prompt.split(text).length, 2, `${id} in ${contextTokens}`);
      }
      assert.ok(prompt.indexOf('m3..') < prompt.indexOf('m4..') && prompt.indexOf('m4..') < prompt.indexOf('m18..'));
      assert.deepEqual(included.pinned, ['m3', 'm4', 'm18']);
      assert.equal(turns.at(-1)?.content.endsWith('question'.padEnd(30, '.')), true);
      assert.ok(
        turns.every(({ role }, index) => role === (index % 2 === 0 ? 'user' : 'assistant')),
        'roles alternate',
      );
    }
  });

  it('gives the room that pinned messages take to no others, and counts those that were not even read', () => {
    const free = contextFor(chat, { ...all, contextTokens: 2000 }).included;
    const taken = contextFor(pinning('m0', 'm1', 'm2'), { ...all, contextTokens: 2000, earlier: 7 }).included;
    assert.ok(taken.recent < free.recent);
    assert.equal(taken.recent + taken.pinned.length + taken.leftOut, chat.length + 7);
  });
});
