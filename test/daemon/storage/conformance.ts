// What every storage engine has to do, as a suite that any of them can be run against: it knows `Storage` and its parts, and nothing of
// SQLite, of files or of threads. A second engine has a test of its own beside storage.test.ts, of three lines:
//   describeStorage('storage in X', () => withDefault(openX(…)), () => remove what it left);
// where `openX` returns a `Storage` that is empty, at each call another. What only SQLite has (its file, crashes, damage, migrations) is
// tested in sqlite/.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { Chats } from '../../../daemon/storage/chats.ts';
import type { Findings, StoredFinding } from '../../../daemon/storage/findings.ts';
import type { Storage } from '../../../daemon/storage/storage.ts';
import { describeBackups } from './conformance-backups.ts';
import { describeCode } from './conformance-code.ts';
import { describeGrowth } from './conformance-growth.ts';
import { describeImports } from './conformance-imports.ts';
import { describeMemories } from './conformance-memories.ts';
import { describeOlderMessages } from './conformance-older-messages.ts';
import { describeApprovals, describeProfiles, describeProjects } from './conformance-profiles.ts';
import { describeRecords } from './conformance-records.ts';
import { describeReviewMemory } from './conformance-review-memory.ts';
import { describeSearch } from './conformance-search.ts';
import { describeTrash } from './conformance-trash.ts';
import { describeTrees } from './conformance-trees.ts';
import { allPages, type OpenEmpty, type TestStorage } from './open-storage.ts';

export function describeStorage(name: string, open: OpenEmpty, close: () => void): void {
  describe(name, () => {
    let storage: TestStorage;
    before(() => {
      storage = open();
    });
    after(async () => {
      await storage[Symbol.asyncDispose]();
      close();
    });
    describeChats(() => storage.chats);
    describeAnswers(() => storage.chats);
    describeTrees(() => storage.chats);
    describeFindings(() => storage.findings);
    describeReviewMemory(() => storage);
    describeProfiles(() => storage);
    describeProjects(() => storage);
    describeApprovals(open);
    describeGrowth(() => storage);
    describeKeyFile(() => storage.keyFile);
    describeImports(open);
    describeTrash(open);
    describeOlderMessages(open);
    describeRecords(open);
    describeMemories(open);
    describeCode(open);
    describeSearch(open);
    describeBackups(open);
  });
}

function describeKeyFile(keyFile: () => Storage['keyFile']): void {
  it('the highest number of the key file is kept', async () => {
    const seen = [await keyFile().latest()];
    for (const generation of [3, 2, 4]) {
      await keyFile().note(generation);
      seen.push(await keyFile().latest());
    }
    assert.deepEqual(seen, [0, 3, 3, 4]);
  });
}

