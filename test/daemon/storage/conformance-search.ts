// What every storage engine has to do about search over what is stored.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { CancelledError } from '../../../daemon/base/errors.ts';
import type { SearchRequest } from '../../../daemon/storage/search.ts';
import { indexed, vectorOf } from './indexed.ts';
import type { OpenEmpty, TestStorage } from './open-storage.ts';

export function describeSearch(open: OpenEmpty): void {
  describe('search in what is stored', () => {
    let storage: TestStorage;
    before(() => {
      storage = open();
    });
    after(() => storage[Symbol.asyncDispose]());

    const ids = async (request: string | (SearchRequest & { profile?: string })): Promise<string[]> =>
      (await storage.search.find(typeof request === 'string' ? { query: request } : request)).hits.flatMap(
        ({ id, places = [] }) => [id, ...places.map((place) => place.id)],
      );

    async function say(text: string, chat?: string): Promise<{ id: string; chatId: string }> {
      const chatId = chat ?? (await storage.chats.createChat({ title: 'A chat' })).id;
      return { ...(await storage.chats.addUserMessage(chatId, { text })), chatId };
    }

    it('a message is found at once, and still when it has been indexed', async () => {
      const { id, chatId } = await say('How do I parse a marmalade configuration?');
      assert.deepEqual(await ids('marmalade'), [id]);
      await indexed(storage);
      const { hits, notes } = await storage.search.find({ query: 'marmalade' });
      assert.deepEqual(
        hits.map((hit) => [hit.kind, hit.id, hit.parent, hit.title]),
        [['message', id, chatId, 'A chat']],
      );
      const [hit] = hits;
      const [[start, end] = [0, 0]] = hit?.snippet.highlights ?? [];
      assert.equal(hit?.snippet.text.slice(start, end), 'marmalade');
      assert.deepEqual(notes, []);
    });

    it('a message belongs to the project that its chat was made in', async () => {
      const project = await storage.projects.visit({
        name: 'shop',
        path: '/home/ada/shop',
        keys: [{ kind: 'path', value: '/home/ada/shop' }],
      });
      assert.ok(project);
      const { id: chatId } = await storage.chats.createChat({ projectId: project.id });
      const { id } = await say('Where is the quince kept?', chatId);
      await say('A quince elsewhere');
      for (const when of ['at once', 'indexed']) {
        assert.deepEqual(await ids({ query: 'quince', project: project.id }), [id], when);
        await indexed(storage);
      }
    });

    it('an answer is found when it has ended, and not while it streams', async () => {
      const { chatId } = await say('Tell me');
      const answer = await storage.chats.startAnswer(chatId, {});
      await storage.chats.appendAnswer(answer.id, { text: 'the quokka is small' });
      await indexed(storage);
      assert.deepEqual(await ids('quokka'), []);
      await storage.chats.finishAnswer(answer.id, { status: 'complete' });
      assert.deepEqual(await ids('quokka'), [answer.id]);
      await indexed(storage);
      assert.deepEqual(await ids('quokka'), [answer.id]);
    });

    it('an answer that was replaced by another is not found any more', async () => {
      const { chatId } = await say('Again');
      const first = await storage.chats.startAnswer(chatId, {});
      await storage.chats.appendAnswer(first.id, { text: 'the first platypus' });
      await storage.chats.finishAnswer(first.id, { status: 'complete' });
      await indexed(storage);
      const second = await storage.chats.startAnswer(chatId, { retryOf: first.id });
      await storage.chats.appendAnswer(second.id, { text: 'the second platypus' });
      await storage.chats.finishAnswer(second.id, { status: 'complete' });
      await indexed(storage);
      assert.deepEqual(await ids('platypus'), [second.id]);
    });

    it('what is deleted is gone at once, with its vector', async () => {
      const { id, chatId } = await say('A wombat that will be deleted');
      const kept = await say('A wombat that stays');
      await indexed(storage);
      await storage.searchIndex.useModel({ name: 'test', dimensions: 64 });
      await storage.searchIndex.store(
        (await storage.searchIndex.pending(100)).map(({ document, text }) => ({ document, vector: vectorOf(text) })),
      );
      const { vectors } = await storage.searchIndex.status();
      assert.deepEqual(
        (await ids({ query: 'wombat', vector: vectorOf('wombat') })).filter((one) => [id, kept.id].includes(one))
          .length,
        2,
      );
      await storage.chats.deleteChat(chatId);
      assert.ok(!(await ids({ query: 'wombat', vector: vectorOf('A wombat that will be deleted') })).includes(id));
      await indexed(storage);
      assert.ok(!(await ids({ query: 'wombat', vector: vectorOf('A wombat that will be deleted') })).includes(id));
      assert.equal((await storage.searchIndex.status()).vectors, vectors - 1);
    });

    it('a search sees its own profile alone, by words and by vectors', async () => {
      const source = { kind: 'memory', reference: 'm1', title: 'Secret', text: 'the axolotl lives in Mexico' } as const;
      const { id: other } = await storage.profiles.create({ name: 'Other' });
      const theirs = storage.in(other).search;
      const [question, vector] = [{ query: 'axolotl' }, vectorOf(source.text)];
      const asOther = async () => (await theirs.find({ ...question, vector })).hits.map(({ id }) => id);
      await theirs.put([source]);
      assert.deepEqual(await asOther(), ['m1']);
      assert.ok(!(await ids({ ...question, vector })).includes('m1'), 'waiting');
      await indexed(storage);
      await storage.searchIndex.store(
        (await storage.searchIndex.pending(100)).map(({ document, text }) => ({ document, vector: vectorOf(text) })),
      );
      assert.equal((await asOther())[0], 'm1');
      assert.ok(!(await ids({ ...question, vector })).includes('m1'), 'indexed');
      assert.deepEqual(await ids('kind:memory'), []);
      await storage.search.remove({ kind: 'memory', references: ['m1'] }); // not theirs to remove
      assert.equal((await asOther())[0], 'm1');
      await theirs.remove({ kind: 'memory', references: ['m1'] });
      assert.ok(!(await asOther()).includes('m1'));
    });

    it('a profile that is deleted leaves nothing in the index, and no vector', async () => {
      const before = await storage.searchIndex.status();
      const { id: doomed } = await storage.profiles.create({ name: 'Doomed' });
      const theirs = storage.in(doomed);
      const { id: chat } = await theirs.chats.createChat({});
      await theirs.chats.addUserMessage(chat, { text: 'a kakapo' });
      await theirs.search.put([{ kind: 'memory', reference: 'k', title: '', text: 'another kakapo' }]);
      await theirs.code.put('file:///shop', {
        path: 'kakapo.ts',
        stamp: '1',
        hash: '1',
        language: 'typescript',
        chunks: [{ symbol: 'kakapo', startLine: 0, endLine: 1, text: 'kakapo()' }],
      });
      await indexed(storage);
      await storage.searchIndex.store(
        (await storage.searchIndex.pending(100)).map(({ document, text }) => ({ document, vector: vectorOf(text) })),
      );
      assert.equal((await theirs.search.find({ query: 'kakapo' })).hits.length, 3);
      await storage.profiles.delete(doomed);
      await indexed(storage);
      const { documents, vectors } = await storage.searchIndex.status();
      assert.deepEqual([documents, vectors], [before.documents, before.vectors]);
      await assert.rejects(theirs.search.find({ query: 'kakapo' }), { code: 'profile-not-found' });
      await assert.rejects(theirs.code.files('file:///shop'), { code: 'profile-not-found' });
    });

    it('what is found is the branch that is read: an edit leaves it, a version that is chosen again comes back', async () => {
      const { id, chatId } = await say('the first version is about a tuatara');
      const answer = await storage.chats.startAnswer(chatId, {});
      await storage.chats.finishAnswer(answer.id, { status: 'complete', last: [{ text: 'a tuatara it is' }] });
      await indexed(storage);
      assert.deepEqual((await ids('tuatara')).sort(), [id, answer.id].sort());
      const edited = await storage.chats.addUserMessage(chatId, {
        text: 'the second version is about a weka',
        editOf: id,
      });
      assert.deepEqual([await ids('tuatara'), await ids('weka')], [[], [edited.id]]);
      await indexed(storage);
      assert.deepEqual([await ids('tuatara'), await ids('weka')], [[], [edited.id]]);
      await storage.chats.chooseVersion(chatId, edited.id, 1);
      for (const when of ['waiting', 'indexed']) {
        if (when === 'indexed') await indexed(storage);
        assert.deepEqual([(await ids('tuatara')).sort(), await ids('weka')], [[id, answer.id].sort(), []], when);
      }
      await storage.searchIndex.rebuild();
      await indexed(storage);
      assert.deepEqual([(await ids('tuatara')).sort(), await ids('weka')], [[id, answer.id].sort(), []]);
    });

    it('searches and writes that are made together each end by themselves, and all other calls go on', async () => {
      const controller = new AbortController();
      const [before, cancelled, stored, bad, found, removed] = await Promise.allSettled([
        say('a dingo before the search'),
        (async () => {
          const searching = storage.search.find({ query: 'dingo' }, controller.signal);
          controller.abort();
          return searching;
        })(),
        storage.search.put([{ kind: 'memory', reference: 'd', title: '', text: 'a dingo' }]),
        storage.search.find({ query: 'dingo', cursor: 'nonsense' }),
        storage.search.find({ query: 'dingo', kinds: ['memory'] }),
        storage.search.remove({ kind: 'memory', references: ['d'] }),
      ]);
      assert.deepEqual(
        [before.status, cancelled.status, stored.status, bad.status, found.status, removed.status],
        ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
      );
      assert.ok((cancelled as PromiseRejectedResult).reason instanceof CancelledError);
      assert.equal((bad as PromiseRejectedResult).reason.code, 'bad-cursor');
      assert.deepEqual(await ids('dingo kind:memory'), []);
    });

    it('code is found by its parts, its path, its language; what is put again replaces what was', async () => {
      const code = {
        kind: 'code',
        reference: 'src/cart.ts#1',
        parent: 'file:///shop/src/cart.ts',
        uri: 'file:///shop/src/cart.ts',
        project: 'shop',
        language: 'typescript',
        title: 'totalOf',
        range: { start: { line: 3, character: 0 }, end: { line: 9, character: 1 } },
      } as const;
      await storage.search.put([
        { ...code, text: 'function sumOfCartItems(items) { return items.length; }' },
        {
          ...code,
          reference: 'x.py#1',
          uri: 'file:///shop/x.py',
          parent: 'file:///shop/x.py',
          language: 'python',
          title: 'other',
          text: 'def sum_of_cart_items(): pass',
        },
      ]);
      for (const when of ['waiting', 'indexed']) {
        if (when === 'indexed') await indexed(storage);
        assert.deepEqual((await ids('kind:code cart')).sort(), ['src/cart.ts#1', 'x.py#1'], when);
        assert.equal((await ids('sumOfCartItems'))[0], 'src/cart.ts#1', when); // the other has its parts
        assert.deepEqual(await ids('"sum_of_cart_items"'), ['x.py#1'], when);
        assert.deepEqual(await ids('cart lang:python'), ['x.py#1'], when);
        assert.deepEqual(await ids('items path:src/'), ['src/cart.ts#1'], when);
        assert.deepEqual(await ids('sumOf* -length'), [], when);
        assert.deepEqual(await ids('items project:nothing'), [], when);
      }
      await storage.search.put([{ ...code, text: 'function renamed() {}' }]);
      await indexed(storage);
      assert.deepEqual(await ids('"function sumOfCartItems"'), []);
      assert.deepEqual(await ids('renamed'), ['src/cart.ts#1']);
      const { hits } = await storage.search.find({ query: 'renamed' });
      assert.deepEqual([hits[0]?.range, hits[0]?.project, hits[0]?.language], [code.range, 'shop', 'typescript']);
      await storage.search.remove({ kind: 'code', parent: 'file:///shop/src/cart.ts' });
      assert.deepEqual(await ids('renamed'), []);
    });

    it('findings are found by what they say', async () => {
      const finding = {
        message: 'The narwhal is never awaited',
        evidence: 'void narwhal();',
        source: 'eslint',
        rule: 'no-floating-promises',
      };
      await storage.findings.saveRun({
        id: 'r1',
        uri: 'file:///a.ts',
        summary: '',
        findings: [{ id: 'f1', runId: 'r1', uri: 'file:///a.ts', fingerprint: 'p', finding }],
      });
      assert.deepEqual(await ids('narwhal'), ['f1']);
      await indexed(storage);
      assert.deepEqual(await ids('no-floating-promises kind:finding'), ['f1']);
    });

    it('copies of a text are shown once, and a chat is one hit with its places inside', async () => {
      const { chatId } = await say('the original capybara');
      await storage.chats.forkChat(chatId);
      for (let i = 0; i < 6; i++) await say(`capybara number ${i}`, chatId);
      await indexed(storage);
      assert.equal((await ids('"original capybara"')).length, 1);
      const { hits } = await storage.search.find({ query: 'capybara' });
      assert.equal(new Set(hits.map(({ parent }) => parent)).size, hits.length);
      const [{ places = [] } = {}] = hits.filter(({ parent }) => parent === chatId);
      assert.equal(places.length, 5);
      assert.ok(places.every(({ snippet }) => snippet.text.includes('capybara')));
    });

    it('pages hold each hit once, and a wrong cursor is told', async () => {
      for (let i = 0; i < 25; i++) await say(`A pangolin, the ${i}th of them`);
      await indexed(storage);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await storage.search.find({ query: 'pangolin', limit: 10, ...(cursor && { cursor }) });
        seen.push(...page.hits.map(({ id }) => id));
        cursor = page.next;
      } while (cursor);
      assert.equal(seen.length, 25);
      assert.equal(new Set(seen).size, 25);
      await assert.rejects(storage.search.find({ query: 'pangolin', cursor: 'nonsense' }), { code: 'bad-cursor' });
    });

    it('pages hold each hit once though more is said meanwhile, whether it is indexed or not', async () => {
      for (let i = 0; i < 25; i++) await say(`An axolotl, the ${i}th of them`);
      await indexed(storage);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await storage.search.find({ query: 'axolotl', limit: 5, ...(cursor && { cursor }) });
        seen.push(...page.hits.map(({ id }) => id));
        cursor = page.next;
        await say('axolotl');
        if (seen.length > 10) await indexed(storage);
      } while (cursor);
      assert.equal(seen.length, 25);
      assert.equal(new Set(seen).size, 25);
    });

    it('dates bound a search', async () => {
      await say('A tapir of today');
      await indexed(storage);
      const today = new Date().toISOString().slice(0, 10);
      assert.equal((await ids(`tapir after:${today}`)).length, 1);
      assert.equal((await ids(`tapir before:${today}`)).length, 0);
      assert.equal((await ids({ query: 'tapir', since: Date.now() + 60_000 })).length, 0);
    });

    it('vectors of another model, or of another length, are never compared', async () => {
      await storage.searchIndex.useModel({ name: 'small', dimensions: 8 });
      const { pending, documents } = await storage.searchIndex.status();
      assert.equal(pending, documents);
      await say('A numbat');
      const { hits } = await storage.search.find({ query: 'numbat', vector: vectorOf('A numbat') }); // of 64 numbers, from the model before
      assert.deepEqual(
        hits.map(({ by }) => by),
        [['text']],
      );
      const [first] = await storage.searchIndex.pending(1);
      await assert.rejects(
        storage.searchIndex.store([{ document: first?.document ?? 0, vector: new Float32Array(64) }]),
        /64 numbers/,
      );
      await storage.searchIndex.store([{ document: first?.document ?? 0, vector: vectorOf(first?.text ?? '', 8) }]);
      assert.equal((await storage.searchIndex.status()).vectors, 1);
    });

    it('a search that is cancelled ends as cancelled', async () => {
      await assert.rejects(storage.search.find({ query: 'anything' }, AbortSignal.abort()), CancelledError);
    });

    it('a rebuild finds the same again', async () => {
      await indexed(storage);
      const before = await ids('capybara');
      await storage.searchIndex.rebuild();
      await indexed(storage);
      assert.deepEqual(await ids('capybara'), before);
      assert.equal((await ids('"the original capybara"')).length, 1);
    });
  });
}
