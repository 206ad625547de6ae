// An answer is stored while it streams: in order, in as few writes as storage keeps up with, and never twice.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { AnswerWriter } from '../../../../daemon/features/chat/answer-writer.ts';
import type { Chats } from '../../../../daemon/storage/chats.ts';

/** Storage that takes one write at a time, once it is let through, and refuses when told to. */
class SlowStorage {
  readonly writes: Parameters<Chats['appendAnswer']>[1][] = [];
  readonly ends: unknown[] = [];
  failure: Error | undefined;
  gate = Promise.withResolvers<void>();
  #atWork = false;

  /** Lets all writes through from now on. */
  open(): void {
    this.gate.resolve();
  }

  readonly chats = {
    appendAnswer: async (_id: string, added: Parameters<Chats['appendAnswer']>[1]) => {
      assert.equal(this.#atWork, false, 'one write at a time');
      this.#atWork = true;
      await this.gate.promise;
      this.#atWork = false;
      if (this.failure) throw this.failure;
      this.writes.push(added);
    },
    finishAnswer: async (_id: string, end: unknown) => void this.ends.push(end),
  } as unknown as Chats;
}

const end = { status: 'complete' as const };

describe('the answer writer', () => {
  it('stores the first part at once and gathers what comes while a write is under way', async () => {
    const storage = new SlowStorage();
    const writer = new AnswerWriter(storage.chats, 'id');
    for (const text of ['a', 'b', 'c', 'd']) writer.add({ kind: 'text', text });
    storage.open();
    await writer.finish(end);
    assert.deepEqual(storage.writes, [{ text: 'a' }]);
    assert.deepEqual(storage.ends, [{ ...end, last: [{ text: 'bcd' }] }]);
    assert.equal(writer.text, 'abcd');
  });

  it('gathers what comes shortly after a write began, and its end waits for nothing', async () => {
    const storage = new SlowStorage();
    storage.open();
    const writer = new AnswerWriter(storage.chats, 'id', { gatherMs: 3_600_000 });
    for (const text of ['a', 'b', 'c']) {
      writer.add({ kind: 'text', text });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writer.finish(end);
    assert.deepEqual([storage.writes, storage.ends], [[{ text: 'a' }], [{ ...end, last: [{ text: 'bc' }] }]]);
  });

  it('adds nothing before the answer itself is stored, and fails with it', async () => {
    const storage = new SlowStorage();
    storage.open();
    const begun = Promise.withResolvers<void>();
    const writer = new AnswerWriter(storage.chats, 'id', { begun: begun.promise });
    writer.add({ kind: 'text', text: 'a' });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(storage.writes, []);
    begun.reject(new Error('no place'));
    await new Promise((resolve) => setImmediate(resolve));
    await assert.rejects(writer.finish(end), /no place/);
    assert.deepEqual([storage.writes, storage.ends, writer.text], [[], [], 'a']);
  });

  it('an end that comes before the answer is stored goes right behind it, and fails with it', async () => {
    const storage = new SlowStorage();
    const [begun, refused] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const [whole, lost] = [begun, refused].map(({ promise }) => {
      const writer = new AnswerWriter(storage.chats, 'id', { begun: promise });
      writer.add({ kind: 'text', text: 'a' });
      return writer.finish(end);
    });
    assert.deepEqual(
      [storage.writes, storage.ends],
      [
        [],
        [
          { ...end, last: [{ text: 'a' }] },
          { ...end, last: [{ text: 'a' }] },
        ],
      ],
    );
    begun.resolve();
    refused.reject(new Error('no place'));
    await whole;
    await assert.rejects(lost ?? Promise.resolve(), /no place/);
  });

  it('keeps the order of text, reasoning and notes; each note stands alone', async () => {
    const storage = new SlowStorage();
    const writer = new AnswerWriter(storage.chats, 'id');
    for (const kind of [
      'reasoning',
      'reasoning',
      'reasoning',
      'text',
      'note',
      'note',
      'text',
      'text',
      'reasoning',
    ] as const)
      writer.add({ kind, text: kind[0] ?? '' });
    storage.open();
    await writer.finish(end);
    assert.deepEqual(storage.writes, [{ reasoning: 'r' }]);
    assert.deepEqual(storage.ends, [
      {
        ...end,
        last: [{ reasoning: 'rr' }, { text: 't' }, { note: 'n' }, { note: 'n' }, { text: 'tt' }, { reasoning: 'r' }],
      },
    ]);
    assert.equal(writer.text, 'ttt', 'notes and reasoning are no part of the text');
  });

  it('goes on after a pause', async () => {
    const storage = new SlowStorage();
    storage.open();
    const writer = new AnswerWriter(storage.chats, 'id', { gatherMs: 0 });
    for (const text of ['a', 'b', 'c']) {
      writer.add({ kind: 'text', text });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writer.finish(end);
    assert.deepEqual(storage.writes, [{ text: 'a' }, { text: 'b' }, { text: 'c' }]);
  });

  it('tells at its end that storage failed, with nothing stored after the gap; the text is there to be seen', async () => {
    const storage = new SlowStorage();
    const writer = new AnswerWriter(storage.chats, 'id');
    storage.failure = new Error('disk full');
    writer.add({ kind: 'text', text: 'a' });
    writer.add({ kind: 'text', text: 'b' });
    storage.open();
    await new Promise((resolve) => setImmediate(resolve));
    storage.failure = undefined;
    writer.add({ kind: 'text', text: 'c' });
    await assert.rejects(writer.finish(end), /disk full/);
    assert.deepEqual([storage.writes, storage.ends, writer.text], [[], [], 'abc']);
  });

  it('ends an answer as far as it was stored after a failed write, whatever its status but complete', async () => {
    for (const status of ['partial', 'cancelled', 'failed'] as const) {
      const storage = new SlowStorage();
      const writer = new AnswerWriter(storage.chats, 'id');
      storage.failure = new Error('disk full');
      writer.add({ kind: 'text', text: 'a' });
      storage.open();
      await new Promise((resolve) => setImmediate(resolve));
      await assert.rejects(writer.finish(end), /disk full/);
      await writer.finish({ status });
      assert.deepEqual([storage.writes, storage.ends], [[], [{ status }]]);
    }
  });
});