function describeChats(chats: () => Chats): void {
  describe('chats', () => {
    it('a chat is named after the first question, unless it has a name', async () => {
      const unnamed = await chats().createChat({});
      await chats().addUserMessage(unnamed.id, { text: '\n  Why is the sky blue?\nAnd the sea?' });
      await chats().addUserMessage(unnamed.id, { text: 'Another question' });
      assert.equal((await chats().chat(unnamed.id)).title, 'Why is the sky blue?');
      const named = await chats().createChat({ title: 'Physics', model: 'lab/tiny' });
      await chats().addUserMessage(named.id, { text: 'Why is the sky blue?' });
      const { title, model, messageCount } = await chats().chat(named.id);
      assert.deepEqual({ title, model, messageCount }, { title: 'Physics', model: 'lab/tiny', messageCount: 1 });
    });

    it('a changed title or model stays changed, and null takes the model away', async () => {
      const { id } = await chats().createChat({ model: 'lab/tiny' });
      await chats().updateChat(id, { title: 'New name' });
      assert.equal((await chats().chat(id)).model, 'lab/tiny');
      await chats().updateChat(id, { model: null });
      const chat = await chats().chat(id);
      assert.equal(chat.title, 'New name');
      assert.equal(chat.model, undefined);
    });

    it('the list begins with the chat used last', async () => {
      const first = await chats().createChat({ title: 'first' });
      await chats().createChat({ title: 'second' });
      await chats().addUserMessage(first.id, { text: 'hello again' });
      const [top] = (await chats().listChats({ limit: 1 })).items;
      assert.equal(top?.id, first.id);
    });

    it('pages of the list hold each chat once, even when chats are added meanwhile', async () => {
      const made: string[] = [];
      for (let i = 0; i < 7; i++) made.push((await chats().createChat({ title: `page ${i}` })).id);
      const seen = await allPages(async (cursor) => {
        const page = await chats().listChats({ limit: 3, ...(cursor && { cursor }) });
        await chats().createChat({ title: 'added while paging' });
        return page;
      });
      const ids = seen.flat().map((chat) => chat.id);
      assert.equal(new Set(ids).size, ids.length);
      assert.deepEqual(
        ids.filter((id) => made.includes(id)),
        made.toReversed(),
      );
      assert.ok(seen.slice(0, -1).every((page) => page.length === 3));
    });

    it('a chat that is not there is named as the reason by every call', async () => {
      const { id } = await chats().createChat({});
      const { id: messageId } = await chats().addUserMessage(id, { text: 'soon gone' });
      await chats().deleteChat(id);
      const gone = { name: 'UserError', code: 'chat-not-found' };
      await assert.rejects(chats().chat(id), gone);
      await assert.rejects(chats().updateChat(id, { title: 'x' }), gone);
      await assert.rejects(chats().updateChat(id, {}), gone);
      await assert.rejects(chats().deleteChat(id), gone);
      await assert.rejects(chats().forkChat(id), gone);
      await assert.rejects(chats().messages(id, {}), gone);
      await assert.rejects(chats().addUserMessage(id, { text: 'x' }), gone);
      await assert.rejects(chats().startAnswer(id, {}), gone);
      await assert.rejects(chats().message(messageId), { code: 'message-not-found' });
    });

    it('a cursor that nobody gave out is refused with a sentence', async () => {
      await assert.rejects(chats().listChats({ cursor: 'nonsense' }), { code: 'bad-cursor' });
    });

    it('a fork holds copies up to the named message and goes its own way', async () => {
      const { id } = await chats().createChat({ title: 'Original', model: 'lab/tiny' });
      await chats().addUserMessage(id, {
        text: 'one',
        attachments: [{ kind: 'file', uri: 'file:///a', text: 'a' }],
      });
      const answer = await chats().startAnswer(id, { decision: { model: 'lab/tiny' } });
      await chats().appendAnswer(answer.id, { text: 'two', note: 'a note' });
      await chats().finishAnswer(answer.id, { status: 'complete' });
      await chats().addUserMessage(id, { text: 'three' });

      const fork = await chats().forkChat(id, answer.id);
      assert.deepEqual([fork.title, fork.model, fork.messageCount], ['Original (fork)', 'lab/tiny', 2]);
      const copied = (await chats().messages(fork.id, {})).items;
      const original = (await chats().messages(id, {})).items;
      assert.deepEqual(
        copied.map(({ id, chatId, ...rest }) => rest),
        original.slice(0, 2).map(({ id, chatId, ...rest }) => rest),
      );
      assert.equal(
        copied.some((message) => original.some((other) => other.id === message.id)),
        false,
      );

      await chats().deleteChat(id);
      assert.equal((await chats().messages(fork.id, {})).items.length, 2);
      assert.equal((await chats().forkChat(fork.id)).messageCount, 2);
    });
  });
}

