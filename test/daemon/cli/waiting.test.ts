import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { Waiting } from '../../../daemon/cli/kit/waiting.ts';

describe('what a command waits for', () => {
  let said: string;
  const streamOf = (isTTY: boolean) => ({
    isTTY,
    write(text: string) {
      said += text;
    },
  });

  beforeEach(() => {
    said = '';
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  });
  afterEach(() => mock.timers.reset());

  it('is told once in a log, and not before a while', () => {
    using _waiting = new Waiting('lab/tiny', streamOf(false));
    mock.timers.tick(4000);
    assert.equal(said, '');
    mock.timers.tick(60_000);
    assert.equal(said, 'Waiting for lab/tiny…\n');
  });

  it('is a line with seconds at a terminal, which goes when something arrives', () => {
    using waiting = new Waiting('lab/tiny', streamOf(true));
    mock.timers.tick(1000);
    mock.timers.tick(1000);
    assert.equal(said, '\r\u001b[KWaiting for lab/tiny… 1 s\r\u001b[KWaiting for lab/tiny… 2 s');
    said = '';
    waiting.restart();
    assert.equal(said, '\r\u001b[K');
  });

  it('is told anew when something else is waited for', () => {
    using waiting = new Waiting('Switchyard', streamOf(false));
    mock.timers.tick(4000);
    waiting.restart('lab/tiny');
    mock.timers.tick(4000);
    assert.equal(said, '');
    mock.timers.tick(2000);
    assert.equal(said, 'Waiting for lab/tiny…\n');
  });

  for (const isTTY of [true, false])
    it(`is not told after its end${isTTY ? ', at a terminal' : ''}`, () => {
      new Waiting('lab/tiny', streamOf(isTTY))[Symbol.dispose]();
      mock.timers.tick(60_000);
      assert.equal(said, '');
    });
});
