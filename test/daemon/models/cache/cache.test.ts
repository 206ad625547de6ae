// The answer cache: what counts as the same question, how long an answer holds, and what is never kept.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type CachedAnswer, cachedNote, createAnswerCache } from '../../../../daemon/models/cache/cache.ts';
import { type CacheQuestion, keyOf } from '../../../../daemon/models/cache/key.ts';
import { noUsage } from '../../../../daemon/models/providers/provider.ts';

const system = { role: 'system', content: 'Be brief.' } as const;
const question: CacheQuestion = {
  profile: 'default',
  model: 'lab/x',
  text: 'Why is the sky blue?',
  context: [system],
  attachments: [],
  tools: [],
};
const inConversation: CacheQuestion = {
  ...question,
  context: [system, { role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Hello' }],
};
const minuteMs = 60_000;

function answerAt(at: number, over: Partial<CachedAnswer> = {}): CachedAnswer {
  return {
    text: 'Rayleigh scattering.',
    model: 'lab/x',
    usage: noUsage,
    finishReason: 'stop',
    usedTools: false,
    at,
    ...over,
  };
}

function cacheAt(start: number, limits?: { entries: number; bytes: number }) {
  const clock = { now: start };
  return { clock, cache: createAnswerCache({ now: () => clock.now, ...(limits && { limits }) }) };
}

describe('the same question', () => {
  it('is one with other line ends, blanks at line ends, and blank lines around', () => {
    assert.equal(
      keyOf({ ...question, text: '\r\nWhy is  \r\n  the sky blue?\t\n\n' }).hash,
      keyOf({ ...question, text: 'Why is\n  the sky blue?' }).hash,
    );
  });

  it('is found in linear time, whatever the text', () => {
    for (const blank of [' ', '\n', '\t\n']) keyOf({ ...question, text: `x${blank.repeat(500_000)}x` });
  });

  const tool = { name: 'read', description: 'Reads a file.', parameters: { type: 'object' } };
  const changes: Record<string, Partial<CacheQuestion>> = {
    case: { text: 'why is the sky blue?' },
    indentation: { text: '  Why is the sky blue?' },
    'another model': { model: 'lab/y' },
    'another mode': { mode: 'agent' },
    'another profile': { profile: 'work' },
    'a turn before it': { context: inConversation.context },
    'another system prompt': { context: [{ ...system, content: 'Be verbose.' }] },
    'an attachment': { attachments: [{ kind: 'file', uri: 'file:///a', text: 'a' }] },
    'a tool': { tools: [tool] },
    'a changed tool': { tools: [{ ...tool, parameters: { type: 'object', required: ['path'] } }] },
  };
  it('is not one with anything else changed', () => {
    const hashes = [question, ...Object.values(changes).map((change) => ({ ...question, ...change }))].map(
      (each) => keyOf(each).hash,
    );
    assert.equal(new Set(hashes).size, hashes.length);
  });

  it('cannot be forged by moving text from one field into another', () => {
    assert.notEqual(
      keyOf({ ...question, profile: 'a', model: 'b/c' }).hash,
      keyOf({ ...question, profile: 'a","b', model: '/c' }).hash,
    );
  });
});

describe('the cache', () => {
  it('gives an answer back for an hour, and for half an hour within a conversation', () => {
    for (const [asked, minutes] of [
      [question, 60],
      [inConversation, 30],
    ] as const) {
      const { clock, cache } = cacheAt(0);
      const key = keyOf(asked);
      cache.put(key, answerAt(0));
      clock.now = minutes * minuteMs - 1;
      assert.deepEqual(cache.get(key), answerAt(0));
      clock.now++;
      assert.equal(cache.get(key), undefined);
      clock.now = 0;
      assert.equal(cache.get(key), undefined, 'what is too old is gone');
    }
  });

  it('keeps no answer that was cut short, refused or empty, and none that used tools', () => {
    const { cache } = cacheAt(0);
    const key = keyOf(question);
    for (const finishReason of ['length', 'repetition', 'tool-calls', 'content-filter', 'cancelled', 'error'] as const)
      cache.put(key, answerAt(0, { finishReason }));
    cache.put(key, answerAt(0, { usedTools: true }));
    cache.put(key, answerAt(0, { text: '' }));
    assert.equal(cache.get(key), undefined);
  });

  it('lets the answer go that was used longest ago when there are too many', () => {
    const { cache } = cacheAt(0, { entries: 2, bytes: 1e6 });
    const keys = ['a', 'b', 'c'].map((text) => keyOf({ ...question, text }));
    const [a, b, c] = keys as [ReturnType<typeof keyOf>, ReturnType<typeof keyOf>, ReturnType<typeof keyOf>];
    cache.put(a, answerAt(0));
    cache.put(b, answerAt(0));
    cache.get(a);
    cache.put(c, answerAt(0));
    assert.deepEqual(
      [a, b, c].map((key) => cache.get(key) !== undefined),
      [true, false, true],
    );
  });

  it('holds no more bytes than it may, whatever is put or replaced', () => {
    const { cache } = cacheAt(0, { entries: 1000, bytes: 10_000 });
    const keys = Array.from({ length: 50 }, (_, i) => keyOf({ ...question, text: `question ${i}` }));
    const filled = answerAt(0, { text: 'x'.repeat(2000) }); // 4500 bytes
    for (const key of [...keys, ...keys]) cache.put(key, filled);
    assert.equal(keys.filter((key) => cache.get(key)).length, 2);
    const [first] = keys;
    assert.ok(first);
    cache.put(first, answerAt(0, { text: 'x'.repeat(20_000) }));
    assert.equal(cache.get(first), undefined, 'an answer too large for the cache is not kept');
    assert.equal(keys.filter((key) => cache.get(key)).length, 2, 'and pushes no other out');
  });

  it('forgets one profile, or all', () => {
    const { cache } = cacheAt(0);
    const [mine, theirs] = [keyOf(question), keyOf({ ...question, profile: 'work' })];
    cache.put(mine, answerAt(0));
    cache.put(theirs, answerAt(0));
    cache.clear('work');
    assert.deepEqual([cache.get(mine) !== undefined, cache.get(theirs)], [true, undefined]);
    cache.clear();
    assert.equal(cache.get(mine), undefined);
  });

  it('says that an answer is from the cache, whose it is, and how old', () => {
    assert.equal(
      cachedNote(answerAt(0), 12 * minuteMs),
      'From the cache: lab/x answered the same question 12 minutes ago. No cost this time. To ask the model, try again.',
    );
    assert.match(cachedNote(answerAt(0), minuteMs - 1), /less than a minute ago/);
  });
});
