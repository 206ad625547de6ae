// A terminal's lines as a test types them: what is written to `input` arrives as keys.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'mocha';
import { CancelledError, UserError } from '../../../daemon/base/errors.ts';
import { type Conversation, converse } from '../../../daemon/cli/kit/conversation.ts';

const ctrlC = '\u0003';
const ctrlD = '\u0004';
const arrowUp = '\u001b[A';

/** Types each text when the prompt for it has come. */
class Typist {
  readonly asked: string[] = [];
  readonly failures: unknown[] = [];
  readonly #keys: string[];
  readonly #answer: Conversation['answer'];
  #interrupt: (() => void) | undefined;

  constructor(keys: readonly string[], answer: Conversation['answer'] = async () => {}) {
    this.#keys = [...keys];
    this.#answer = answer;
  }

  /** Presses Ctrl+C while an answer comes, as the system tells of it. */
  interrupt(): void {
    this.#interrupt?.();
  }

  run(): Promise<void> {
    const input = new PassThrough();
    const output = new PassThrough();
    output.on('data', (data: Buffer) => {
      if (String(data).includes('> ') && !String(data).includes('\r> ')) {
        const keys = this.#keys.shift();
        if (keys !== undefined) setImmediate(() => input.write(keys));
      }
    });
    return converse({
      input,
      output,
      onInterrupt: (interrupt) => {
        this.#interrupt = interrupt;
        return () => {};
      },
      answer: (question, signal) => {
        this.asked.push(question);
        return this.#answer(question, signal);
      },
      onFailure: (error) => void this.failures.push(error),
    });
  }
}

describe('a conversation at a terminal', () => {
  const ends: [how: string, last: string][] = [
    ['/exit', '/exit\r'],
    ['/exit with blanks around it', ' /exit \r'],
    ['Ctrl+D', ctrlD],
  ];
  for (const [how, last] of ends)
    it(`ends at ${how}`, async () => {
      const typist = new Typist(['one\r', '\r', 'two\r', last]);
      await typist.run();
      assert.deepEqual(typist.asked, ['one', 'two']);
    });

  it('is stopped by Ctrl+C at the prompt', async () => {
    const typist = new Typist(['one\r', `half a line${ctrlC}`]);
    await assert.rejects(typist.run(), CancelledError);
    assert.deepEqual(typist.asked, ['one']);
  });

  it('goes on after Ctrl+C stopped an answer', async () => {
    const typist = new Typist(['long\r', 'short\r', '/exit\r'], async (question, signal) => {
      if (question !== 'long') return;
      typist.interrupt();
      assert.ok(signal.aborted);
      throw new CancelledError();
    });
    await typist.run();
    assert.deepEqual(typist.asked, ['long', 'short']);
    assert.ok(typist.failures[0] instanceof CancelledError);
  });

  it('goes on after an answer that failed, and ends at a mistake of ours', async () => {
    const typist = new Typist(['one\r', 'two\r', '/exit\r'], async (question) => {
      throw question === 'one' ? new UserError('unavailable', 'Try again.') : new TypeError('ours');
    });
    await assert.rejects(typist.run(), TypeError);
    assert.deepEqual([typist.asked.length, typist.failures.length], [2, 1]);
  });

  const pastes: [what: string, keys: string[], asked: string[]][] = [
    ['as one question', ['\u001b[200~one\rtwo\rthree\u001b[201~\r', '/exit\r'], ['one\ntwo\nthree']],
    ['with what is typed behind them', ['\u001b[200~one\rtwo\u001b[201~ more\r', '/exit\r'], ['one\ntwo more']],
    ['with their last line break', ['\u001b[200~one\r\ntwo\r\n\u001b[201~\r', '/exit\r'], ['one\ntwo\n']],
    ['one after the other, in a terminal that does not mark them', ['one\rtwo\r/exit\r'], ['one', 'two']],
    ['with the beginning of the next, in such a terminal', ['one\rtw', 'o\r', '/exit\r'], ['one', 'two']],
  ];
  for (const [how, keys, asked] of pastes)
    it(`takes pasted lines ${how}`, async () => {
      const typist = new Typist(keys);
      await typist.run();
      assert.deepEqual(typist.asked, asked);
    });

  it('has the lines before under the arrow keys', async () => {
    const typist = new Typist(['first\r', 'second\r', `${arrowUp}${arrowUp} again\r`, '/exit\r']);
    await typist.run();
    assert.equal(typist.asked[2], 'first again');
  });
});
