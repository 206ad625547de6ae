import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type AwaitedPart, Waiting, waitForNext } from '../../../daemon/cli/kit/waiting.ts';

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

  for (const [columns, told] of [
    [30, 'Waiting for lab/a-model-… 1 s'],
    [12, 'Waitin… 1 s'],
    [80, 'Waiting for lab/a-model-with-a-long-name… 1 s'],
    [0, 'Waiting for lab/a-model-with-a-long-name… 1 s'],
  ] as const)
    it(`fits into one line of ${columns} columns, since a second one would stay`, () => {
      using _waiting = new Waiting('lab/a-model-with-a-long-name', { ...streamOf(true), columns });
      mock.timers.tick(1000);
      assert.equal(said, `\r\u001b[K${told}`);
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

  const decision = { kind: 'decision', decision: { model: 'lab/tiny' } };
  const call = { kind: 'call', title: 'Run npm test' };
  const after: [parts: object[], told: string][] = [
    [[decision], 'Waiting for lab/tiny…\n'],
    [[decision, call], 'Waiting for this step to finish…\n'],
    [[decision, call, { kind: 'approval' }], ''],
    [[decision, call, { kind: 'approval' }, { kind: 'approved' }], 'Waiting for this step to finish…\n'],
    [[decision, call, { kind: 'result' }], 'Waiting for lab/tiny…\n'],
    [[decision, call, { kind: 'result' }, { kind: 'spent' }], 'Waiting for lab/tiny…\n'],
    [[decision, { kind: 'text' }], ''],
  ];
  for (const [parts, told] of after)
    it(`is ${told || 'nothing that is told'} after ${parts.map((part) => (part as { kind: string }).kind).join(', ')}`, () => {
      using waiting = new Waiting('Switchyard', streamOf(false));
      const awaited: AwaitedPart = {};
      for (const part of parts) waitForNext(waiting, part, awaited);
      mock.timers.tick(60_000);
      assert.equal(said, told);
    });

  for (const isTTY of [true, false])
    it(`is not told after its end${isTTY ? ', at a terminal' : ''}`, () => {
      new Waiting('lab/tiny', streamOf(isTTY))[Symbol.dispose]();
      mock.timers.tick(60_000);
      assert.equal(said, '');
    });
});
