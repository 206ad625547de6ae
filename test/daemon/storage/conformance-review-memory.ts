// What every storage engine has to do about what reviews remember: findings of before, and what a model said of a piece of code.
import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { StoredFinding } from '../../../daemon/storage/findings.ts';
import type { ProfileStorage, Storage } from '../../../daemon/storage/storage.ts';

export function describeReviewMemory(storage: () => Storage): void {
  describe('what reviews remember', () => {
    const uri = 'file:///remembered.ts';
    let mine: ProfileStorage;
    let theirs: ProfileStorage;
    let [own, other] = ['', ''];
    before(async () => {
      own = (await storage().profiles.create({ name: 'Remembers' })).id;
      other = (await storage().profiles.create({ name: 'Remembers otherwise' })).id;
      mine = storage().in(own);
      theirs = storage().in(other);
    });
    const found = (id: string, runId: string, fingerprint: string): StoredFinding => ({
      id,
      runId,
      uri,
      fingerprint,
      finding: { id },
      surroundings: { before: ['a'] },
    });
    const known = async () =>
      (await mine.findings.known(uri)).map(({ found: { id }, isOpen, isDismissed }) => [id, isOpen, isDismissed]);

    it('each finding is known as it was found last, with its surroundings, in its profile alone', async () => {
      const again = found('k3', 'k-run2', 'one');
      await mine.findings.saveRun({
        id: 'k-run1',
        uri,
        summary: '',
        findings: [found('k1', 'k-run1', 'one'), found('k2', 'k-run1', 'two')],
      });
      await mine.findings.saveRun({ id: 'k-run2', uri, summary: '', findings: [again] });
      assert.deepEqual(await known(), [
        ['k3', true, false],
        ['k2', true, false],
      ]);
      assert.deepEqual((await mine.findings.known(uri))[0]?.found, again);
      assert.deepEqual(await theirs.findings.known(uri), []);
    });

    it('one that is solved or dismissed is known as such, by its own profile alone', async () => {
      await theirs.findings.close(['one', 'two']);
      await mine.findings.close(['two']);
      await mine.findings.dismiss('k3');
      assert.deepEqual(await known(), [
        ['k3', true, true],
        ['k2', false, false],
      ]);
    });

    it('the documents of past reviews are known, the last reviewed first', async () => {
      await mine.findings.saveRun({ id: 'k-run3', uri: 'file:///later.ts', summary: '', findings: [] });
      const uris = await mine.findings.reviewedUris(2);
      assert.deepEqual(uris.toSorted(), ['file:///later.ts', uri]);
      assert.deepEqual(await theirs.findings.reviewedUris(2), []);
    });

    it('a review of several documents names them, with its own place in the list', async () => {
      const files = ['file:///shop/a.ts', 'file:///shop/b.ts'];
      const subject = { kind: 'files' as const, files };
      await mine.findings.beginRun({ id: 'k-files', uri: 'file:///shop', subject });
      for (const [index, own] of files.entries())
        await mine.findings.saveRun({ id: `k-files.${index + 1}`, uri: own, summary: '', state: 'part', findings: [] });
      await mine.findings.endRun('k-files', { state: 'done', summary: 'Fine.' });
      const runs = (await mine.findings.pastRuns({})).items.filter(({ id }) => id.startsWith('k-files'));
      assert.deepEqual(
        runs.map(({ uri: of, subject: what }) => [of, what]),
        [['file:///shop', subject]],
      );
    });

    it('what a review held back is kept with it, whatever it was of', async () => {
      const aside = { held: [{ reason: 'duplicate' }], solved: [] };
      await mine.findings.saveRun({ id: 'k-run4', uri, summary: '', aside, findings: [] });
      await mine.findings.beginRun({ id: 'k-run5', uri, subject: { kind: 'commit', revision: 'HEAD~1' } });
      await mine.findings.endRun('k-run5', { state: 'done', summary: '', aside });
      assert.deepEqual(await mine.findings.asideOf('k-run4'), aside);
      assert.deepEqual(await mine.findings.asideOf('k-run5'), aside);
      assert.deepEqual(
        [await mine.findings.asideOf('k-run1'), await theirs.findings.asideOf('k-run4')],
        [undefined, undefined],
      );
      const run = (await mine.findings.pastRuns({})).items.find(({ id }) => id === 'k-run5');
      assert.deepEqual(run?.subject, { kind: 'commit', revision: 'HEAD~1' });
    });

    it('what was said of a piece of code is kept by its key, until its document is forgotten', async () => {
      const said = (key: string, name = uri) => ({ key, uri: name, claims: [{ message: key }] });
      await mine.findings.keepHunkClaims([said('h1'), said('h2', 'file:///other.ts')]);
      await mine.findings.keepHunkClaims([{ ...said('h1'), claims: [{ message: 'newer' }] }]);
      const keys = ['h1', 'h2', 'h3'];
      assert.deepEqual(
        await mine.findings.hunkClaims(keys),
        new Map([
          ['h1', [{ message: 'newer' }]],
          ['h2', [{ message: 'h2' }]],
        ]),
      );
      assert.deepEqual(await theirs.findings.hunkClaims(keys), new Map());
      await theirs.findings.forgetHunks(uri);
      await mine.findings.forgetHunks(uri);
      assert.deepEqual([...(await mine.findings.hunkClaims(keys)).keys()], ['h2']);
    });

    it('of many pieces those used last are kept', async () => {
      const many = Array.from({ length: 5001 }, (_, i) => ({ key: `many${i}`, uri, claims: [] }));
      await theirs.findings.keepHunkClaims(many);
      const kept = await theirs.findings.hunkClaims(many.map(({ key }) => key));
      assert.equal(kept.size, 5000);
      for (const id of [own, other]) await storage().profiles.delete(id);
    });
  });
  describeLessons(storage);
}