function describeAnswers(chats: () => Chats): void {
  describe('answers', () => {
    const question = async (text = 'question') => {
      const { id } = await chats().createChat({});
      await chats().addUserMessage(id, { text });
      return id;
    };

    it('an answer can be read as it grows, and keeps everything it was given', async () => {
      const chatId = await question();
      const { id } = await chats().startAnswer(chatId, { decision: { model: 'lab/tiny', confidence: 0.5 } });
      await chats().appendAnswer(id, { reasoning: 'thinking' });
      await chats().appendAnswer(id, { text: 'Hel' });
      await chats().appendAnswer(id, { text: 'lo', reasoning: ' hard', note: 'cut to fit' });
      const growing = await chats().message(id);
      assert.deepEqual(
        [growing.status, growing.text, growing.reasoning, growing.notes],
        ['streaming', 'Hello', 'thinking hard', ['cut to fit']],
      );

      await chats().finishAnswer(id, {
        status: 'complete',
        usage: { input: 3 },
        finishReason: 'stop',
        durationMs: 12.5,
      });
      const { createdAt, ...whole } = await chats().message(id);
      assert.deepEqual(whole, {
        id,
        chatId,
        role: 'assistant',
        text: 'Hello',
        reasoning: 'thinking hard',
        notes: ['cut to fit'],
        status: 'complete',
        decision: { model: 'lab/tiny', confidence: 0.5 },
        usage: { input: 3 },
        finishReason: 'stop',
        durationMs: 12.5,
      });
      assert.ok(createdAt > 0);
    });

    it('a failed answer keeps its text and says why', async () => {
      const { id } = await chats().startAnswer(await question(), {});
      await chats().appendAnswer(id, { text: 'half an ans' });
      const error = { code: 'provider-down', message: 'The server is down.', retryable: true };
      await chats().finishAnswer(id, { status: 'failed', error });
      const stored = await chats().message(id);
      assert.deepEqual([stored.status, stored.text, stored.error], ['failed', 'half an ans', error]);
    });

    it('a character cut in two between appends is whole again, before and after the end', async () => {
      const { id } = await chats().startAnswer(await question(), {});
      await chats().appendAnswer(id, { text: 'a rocket: \ud83d' });
      await chats().appendAnswer(id, { text: '\ude80 and a zero: \0.' });
      assert.equal((await chats().message(id)).text, 'a rocket: 🚀 and a zero: \0.');
      await chats().finishAnswer(id, { status: 'complete' });
      assert.equal((await chats().message(id)).text, 'a rocket: 🚀 and a zero: \0.');
    });

    it('a finished answer takes no more text and no second end', async () => {
      const { id } = await chats().startAnswer(await question(), {});
      await chats().finishAnswer(id, { status: 'cancelled' });
      await assert.rejects(chats().appendAnswer(id, { text: 'late' }), /after its end/);
      await assert.rejects(chats().finishAnswer(id, { status: 'complete' }), /twice/);
      assert.equal((await chats().message(id)).status, 'cancelled');
    });

    it('an answer whose chat was deleted meanwhile is not found', async () => {
      const chatId = await question();
      const { id } = await chats().startAnswer(chatId, {});
      await chats().deleteChat(chatId);
      await assert.rejects(chats().appendAnswer(id, { text: 'late' }), { code: 'message-not-found' });
      await assert.rejects(chats().finishAnswer(id, { status: 'complete' }), { code: 'message-not-found' });
    });

    it('only an answer of the same chat can be retried', async () => {
      const chatId = await question();
      const [asked] = (await chats().messages(chatId, {})).items;
      const other = await chats().startAnswer(await question(), {});
      await assert.rejects(chats().startAnswer(chatId, { retryOf: asked?.id ?? '' }), {
        code: 'message-not-found',
      });
      await assert.rejects(chats().startAnswer(chatId, { retryOf: other.id }), { code: 'message-not-found' });
      assert.equal((await chats().chat(chatId)).messageCount, 1);
    });

    it('pages of a chat are in reading order, the newest page first, whatever is added meanwhile', async () => {
      const { id } = await chats().createChat({});
      for (let i = 1; i <= 8; i++) await chats().addUserMessage(id, { text: `m${i}` });
      const pages = await allPages(async (cursor) => {
        const page = await chats().messages(id, { limit: 3, ...(cursor && { cursor }) });
        await chats().addUserMessage(id, { text: 'added while paging' });
        return page;
      });
      assert.deepEqual(
        pages.map((page) => page.map(({ text }) => text)),
        [
          ['m6', 'm7', 'm8'],
          ['m3', 'm4', 'm5'],
          ['m1', 'm2'],
        ],
      );
    });

    it('ten thousand appends, made at once, are all there in their order', async () => {
      const { id } = await chats().startAnswer(await question(), {});
      const pieces = Array.from({ length: 10_000 }, (_, i) => `${i},`);
      await Promise.all(pieces.map((text) => chats().appendAnswer(id, { text })));
      assert.equal((await chats().message(id)).text, pieces.join(''));
      await chats().finishAnswer(id, { status: 'complete' });
      assert.equal((await chats().message(id)).text, pieces.join(''));
    });
  });
}

