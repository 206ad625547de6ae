// What every storage engine has to do about profiles: each sees its own, and what is another's is not there.
import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { maxApprovals } from '../../../daemon/storage/jobs.ts';
import type { SpentRequest } from '../../../daemon/storage/ledger.ts';
import type { Folder } from '../../../daemon/storage/projects.ts';
import type { ProfileStorage, Storage } from '../../../daemon/storage/storage.ts';
import type { OpenEmpty } from './open-storage.ts';

const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };
const spent = (id: string, profile: string, costUsd: number): SpentRequest => ({
  id,
  at: 1,
  day: '2030-01-01',
  profile,
  chat: 'c',
  answer: 'a',
  workspace: 'w',
  task: 'chat',
  provider: 'lab',
  model: 'lab/x',
  usage,
  costUsd,
  status: 'complete',
});
const folder = (path: string, ...keys: Folder['keys']): Folder => ({
  name: path.slice(1),
  path,
  keys: [...keys, { kind: 'path', value: path }],
});
const commit = (value: string) => ({ kind: 'commit' as const, value });
const place = (value: string) => ({ kind: 'folder' as const, value });

export function describeProfiles(storage: () => Storage): void {
  describe('profiles', () => {
    let [own, other] = ['', ''];
    let mine: ProfileStorage;
    let theirs: ProfileStorage;
    before(async () => {
      own = (await storage().profiles.create({ name: 'Own' })).id;
      other = (await storage().profiles.create({ name: 'Other', model: 'lab/x' })).id;
      mine = storage().in(own);
      theirs = storage().in(other);
    });

    it('are found by id and by name in any case, have names of their own, and begin with the default one', async () => {
      assert.deepEqual(
        (await storage().profiles.list()).slice(0, 3).map(({ name, model }) => [name, model]),
        [
          ['default', undefined],
          ['Own', undefined],
          ['Other', 'lab/x'],
        ],
      );
      assert.equal((await storage().profiles.find('oTHER')).id, other);
      assert.equal((await storage().profiles.find(other)).name, 'Other');
      await assert.rejects(storage().profiles.create({ name: 'own' }), { code: 'profile-exists' });
      await assert.rejects(storage().profiles.update(other, { name: 'OWN' }), { code: 'profile-exists' });
      assert.equal((await storage().profiles.update(other, { model: null })).model, undefined);
      for (const attempt of [
        storage().profiles.find('none'),
        storage().profiles.update('none', { name: 'x' }),
        storage().in('none').chats.listChats({}),
        storage().in('').ledger.sums({ by: 'all' }),
      ]) {
        await assert.rejects(attempt, { code: 'profile-not-found' });
      }
    });

    it("what is another's is not found by any call, with the words for what was never there", async () => {
      const chat = (await theirs.chats.createChat({ title: 'Secret' })).id;
      const question = (await theirs.chats.addUserMessage(chat, { text: 'secret' })).id;
      const answer = (await theirs.chats.startAnswer(chat, {})).id;
      const mineToo = (await mine.chats.createChat({})).id;
      const { chats } = mine;
      const calls: ((chatId: string, question: string, answer: string) => Promise<unknown>)[] = [
        (id) => chats.chat(id),
        (id) => chats.updateChat(id, { title: 'x' }),
        (id) => chats.updateChat(id, {}),
        (id) => chats.deleteChat(id),
        (id) => chats.forkChat(id),
        (_, q) => chats.forkChat(mineToo, q),
        (id) => chats.messages(id, {}),
        (_, q) => chats.message(q),
        (id, q) => chats.thread(id, q, 5),
        (_, q) => chats.thread(mineToo, q, 5),
        (id) => chats.addUserMessage(id, { text: 'x' }),
        (_, q) => chats.addUserMessage(mineToo, { text: 'x', editOf: q }),
        (id) => chats.startAnswer(id, {}),
        (_, q) => chats.startAnswer(mineToo, { after: q }),
        (_id, _q, a) => chats.startAnswer(mineToo, { retryOf: a }),
        (_id, _q, a) => chats.appendAnswer(a, { text: 'x' }),
        (_id, _q, a) => chats.finishAnswer(a, { status: 'complete' }),
        (id, q) => chats.chooseVersion(id, q, 1),
        (_, q) => chats.chooseVersion(mineToo, q, 1),
        (_, q) => chats.pin(q, true),
      ];
      for (const call of calls) {
        const foreign = await call(chat, question, answer).then(() => 'it was done', String);
        assert.equal(foreign, await call('never', 'never', 'never').then(() => 'it was done', String), String(call));
        assert.notEqual(foreign, 'it was done', String(call));
      }
      assert.deepEqual(
        (await chats.listChats({})).items.map(({ id }) => id),
        [mineToo],
      );
      await theirs.chats.appendAnswer(answer, { text: 'still theirs' });
      await theirs.chats.finishAnswer(answer, { status: 'complete' });
      assert.deepEqual(
        (await theirs.chats.messages(chat, {})).items.map(({ text }) => text),
        ['secret', 'still theirs'],
      );
    });

    it('findings, dismissals, decisions and costs stay in theirs', async () => {
      const uri = 'file:///p.ts';
      const finding = { id: 'pf1', runId: 'pr1', uri, fingerprint: 'print', finding: { id: 'pf1' } };
      await theirs.findings.saveRun({ id: 'pr1', uri, summary: '', findings: [finding] });
      await theirs.decisions.save({ id: 'pd1', at: 1, profile: other, model: 'lab/x', policy: 'best', record: {} });
      await theirs.ledger.record(spent('ps1', other, 2));
      await assert.rejects(mine.findings.finding('pf1'), { code: 'finding-not-found' });
      await assert.rejects(mine.findings.dismiss('pf1'), { code: 'finding-not-found' });
      assert.deepEqual(await mine.findings.latest(uri), []);
      await theirs.findings.dismiss('pf1');
      assert.deepEqual(await mine.findings.dismissed(['print']), new Set());
      await assert.rejects(mine.decisions.decision('pd1'), { code: 'decision-not-found' });
      await assert.rejects(mine.decisions.finish('pd1', {}), { code: 'decision-not-found' });
      assert.deepEqual(await mine.decisions.list({}), []);
      for (const by of ['all', 'day', 'profile', 'workspace', 'chat', 'answer', 'model', 'provider'] as const)
        assert.deepEqual(await mine.ledger.sums({ by, chat: 'c' }), []);
      await mine.findings.saveRun({
        id: 'pr2',
        uri,
        summary: '',
        findings: [{ ...finding, runId: 'pr2', finding: { id: 'stolen' } }],
      });
      assert.deepEqual((await theirs.findings.finding('pf1')).finding, { id: 'pf1' });
      await assert.rejects(mine.ledger.record(spent('ps2', other, 1)), /of profile/);
    });

    it('budgets know what all profiles spent, and that alone', async () => {
      await mine.ledger.record(spent('ps3', own, 0.5));
      const byProfile = await storage().spending.since('2030-01-01');
      assert.deepEqual(
        byProfile.toSorted((a, b) => a.costUsd - b.costUsd),
        [
          { profile: own, costUsd: 0.5 },
          { profile: other, costUsd: 2 },
        ],
      );
      assert.deepEqual(await storage().spending.since('2030-01-02'), []);
    });

    it('one that is deleted is gone with everything in it, and the default one stays', async () => {
      const { id } = await storage().profiles.create({ name: 'Soon gone' });
      const gone = storage().in(id);
      const chat = await gone.chats.createChat({});
      const { id: answer } = await gone.chats.startAnswer(chat.id, {});
      await gone.ledger.record(spent('ps4', id, 1));
      await gone.projects.visit(folder('/gone'));
      await storage().profiles.delete(id);
      await assert.rejects(gone.chats.appendAnswer(answer, { text: 'late' }), { code: 'profile-not-found' });
      await assert.rejects(gone.chats.createChat({}), { code: 'profile-not-found' });
      assert.equal(
        (await storage().spending.since('2030-01-01')).some(({ profile }) => profile === id),
        false,
      );
      assert.deepEqual(await storage().profiles.boundTo(folder('/gone')), { known: false });
      await assert.rejects(storage().profiles.delete(id), { code: 'profile-not-found' });
      await assert.rejects(storage().profiles.delete('default'), { code: 'profile-needed' });
    });
  });
}

