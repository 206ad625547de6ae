// How an answer ended, as the terminal tells it: on stderr, by the exit code, and in what is exported.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type { Reply } from '../../fakes/provider-servers/scripted-server.ts';
import { Home } from '../home.ts';

const endings: [what: string, reply: Reply, code: number, stdout: RegExp, said: RegExp | undefined][] = [
  ['whole', { text: 'All of it.' }, 0, /^All of it\.\n$/, undefined],
  ['whole, after reasoning in tags', { text: ['<think>hm</think>', 'All of it.'] }, 0, /^All of it\.\n$/, undefined],
  ['empty', { text: '' }, 3, /^\n$/, /sent an empty answer/],
  ['empty but for its reasoning', { reasoning: 'hm', text: '' }, 3, /^\n$/, /sent an empty answer/],
  ['cut', { text: 'Half', finish: 'length' }, 3, /^Half\n$/, /the answer is cut/],
  ['withheld', { text: '', finish: 'content-filter' }, 3, /^\n$/, /withheld the answer/],
];

describe('an answer at the terminal', () => {
  for (const [what, reply, code, stdout, said] of endings)
    it(`that is ${what} exits with ${code}${said ? ', and says so there and in an export' : ''}`, async () => {
      await using server = await startOpenAiServer({ reply });
      await using home = new Home({ providers: { lab: { type: 'openai-compatible', baseUrl: server.url } } });
      const told = await home.switchyard(['chat', 'hello']);
      assert.equal(told.code, code, told.stderr);
      assert.match(told.stdout, stdout);
      if (!said) return;
      assert.match(told.stderr, said);
      const exported = await home.switchyard(['export', '--all', '--format', 'json']);
      assert.match(exported.stdout, said, exported.stderr);
    });

  it('that is cut is continued by --continue, once, and is then whole in an export', async () => {
    await using server = await startOpenAiServer({ reply: { text: 'One, two,', finish: 'length' } });
    await using home = new Home({ providers: { lab: { type: 'openai-compatible', baseUrl: server.url } } });
    const cut = await home.switchyard(['chat', 'Count.']);
    assert.match(cut.stderr, /switchyard chat --continue --chat \S+/);
    server.reply = { text: 'One, two, three.' };
    const whole = await home.switchyard(['chat', '--continue']);
    assert.deepEqual([whole.code, whole.stdout], [0, ' three.\n'], whole.stderr);
    assert.match((await home.switchyard(['export', '--all', '--format', 'json'])).stdout, /One, two, three\./);
    const again = await home.switchyard(['chat', '--continue']);
    assert.deepEqual([again.code, again.stdout], [3, ''], 'nothing is left to continue');
    assert.match(again.stderr, /isn't cut off/);
    assert.equal((await home.switchyard(['chat', '--continue', 'More?'])).code, 2);
  });
});