function describeFindings(findings: () => Findings): void {
  describe('findings', () => {
    const found = (id: string, runId: string, over: Partial<StoredFinding> = {}): StoredFinding => ({
      id,
      runId,
      uri: 'file:///a.ts',
      fingerprint: `print-${id}`,
      finding: { id, message: 'subtracts instead of adding' },
      ...over,
    });

    it('the newest run on a document is what it shows, in the order it was found', async () => {
      await findings().saveRun({ id: 'r1', uri: 'file:///a.ts', summary: '', findings: [found('f1', 'r1')] });
      await findings().saveRun({
        id: 'r2',
        uri: 'file:///a.ts',
        summary: '',
        findings: [found('f3', 'r2'), found('f2', 'r2')],
      });
      assert.deepEqual(await findings().latest('file:///a.ts'), [found('f3', 'r2'), found('f2', 'r2')]);
      assert.deepEqual(await findings().finding('f1'), found('f1', 'r1'));
      await findings().saveRun({ id: 'r3', uri: 'file:///a.ts', summary: 'nothing', findings: [] });
      assert.deepEqual(await findings().latest('file:///a.ts'), []);
      assert.deepEqual(await findings().latest('file:///never-reviewed.ts'), []);
    });

    it('a run over several documents is the newest of each it found something in', async () => {
      const inB = found('g1', 'r4', { uri: 'file:///b.ts' });
      await findings().saveRun({
        id: 'r4',
        uri: 'file:///root',
        summary: '',
        findings: [inB, found('g2', 'r4', { uri: 'file:///c.ts' })],
      });
      assert.deepEqual(await findings().latest('file:///b.ts'), [inB]);
    });

    it('a review is one row from its beginning on, and one that did not end replaces no findings', async () => {
      const uri = 'file:///row.ts';
      const own = async () =>
        (await findings().pastRuns({})).items
          .filter(({ id }) => id.startsWith('row'))
          .map(({ id, state, subject, summary, findings: count }) => [id, state, subject, summary, count]);
      const lines = { kind: 'selection', lines: { first: 2, last: 19 } } as const;
      await findings().beginRun({ id: 'row1', uri, subject: lines });
      assert.deepEqual(await own(), [['row1', 'running', lines, '', 0]]);
      const kept = found('w1', 'row1', { uri });
      await findings().saveRun({ id: 'row1', uri, summary: 'one', state: 'incomplete', findings: [kept] });
      assert.deepEqual(await own(), [['row1', 'incomplete', lines, 'one', 1]]);
      for (const state of ['failed', 'stopped'] as const) {
        await findings().beginRun({ id: `row-${state}`, uri, subject: { kind: 'file' } });
        await findings().endRun(`row-${state}`, { state, summary: 'why' });
      }
      assert.deepEqual((await own()).map(([id, state]) => [id, state]).toSorted(), [
        ['row-failed', 'failed'],
        ['row-stopped', 'stopped'],
        ['row1', 'incomplete'],
      ]);
      assert.deepEqual(await findings().latest(uri), [kept]);
    });

    it('who looked at what is kept with a review, whatever it was of, and is unknown where it was not noted', async () => {
      const coverage = [{ uri: 'file:///c.ts', by: 'tsc', state: 'failed', why: 'was killed' }];
      await findings().beginRun({ id: 'covered', uri: 'file:///c.ts', subject: { kind: 'file' } });
      assert.equal(await findings().coverageOf('covered'), undefined);
      await findings().saveRun({ id: 'covered', uri: 'file:///c.ts', summary: '', coverage, findings: [] });
      await findings().beginRun({ id: 'covers', uri: 'file:///shop', subject: { kind: 'staged' } });
      await findings().endRun('covers', { state: 'done', summary: '', coverage });
      await findings().saveRun({ id: 'uncovered', uri: 'file:///c.ts', summary: '', findings: [] });
      const kept = await Promise.all(
        ['covered', 'covers', 'uncovered', 'never'].map((id) => findings().coverageOf(id)),
      );
      assert.deepEqual(kept, [coverage, coverage, undefined, undefined]);
    });

    it('a review of several documents is one row, which has the findings of all', async () => {
      await findings().beginRun({ id: 'many', uri: 'file:///shop', subject: { kind: 'staged' } });
      const [first, second] = ['file:///one.ts', 'file:///two.ts'].map((uri, index) =>
        found(`many-${index}`, `many.${index + 1}`, { uri }),
      );
      for (const one of [first, second])
        if (one) await findings().saveRun({ id: one.runId, uri: one.uri, summary: '', state: 'part', findings: [one] });
      await findings().endRun('many', { state: 'done', summary: 'two' });
      const rows = (await findings().pastRuns({})).items.filter(({ id }) => id.startsWith('many'));
      assert.deepEqual(
        rows.map(({ id, findings: count, subject }) => [id, count, subject?.kind]),
        [['many', 2, 'staged']],
      );
      assert.deepEqual(await findings().ofRun('many'), [first, second]);
      assert.deepEqual(await findings().latest('file:///two.ts'), [second]);
    });

    it('a dismissed finding is gone from its document and known by its fingerprint in later runs', async () => {
      const uri = 'file:///d.ts';
      await findings().saveRun({
        id: 'r5',
        uri,
        summary: '',
        findings: [found('d1', 'r5', { uri }), found('d2', 'r5', { uri })],
      });
      assert.deepEqual(await findings().dismiss('d1', 'on purpose'), found('d1', 'r5', { uri }));
      assert.deepEqual(
        (await findings().latest(uri)).map(({ id }) => id),
        ['d2'],
      );
      await findings().dismiss('d1');
      assert.deepEqual(await findings().dismissed(['print-d1', 'print-d2', 'quote " and \\']), new Set(['print-d1']));
      assert.deepEqual(await findings().dismissed([]), new Set());
    });

    it('dismissals are listed with their reasons, the last first, and can be taken back', async () => {
      const uri = 'file:///e.ts';
      const [one, two] = [found('e1', 'r6', { uri }), found('e2', 'r6', { uri })];
      await findings().saveRun({ id: 'r6', uri, summary: '', findings: [one, two] });
      const own = async () =>
        (await findings().dismissals(1000))
          .filter(({ found }) => found.uri === uri)
          .map(({ found, reason }) => [found, reason]);
      await findings().dismiss('e1', 'on purpose');
      assert.deepEqual(await own(), [[one, 'on purpose']]);
      await findings().dismiss('e2');
      assert.equal((await own()).length, 2);
      assert.deepEqual(await findings().undismiss('e1'), one);
      assert.deepEqual(await own(), [[two, undefined]]);
      assert.equal((await findings().latest(uri))[0]?.id, 'e1');
    });

    it('a finding that is not stored is named as the reason', async () => {
      await assert.rejects(findings().finding('nowhere'), { name: 'UserError', code: 'finding-not-found' });
      await assert.rejects(findings().dismiss('nowhere'), { code: 'finding-not-found' });
      await assert.rejects(findings().undismiss('nowhere'), { code: 'finding-not-found' });
    });
  });
}
