// Memories against real storage and its search: proposed once, used where they hold, and gone from everywhere when they go.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { estimateTokens } from '../../../../daemon/base/tokens.ts';
import { createMemories, type UserMemories } from '../../../../daemon/features/memories/memories.ts';
import { sectionOf } from '../../../../daemon/features/memories/section.ts';
import { createFind } from '../../../../daemon/features/search/search.ts';
import { indexed } from '../../storage/indexed.ts';
import {
  openTestStorage,
  silentLog,
  type TestFolder,
  type TestStorage,
  testFolder,
} from '../../storage/open-storage.ts';

const { signal } = new AbortController();

describe('memories', () => {
  let folder: TestFolder;
  let memory: TestStorage;
  let memories: UserMemories;
  let changes: string[];
  /** Texts that mean the same to the model of this test. */
  let same: Map<string, Float32Array>;
  beforeEach(() => {
    folder = testFolder();
    memory = openTestStorage(folder.database);
    changes = [];
    same = new Map();
    let made = 0;
    const apart = (): Float32Array => Float32Array.from({ length: 8 }, (_, index) => Number(index === made % 8));
    const embedder = {
      model: 'test',
      dimensions: 8,
      embed: async (texts: readonly string[]) => {
        made++;
        return texts.map((text) => same.get(text) ?? apart());
      },
    };
    memories = createMemories({
      memoriesOf: (profile) => memory.in(profile).memories,
      embedder,
      estimateTokens,
      onChange: (profile) => changes.push(profile),
      now: () => 7,
      log: silentLog,
      find: createFind({ searchOf: (profile) => memory.in(profile).search, log: silentLog }),
    });
  });
  afterEach(async () => {
    await memory[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const question = async (text: string): Promise<string> =>
    (await memory.chats.beginTurn({ question: { text }, recall: 1 })).messages[0]?.id ?? '';
  const propose = async (text: string, projectId?: string) =>
    memories.propose({ profile: 'default', chatId: 'c', text, messageId: await question(text), projectId }, signal);
  const recalled = async (text = 'how?', projectId?: string, chatId: string = crypto.randomUUID()) =>
    (await memories.recall({ profile: 'default', chatId, text, projectId }, signal)).map((fact) => fact.text);
  const found = async (query: string) => {
    await indexed(memory);
    return (await memory.search.find({ query, kinds: ['memory'] })).hits.map(({ id }) => id);
  };

  it('are proposed with their source, and not used before they are accepted', async () => {
    const proposed = await propose('Fix it. We use tabs here.');
    assert.deepEqual(
      [proposed?.text, proposed?.state, proposed?.messageId !== undefined, proposed?.chatId !== undefined],
      ['We use tabs here', 'proposed', true, true],
    );
    assert.deepEqual([await recalled(), await found('tabs')], [[], []]);
    const { id, state } = await memories.accept('default', proposed?.id ?? '', { text: ' We use tabs\neverywhere ' });
    assert.deepEqual([state, await recalled(), await found('tabs')], ['accepted', ['We use tabs everywhere'], [id]]);
  });

  it('are proposed once: not what is proposed, remembered, switched off or was dismissed', async () => {
    const first = await propose('We use tabs here');
    assert.equal(await propose('we use the tabs here!'), undefined);
    await memories.dismiss('default', first?.id ?? '');
    assert.equal(await propose('We use tabs here.'), undefined);
    assert.deepEqual(await memories.list('default'), []);
    const { id } = await memories.add('default', { text: 'Never use var' });
    await memories.update('default', id, { enabled: false });
    assert.equal(await propose('never use var'), undefined);
  });

  it('are not proposed where one means the same, unless it denies it or counts otherwise', async () => {
    const vector = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0);
    for (const text of [
      'We use Postgres 16',
      'Our database is Postgres 16',
      'We never use Postgres 16',
      'Our database is Postgres 17',
    ])
      same.set(text, vector);
    await memories.add('default', { text: 'We use Postgres 16' });
    assert.equal(await propose('Our database is Postgres 16'), undefined);
    assert.equal((await propose('We never use Postgres 16'))?.text, 'We never use Postgres 16');
    assert.equal((await propose('Our database is Postgres 17'))?.text, 'Our database is Postgres 17');
  });

  it('never hold a secret, however they come', async () => {
    const key = ['sk-ant-api03', 'Zx9-Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0Lz9Xc8Vb7Nm6Qa5Ws4Ed3Rf2Tg1Yh0'].join('-');
    assert.equal(await propose(`Remember that our deployment uses ${key}`), undefined);
    await assert.rejects(memories.add('default', { text: `Deploy with ${key}` }), { code: 'memory-secret' });
    const { id } = await memories.add('default', { text: 'Deploy on Fridays' });
    await assert.rejects(memories.update('default', id, { text: key }), { code: 'memory-secret' });
    await assert.rejects(memories.add('default', { text: ' \n' }), { code: 'memory-empty' });
    await assert.rejects(memories.add('default', { text: 'deploy on fridays.' }), { code: 'memory-exists' });
    assert.deepEqual(await recalled(), ['Deploy on Fridays']);
  });

  it('hold nothing that is not seen: no control characters, no hidden text, not even to hide a secret', async () => {
    const { text } = await memories.add('default', { text: '\u202eWe\u0000 use\u001b[2J \u{e0041}tabs\ud800\u2066' });
    assert.equal(text, 'We use[2J tabs');
    await assert.rejects(memories.add('default', { text: '\u200b\u202e\u{e0041}' }), { code: 'memory-empty' });
    const key = ['sk-ant-api03', 'Zx9-Qw8Er7Ty6Ui5Op4As3\u200bDf2Gh1Jk0Lz9Xc8Vb7Nm6Qa5Ws4Ed3Rf2Tg1Yh0'].join('\u2060-');
    await assert.rejects(memories.add('default', { text: `Deploy with ${key}` }), { code: 'memory-secret' });
  });

  it('are used in the order in which they were made, switched on, in their project and profile alone', async () => {
    const { id: project } = (await memory.projects.visit({
      name: 'p',
      path: '/p',
      keys: [{ kind: 'path', value: '/p' }],
    })) ?? { id: '' };
    const other = (await memory.profiles.create({ name: 'Other' })).id;
    await memories.add('default', { text: 'First' });
    await memories.add('default', { text: 'Here alone', projectId: project });
    const off = await memories.add('default', { text: 'Switched off' });
    await memories.add(other, { text: 'Of another profile' });
    await memories.update('default', off.id, { enabled: false });
    assert.deepEqual(await recalled('x', project), ['First', 'Here alone']);
    assert.deepEqual(await recalled('x'), ['First']);
    assert.deepEqual(await recalled('x', 'another'), ['First']);
    assert.deepEqual(
      (await memories.recall({ profile: other, chatId: 'c', text: 'x' }, signal)).map(({ text }) => text),
      ['Of another profile'],
    );
    await assert.rejects(memories.add('default', { text: 'x y z', projectId: 'never' }), { code: 'project-not-found' });
    for (const foreign of [(await memory.memories.list())[0]?.id ?? '', 'never']) {
      const { memories: theirs } = memory.in(other);
      for (const call of [theirs.update(foreign, { text: 'x' }), theirs.update(foreign, {}), theirs.delete(foreign)])
        await assert.rejects(call, { code: 'memory-not-found' });
    }
  });

  it('of which there are too many are chosen by the question, and told in a stable order', async () => {
    for (let i = 0; i < 30; i++)
      await memory.memories.add({
        text: i === 3 ? 'The zebra module is written in Zig' : `Fact number ${i}`,
        state: 'accepted',
      });
    await indexed(memory);
    const chosen = await recalled('How is the zebra module built? -number kind:chats');
    assert.equal(chosen.length, 20);
    assert.equal(chosen[0], 'The zebra module is written in Zig', 'found, and the oldest of those that go along');
    assert.ok(!(await recalled('quokkas?')).includes(chosen[0] ?? ''), 'else the newest do');
    const inChat = (text: string) => recalled(text, undefined, 'one chat');
    const first = await inChat('zebra, number 7');
    assert.deepEqual(await inChat('zebra'), first, 'a chat is told the same while that holds the best');
    assert.ok(!first.includes('Fact number 1') && (await inChat('1')).includes('Fact number 1'));
    await memories.delete('default', (await memory.memories.list())[3]?.id ?? '');
    assert.ok(!(await inChat('1')).includes('The zebra module is written in Zig'));
    const long = await memory.memories.add({ text: `Zebra ${'stripes '.repeat(60)}`, state: 'accepted' });
    for (let i = 0; i < 9; i++)
      await memory.memories.add({ text: `Zebra ${i} ${'stripes '.repeat(58)}`, state: 'accepted' });
    await indexed(memory);
    const tokens = (await recalled('zebra stripes')).reduce((sum, text) => sum + estimateTokens(text), 0);
    assert.ok(tokens <= 1500 && tokens > 1000, String(tokens));
    assert.ok(long.id);
  });

  it('that are edited or deleted leave search with their vectors at once, and answers kept from them', async () => {
    const { id } = await memories.add('default', { text: 'We keep wombats' });
    await memory.searchIndex.useModel({ name: 'test', dimensions: 64 });
    assert.deepEqual(await found('wombats'), [id]);
    const vector = new Float32Array(64).fill(0.125);
    await memory.searchIndex.store((await memory.searchIndex.pending(9)).map(({ document }) => ({ document, vector })));
    assert.equal((await memory.searchIndex.status()).vectors, 1);
    await memories.update('default', id, { text: 'We keep possums' });
    assert.deepEqual(
      (await memory.search.find({ query: 'wombats', vector })).hits,
      [],
      'before anything is indexed anew',
    );
    assert.deepEqual([await found('wombats'), await found('possums')], [[], [id]]);
    await memories.delete('default', id);
    assert.deepEqual((await memory.search.find({ query: 'possums', vector })).hits, []);
    assert.deepEqual([await found('possums'), (await memory.searchIndex.status()).documents], [[], 0]);
    assert.deepEqual(changes, ['default', 'default', 'default']);
  });

  it('lose their source with its chat, and a proposal goes with it', async () => {
    const accepted = await propose('We use tabs here');
    await memories.accept('default', accepted?.id ?? '', {});
    const waiting = await propose('Never use var');
    for (const chatId of [accepted?.chatId, waiting?.chatId]) await memory.chats.deleteChat(chatId ?? '');
    const left = await memory.memories.list();
    assert.deepEqual(
      left.map(({ text, messageId }) => [text, messageId]),
      [['We use tabs here', undefined]],
    );
  });

  it('follow their project when it is joined with another, and go with their profile', async () => {
    const at = (path: string) => ({ name: path.slice(1), path, keys: [{ kind: 'path' as const, value: path }] });
    const [old, fresh] = [
      (await memory.projects.visit(at('/old')))?.id ?? '',
      (await memory.projects.visit(at('/new')))?.id ?? '',
    ];
    await memories.add('default', { text: 'Held in the new one', projectId: fresh });
    await memory.projects.attach(old, at('/new'));
    assert.deepEqual(await recalled('x', old), ['Held in the new one']);
    const other = (await memory.profiles.create({ name: 'Other' })).id;
    await memories.add(other, { text: 'A secret wombat' });
    await memory.profiles.delete(other);
    assert.ok(!(await memory.backups.verify()).problems.length);
    await indexed(memory);
    assert.equal((await memory.searchIndex.status()).documents, 1);
  });

  it('of which a model holds little leave it room', () => {
    const facts = Array.from({ length: 20 }, (_, index) => ({
      id: String(index),
      text: `A fact of some length, number ${index}`,
    }));
    assert.equal(sectionOf(facts, { contextTokens: undefined, estimateTokens }).memories.length, 20);
    const small = sectionOf(facts, { contextTokens: 2048, estimateTokens });
    assert.ok(small.memories.length > 0 && small.memories.length < 20);
    assert.ok(estimateTokens(small.text) <= 0.11 * 2048);
    assert.deepEqual(sectionOf(facts, { contextTokens: 100, estimateTokens }), { text: '', memories: [] });
  });
});