export function describeProjects(storage: () => Storage): void {
  describe('projects', () => {
    let mine: ProfileStorage;
    before(() => {
      mine = storage().in('default');
    });
    const visit = async (seen: Folder, { projects } = mine) => (await projects.visit(seen))?.id;

    it('are known again by a commit, by the folder, or by their place, and not by a place where something else is now', async () => {
      const id = await visit(folder('/a', commit('c1'), place('1')));
      assert.equal(await visit(folder('/moved', commit('c1'), place('2'))), id, 'a clone');
      assert.equal(await visit(folder('/moved', commit('c2'), place('2'))), id, 'its history was rewritten');
      assert.notEqual(await visit(folder('/moved', commit('c9'), place('9'))), id, 'another repository in its place');
      const plain = await visit(folder('/plain', place('3')));
      assert.equal(await visit(folder('/renamed', place('3'))), plain);
      assert.equal(await visit(folder('/renamed', place('4'))), plain, 'restored from a backup');
      assert.notEqual(await visit(folder('/plain', place('5'))), plain, 'a new folder where it was before');
      const file = (value: string) => ({ kind: 'file' as const, value });
      assert.notEqual(
        await visit(folder('/b', file('one'), commit('c3'))),
        await visit(folder('/c', file('two'), commit('c3'))),
        'id files tell clones apart',
      );
    });

    it('by part of its keys a repository is known only once its commits are', async () => {
      const part: Folder = { name: 'p', path: '/p', keys: [place('p1')], isPartial: true };
      assert.equal(await visit(part), undefined);
      const id = await visit(folder('/p', place('p1')));
      assert.equal(await visit(part), undefined);
      await visit(folder('/p', commit('pc'), place('p1')));
      assert.equal(await visit(part), id);
    });

    it('keep their chats, and take over those of the folder that they are attached to', async () => {
      const old = (await visit(folder('/old', place('10')))) ?? '';
      const { id: chat } = await mine.chats.createChat({ projectId: old });
      const found = (await visit(folder('/new', place('11')))) ?? '';
      await mine.chats.createChat({ projectId: found });
      const attached = await mine.projects.attach(old, folder('/new', place('11')));
      assert.deepEqual([attached.id, attached.path, attached.chatCount], [old, '/new', 2]);
      assert.equal(await visit(folder('/new', place('11'))), old);
      assert.equal(
        (await mine.projects.list()).some(({ id }) => id === found),
        false,
      );
      assert.equal((await mine.chats.chat(chat)).projectId, old);
      assert.equal((await mine.chats.listChats({ projectId: old })).items.length, 2);
    });

    it('belong to their profile, and a folder begins in the one it is bound to', async () => {
      const other = await storage().profiles.create({ name: 'Bound' });
      const theirs = storage().in(other.id);
      const seen = folder('/shared', commit('sc'));
      const own = (await visit(seen)) ?? '';
      assert.deepEqual(await storage().profiles.boundTo(seen), { known: true });
      const foreign = await theirs.projects.bind(seen);
      assert.notEqual(foreign.id, own);
      assert.deepEqual(await storage().profiles.boundTo(folder('/clone', commit('sc'))), {
        known: true,
        profile: other.id,
      });
      for (const id of [foreign.id, 'never']) {
        await assert.rejects(mine.projects.attach(id, seen), { code: 'project-not-found' });
        await assert.rejects(mine.chats.createChat({ projectId: id }), { code: 'project-not-found' });
        await assert.rejects(mine.chats.listChats({ projectId: id }), { code: 'project-not-found' });
      }
      assert.equal(
        (await mine.projects.list()).some(({ id }) => id === foreign.id),
        false,
      );
      await mine.projects.bind(seen);
      assert.equal((await storage().profiles.boundTo(seen)).profile, 'default');
    });
  });
}

