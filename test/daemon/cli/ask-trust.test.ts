// What a command asks before it reviews in a folder of which nobody has said whether it is trusted.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type Ask, hintAtTrust, settleTrust } from '../../../daemon/cli/kit/ask-trust.ts';
import { TrustList, TrustSet } from '../../../shared/protocol/trust.ts';

const isWindows = process.platform === 'win32';
const code = isWindows ? 'file:///c:/code' : 'file:///code';

describe('the question whether a folder is trusted', () => {
  const write = process.stderr.write;
  let said = '';

  beforeEach(() => {
    said = '';
    process.stderr.write = (text: string | Uint8Array) => {
      said += String(text);
      return true;
    };
  });
  afterEach(() => {
    process.stderr.write = write;
  });

  /** What was asked and stored for two files of one folder. */
  async function settle(known: boolean | undefined, answer?: string, root = code) {
    const [asked, stored]: [string[], unknown[]] = [[], []];
    const call = async (message: { method: string }, params: object): Promise<unknown> => {
      if (message.method === TrustSet.method) stored.push(params);
      const trusted = known === undefined ? {} : { trusted: known };
      return message.method === TrustList.method ? { folders: [], asked: { root, ...trusted } } : {};
    };
    const ask: Ask | undefined =
      answer === undefined
        ? undefined
        : async (question) => {
            asked.push(question);
            return answer;
          };
    hintAtTrust(await settleTrust({ call: call as never }, [`${root}/a.ts`, `${root}/b.ts`], ask));
    return { asked, stored };
  }

  for (const [answer, stored, hints] of [
    ['y', [{ root: code, trusted: true }], 0],
    ['Yes ', [{ root: code, trusted: true }], 0],
    ['n', [{ root: code, trusted: false }], 0],
    ['', [], 1],
    ['what?', [], 1],
  ] as const)
    it(`is asked once, and "${answer}" stores ${JSON.stringify(stored)}`, async () => {
      const done = await settle(undefined, answer);
      assert.equal(done.asked.length, 1);
      assert.deepEqual(done.stored, stored);
      assert.equal(said.split('hint: ').length - 1, hints);
    });

  for (const [known, answer, hints] of [
    [true, 'y', 0],
    [false, 'y', 0],
    [undefined, undefined, 1],
  ] as const)
    it(`is not asked where the answer was ${known}${answer ? '' : ' and nobody is at the terminal'}`, async () => {
      assert.deepEqual(await settle(known, answer), { asked: [], stored: [] });
      assert.equal(said.split('hint: ').length - 1, hints);
    });

  it('is told in one hint, with a command that a shell takes as it is meant, where nobody can be asked', async () => {
    await settle(undefined);
    assert.equal(
      said,
      `hint: To run this folder's own linters, trust it with \`switchyard trust ${isWindows ? String.raw`C:\code` : '/code'}\`.\n`,
    );
    said = '';
    const folder = isWindows ? "file:///c:/a%20b'$(id)" : "file:///a%20b'$(id)%1b";
    await settle(undefined, undefined, folder);
    assert.ok(
      said.endsWith(isWindows ? `${String.raw` "C:\a b'$(id)"`}\`.\n` : `${String.raw` '/a b'\''$(id)'`}\`.\n`),
      said,
    );
  });
});
