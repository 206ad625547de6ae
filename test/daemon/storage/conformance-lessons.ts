// What every storage engine has to do about the findings on which the user has decided.
import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { ProfileStorage, Storage } from '../../../daemon/storage/storage.ts';

export function describeLessons(storage: () => Storage): void {
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