export function describeApprovals(open: OpenEmpty): void {
  describe('approvals for good', () => {
    const approval = (identity: string, root = '/p/a') => ({ root, identity, kind: 'run', text: 'Run npm test?' });

    it('hold for one step in one folder of one profile, and go with it', async () => {
      await using storage = open();
      const { id } = await storage.profiles.create({ name: 'other' });
      await storage.approvals.add(approval('x'));
      await storage.approvals.add(approval('x'));
      assert.equal(await storage.approvals.has('/p/a', 'x'), true);
      assert.equal(await storage.approvals.has('/p/a', 'y'), false);
      assert.equal(await storage.approvals.has('/p/b', 'x'), false);
      assert.equal(await storage.in(id).approvals.has('/p/a', 'x'), false);
      const [only, ...others] = await storage.approvals.list();
      assert.deepEqual({ ...only, createdAt: 0 }, { ...approval('x'), createdAt: 0 });
      assert.deepEqual(others, []);
      await storage.in(id).approvals.add(approval('x'));
      await storage.profiles.delete(id);
      const again = await storage.profiles.create({ name: 'other' });
      assert.deepEqual(await storage.in(again.id).approvals.list(), []);
    });

    it('are taken back one by one', async () => {
      await using storage = open();
      const { id } = await storage.profiles.create({ name: 'other' });
      for (const each of [approval('x'), approval('y'), approval('x', '/p/b')]) await storage.approvals.add(each);
      await storage.in(id).approvals.add(approval('x'));
      await storage.approvals.remove('/p/a', 'x');
      const left = (await storage.approvals.list()).map(({ root, identity }) => `${root} ${identity}`);
      assert.deepEqual(left.sort(), ['/p/a y', '/p/b x']);
      assert.equal(await storage.in(id).approvals.has('/p/a', 'x'), true);
    });

    it('are taken back for a folder and all below it', async () => {
      await using storage = open();
      for (const root of ['/p/a', '/p/a/sub', '/p/ab']) await storage.approvals.add(approval(root, root));
      await storage.approvals.clear('/p/a');
      assert.deepEqual(
        (await storage.approvals.list()).map(({ root }) => root),
        ['/p/ab'],
      );
      await storage.approvals.clear('/p/none');
      assert.equal((await storage.approvals.list()).length, 1);
    });

    it('are kept up to a number', async () => {
      await using storage = open();
      for (let i = 0; i <= maxApprovals; i++) await storage.approvals.add(approval(`${i}`));
      assert.equal((await storage.approvals.list()).length, maxApprovals);
    });
  });
}