function describeLessons(storage: () => Storage): void {
  describe('findings on which the user has decided', () => {
    let [own, other] = ['', ''];
    let mine: ProfileStorage;
    let theirs: ProfileStorage;
    before(async () => {
      own = (await storage().profiles.create({ name: 'Decides' })).id;
      other = (await storage().profiles.create({ name: 'Decides otherwise' })).id;
      mine = storage().in(own);
      theirs = storage().in(other);
      const uri = 'file:///decided.ts';
      const found = (id: string) => ({ id, runId: 'l-run', uri, fingerprint: `${id}-print`, finding: { id } });
      await mine.findings.saveRun({ id: 'l-run', uri, summary: '', findings: ['l1', 'l2', 'l3'].map(found) });
    });
    const lessons = async (limit = 10) =>
      (await mine.findings.lessons(limit)).map(({ finding, isDismissed }) => [
        (finding as { id: string }).id,
        isDismissed,
      ]);

    it('are those dismissed and those whose fix was taken, in their profile alone', async () => {
      await mine.findings.dismiss('l1');
      await mine.findings.applied('l2');
      assert.deepEqual((await lessons()).toSorted(), [
        ['l1', true],
        ['l2', false],
      ]);
      assert.equal((await lessons(1)).length, 1);
      assert.deepEqual(await theirs.findings.lessons(10), []);
      await assert.rejects(theirs.findings.applied('l3'), { code: 'finding-not-found' });
    });

    it('lose what is taken back', async () => {
      await mine.findings.dismiss('l3');
      await mine.findings.undismiss('l3');
      assert.deepEqual((await lessons()).map(([id]) => id).toSorted(), ['l1', 'l2']);
    });

    it('are forgotten at once, and what was dismissed stays so', async () => {
      assert.equal(await theirs.findings.forgetLessons(), 0);
      assert.equal(await mine.findings.forgetLessons(), 2);
      assert.deepEqual(await lessons(), []);
      assert.deepEqual(await mine.findings.dismissed(['l1-print']), new Set(['l1-print']));
      for (const id of [own, other]) await storage().profiles.delete(id);
    });
  });
}
