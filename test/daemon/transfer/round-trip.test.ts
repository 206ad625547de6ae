// Our own document: what is exported and imported elsewhere is exported there as the same; twice is as good as once.
import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import type { TransferredChat } from '../../../shared/protocol/index.ts';
import { type Office, openOffice, outline } from './desk.ts';

/** A document with its ids numbered in the order in which they first appear. */
function numbered(document: string): string {
  const numbers = new Map<string, string>();
  return document.replace(
    /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}/g,
    (id) => numbers.get(id) ?? numbers.set(id, `id ${numbers.size}`).get(id) ?? '',
  );
}

describe('a document of chats', () => {
  let office: Office;
  let document: string;
  let chatId: string;

  before(async () => {
    office = openOffice();
    ({ document, chatId } = await fill(office));
  });
  after(() => office[Symbol.asyncDispose]());

  it('says all there is of a chat, every version in its place', () => {
    const {
      format,
      version,
      chats: [latest, first],
    } = JSON.parse(document) as { format: string; version: number; chats: TransferredChat[] };
    assert.deepEqual([format, version, latest?.title], ['switchyard-chats', 1, 'Another']);
    assert.ok(first);
    assert.deepEqual(
      [first.title, first.model, first.origin],
      ['Boats', 'lab/x', { source: 'switchyard', id: chatId }],
    );
    assert.deepEqual(outline(first), [
      'Q Q1',
      '  [A A1]',
      '  A B1',
      '    Q of A1',
      '    [Q Q2]',
      '    Q R2',
      '      A S2',
    ]);
    const answer = first.messages.find(({ text }) => text === 'B1');
    assert.deepEqual(
      { ...answer, id: '', parentId: '', createdAt: 0 },
      {
        id: '',
        parentId: '',
        createdAt: 0,
        role: 'assistant',
        text: 'B1',
        reasoning: 'Because.',
        status: 'failed',
        notes: ['A note.'],
        error: { code: 'overloaded', message: 'It was busy.', retryable: true },
        decision: { model: 'lab/x', provider: 'lab', reason: 'It was named.', alternatives: [], confidence: 1 },
        usage: { input: 1, cacheRead: 2, cacheWrite: 3, output: 4, reasoning: 5 },
        cost: 0.25,
        finishReason: 'stop',
        durationMs: 12.5,
        pinned: true,
        context: { pinned: [], recent: 1, firstRecent: first.messages[0]?.id, leftOut: 0 },
      },
    );
    assert.deepEqual(first.messages[0]?.attachments, [
      {
        kind: 'selection',
        uri: 'file:///a.ts',
        text: 'let x',
        range: { start: { line: 1, character: 2 }, end: { line: 3, character: 4 } },
      },
    ]);
  });

  it('imported into an empty profile, exports as the same document but for ids', async () => {
    const { id } = await office.memory.profiles.create({ name: 'Empty' });
    const desk = office.desk(id);
    assert.deepEqual(await desk.take(office.file('chats.json', document)), {
      source: 'switchyard',
      found: 2,
      imported: 2,
      grown: 0,
      known: 0,
      messages: 8,
      skipped: [],
    });
    const again = await desk.document();
    assert.notEqual(again, document);
    assert.equal(numbered(again), numbered(document));
    assert.deepEqual(
      (
        await office.memory
          .in(id)
          .chats.messages((await office.memory.in(id).chats.listChats({})).items[1]?.id ?? '', {})
      ).items.map(({ text, version, versions }) => `${text} ${version}/${versions}`),
      ['Q1 1/1', 'B1 2/2', 'R2 2/2', 'S2 1/1'],
    );
  });

  it('is known the second time, and where it was made; a trial run stores nothing', async () => {
    const { id } = await office.memory.profiles.create({ name: 'Twice' });
    const file = office.file('chats.json', document);
    assert.equal((await office.desk(id).take(file, { dryRun: true })).imported, 2);
    assert.deepEqual(await office.desk(id).chats(), []);
    await office.desk(id).take(file);
    for (const desk of [office.desk(id), office.desk()]) {
      const { imported, known } = await desk.take(file);
      assert.deepEqual([imported, known, (await desk.chats()).length], [0, 2, 2]);
    }
    const [chat] = (await office.memory.in(id).chats.listChats({})).items;
    await office.memory.in(id).chats.deleteChat(chat?.id ?? '');
    assert.equal((await office.desk(id).take(file)).imported, 1, 'one that was deleted comes back');
  });

  it('a chat whose messages make no tree is skipped whole, with the reason, and the others are stored', async () => {
    const { id } = await office.memory.profiles.create({ name: 'Hostile' });
    const chat = (name: string, messages: object[], more: object = {}): object => ({
      title: name,
      createdAt: 1,
      updatedAt: 2,
      origin: { source: 'switchyard', id: name },
      messages,
      ...more,
    });
    const said = (own: string, parentId?: string, more: object = {}): object => ({
      id: own,
      ...(parentId && { parentId }),
      role: 'user',
      text: own,
      status: 'complete',
      createdAt: 1,
      ...more,
    });
    const chats = [
      chat('twice', [said('a'), said('a')]),
      chat('ahead', [said('a'), said('b', 'c'), said('c', 'a')]),
      chat('itself', [said('a', 'a')]),
      chat('none', []),
      chat('late', [said('a')], { createdAt: 9e15 }),
      chat('text', [said('a', undefined, { text: 7 })]),
      chat('system', [said('a', undefined, { role: 'system' })]),
      chat('streaming', [said('a', undefined, { status: 'streaming' })]),
      'no chat',
      null,
      [],
      7,
      chat('source', [said('a')], { origin: { source: '../x', id: 'y' } }),
      chat('good', [said('__proto__'), said('constructor', '__proto__')], { unknown: true }),
    ];
    const text = JSON.stringify({ format: 'switchyard-chats', version: 1, chats }).replace(
      '"unknown":true',
      '"__proto__":{"title":"evil"}',
    );
    const { imported, skipped } = await office.desk(id).take(office.file('hostile.json', text));
    assert.deepEqual([imported, skipped.length], [1, 13], JSON.stringify(skipped, null, 1));
    assert.match(skipped[0]?.why ?? '', /its message 2 has the id of another one/);
    assert.match(skipped[1]?.why ?? '', /its message 2 follows one that does not come before it/);
    assert.match(skipped[4]?.why ?? '', /^createdAt is not what it should be/);
    assert.deepEqual(
      (await office.desk(id).chats()).map((one) => [one.title, ...outline(one)]),
      [['good', 'Q __proto__', '  Q constructor']],
    );
    assert.equal(({} as { title?: string }).title, undefined);
  });

  it('takes its project along by its id, and elsewhere by its folder', async () => {
    const root = office.file('workshop/readme.md', 'x').replace(/.readme\.md$/, '');
    const project = await office.memory.projects.visit({
      name: 'workshop',
      path: root,
      keys: [{ kind: 'path', value: root }],
    });
    const made = await office.memory.chats.createChat({ title: 'In it', projectId: project?.id ?? '' });
    await office.memory.chats.addUserMessage(made.id, { text: 'Saws?' });
    const text = await office.desk().document();
    const file = office.file('projects.json', text);
    const [exported] = (JSON.parse(text) as { chats: TransferredChat[] }).chats;
    assert.deepEqual(exported?.project, { id: project?.id, folder: root });
    await office.memory.chats.deleteChat(made.id);
    await office.desk().take(file);
    assert.equal(
      (await office.memory.chats.listChats({})).items.find(({ title }) => title === 'In it')?.projectId,
      project?.id,
    );
    const { id } = await office.memory.profiles.create({ name: 'Elsewhere' });
    assert.equal((await office.desk(id).take(file, { dryRun: true })).imported, 3);
    assert.deepEqual(await office.memory.in(id).projects.list(), [], 'a trial run makes none');
    await office.desk(id).take(file);
    const [theirs, ...others] = await office.memory.in(id).projects.list();
    assert.deepEqual([theirs?.path, theirs?.chatCount, others], [realpathSync(root), 1, []]);
  });

  it('from a newer Switchyard is refused with a sentence', async () => {
    await assert.rejects(
      office.desk().take(office.file('newer.json', { format: 'switchyard-chats', version: 2, chats: [] })),
      /written by a newer Switchyard \(document version 2/,
    );
  });

  it('what is cancelled ends between two chats, and those before stay', async () => {
    const { id } = await office.memory.profiles.create({ name: 'Cancelled' });
    const controller = new AbortController();
    await assert.rejects(
      office.desk(id).take(office.file('chats.json', document), {
        signal: controller.signal,
        onProgress: (_, within) => !within && controller.abort(),
      }),
      { name: 'AbortError' },
    );
    assert.equal((await office.desk(id).chats()).length, 1);
  });

  it('what is cancelled within a chat leaves nothing of that one', async () => {
    const { id } = await office.memory.profiles.create({ name: 'Cancelled within' });
    const controller = new AbortController();
    const takings: number[] = [];
    const messages = Array.from({ length: 1000 }, (_, index) => ({
      id: `m${index}`,
      ...(index > 0 && { parentId: `m${index - 1}` }),
      role: 'user',
      text: `${index}`,
      status: 'complete',
      createdAt: 1,
    }));
    const file = office.file('long.json', {
      format: 'switchyard-chats',
      version: 1,
      chats: [{ title: 'Long', createdAt: 1, updatedAt: 1, origin: { source: 'switchyard', id: 'long' }, messages }],
    });
    const onProgress = (_: unknown, within?: { taken: number }): void => {
      if (within && takings.push(within.taken) === 2) controller.abort();
    };
    await assert.rejects(office.desk(id).take(file, { signal: controller.signal, onProgress }), {
      name: 'CancelledError',
    });
    assert.deepEqual([takings.length, await office.desk(id).chats()], [2, []]);
  });
});

/** Two chats with everything that a message can have. */
async function fill({ memory, desk }: Office): Promise<{ document: string; chatId: string }> {
  const { chats, ledger } = memory;
  const { id: chatId } = await chats.createChat({ title: 'Boats', model: 'lab/x' });
  const question = await chats.addUserMessage(chatId, {
    text: 'Q1',
    attachments: [
      {
        kind: 'selection',
        uri: 'file:///a.ts',
        text: 'let x',
        range: { start: { line: 1, character: 2 }, end: { line: 3, character: 4 } },
      },
    ],
  });
  const answer = async (text: string, place: object = {}): Promise<string> => {
    const { id } = await chats.startAnswer(chatId, {
      decision: { id: 'd1', model: 'lab/x', provider: 'lab', reason: 'It was named.', alternatives: [], confidence: 1 },
      ...place,
    });
    await chats.appendAnswer(id, { text, reasoning: 'Because.', note: 'A note.' });
    const context = { pinned: [], recent: 1, firstRecent: question.id, leftOut: 0 };
    await chats.finishAnswer(id, {
      status: 'failed',
      usage: { input: 1, cacheRead: 2, cacheWrite: 3, output: 4, reasoning: 5 },
      finishReason: 'stop',
      error: { code: 'overloaded', message: 'It was busy.', retryable: true },
      durationMs: 12.5,
      context,
    });
    const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
    await ledger.record({
      id: `r-${id}`,
      at: 1,
      day: '2026-01-01',
      profile: 'default',
      chat: chatId,
      answer: id,
      task: 'chat',
      provider: 'lab',
      model: 'lab/x',
      usage,
      costUsd: 0.25,
      status: 'complete',
    });
    return id;
  };
  const first = await answer('A1');
  await chats.addUserMessage(chatId, { text: 'of A1' });
  const second = await answer('B1', { retryOf: first });
  await chats.pin(second, true);
  const { id: edited } = await chats.addUserMessage(chatId, { text: 'Q2' });
  await chats.addUserMessage(chatId, { text: 'R2', editOf: edited });
  await answer('S2');
  const other = await chats.createChat({ title: 'Another' });
  await chats.addUserMessage(other.id, { text: 'Hello' });
  await chats.createChat({ title: 'Nothing said' });
  return { document: await desk().document(), chatId };
}
