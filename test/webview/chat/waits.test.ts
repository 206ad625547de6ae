// An answer that waits for a model on this machine, in the view's state: what is waited for, and the ways to wait less.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ChatPart } from '../../../shared/protocol/chat.ts';
import type { Effect, ViewMessage } from '../../../webview/chat/state/messages.ts';
import { initialState, type State } from '../../../webview/chat/state/state.ts';
import { update } from '../../../webview/chat/state/update.ts';

function given(state: State, ...messages: ViewMessage[]): [State, readonly Effect[]] {
  return messages.reduce<[State, readonly Effect[]]>(([before], message) => [...update(before, message)], [state, []]);
}

const [asking] = given(
  initialState,
  { type: 'hello', host: 'browser', actions: [] },
  { type: 'draft-typed', text: 'Hello?' },
  { type: 'submit', at: 1000 },
);
const key = asking.answers[0]?.key ?? '';
const part = (of: ChatPart): ViewMessage => ({ type: 'answer-part', key, part: of });
const waits = (behind: string[], text = 'tiny is busy.'): ViewMessage =>
  part({ kind: 'note', text, waiting: { id: 'w1', behind } });
const running = (id: string, what: string) => ({ id, model: 'local/tiny', what, since: 1 });
const entryOf = (state: State) => state.answers[0]?.entry;

describe('an answer that waits for a model', () => {
  it('says what it waits for, to a screen reader too, and asks which answers these are', () => {
    const [state, effects] = given(asking, waits(['r1']));
    assert.equal(entryOf(state)?.wait?.text, 'tiny is busy.');
    assert.equal(state.announcement, 'tiny is busy.');
    assert.deepEqual(effects, [{ kind: 'load-waits', key }]);
    assert.equal(entryOf(state)?.notes, undefined, 'it is true for now only, so it is no note of the answer');
  });

  it('names those that run before it, and may go first where others of this profile wait before it', () => {
    const loaded = (ids: string[]): ViewMessage => ({
      type: 'waits-loaded',
      key,
      waits: {
        running: [running('r2', 'Code review'), running('r1', 'Chat "Parsers"')],
        waiting: ids.map((id, index) => ({ ...running(id, 'Chat'), ahead: index + 1 })),
      },
    });
    const [second] = given(asking, waits(['r1']), loaded(['w0', 'w1']));
    assert.deepEqual(entryOf(second)?.wait?.names, ['Chat "Parsers"']);
    assert.equal(entryOf(second)?.wait?.canGoFirst, true);
    assert.equal(entryOf(given(second, loaded(['w1', 'w0']))[0])?.wait?.canGoFirst, false, 'it is first now');
  });

  const ends: [string, ViewMessage, boolean][] = [
    ['its text begins', part({ kind: 'text', text: 'Hi' }), true],
    ['its reasoning begins', part({ kind: 'reasoning', text: 'Hm' }), true],
    ['a note about it comes', part({ kind: 'note', text: 'Images were left out.' }), false],
    ['the queue moves', waits([], 'tiny is still busy.'), false],
  ];
  for (const [when, message, isOver] of ends) {
    it(`${isOver ? 'waits no more' : 'still waits'} when ${when}`, () => {
      const [state] = given(asking, waits(['r1']), message);
      assert.equal(entryOf(state)?.wait === undefined, isOver);
    });
  }

  it('waits no more when it was stopped', () => {
    const failure = { code: 'cancelled', message: 'Stopped.', retryable: false };
    const [state] = given(asking, { type: 'chat-created', key, chatId: 'c1' }, waits(['r1']), {
      type: 'answer-failed',
      key,
      failure,
      at: 2,
    });
    const entries = state.transcript.pages.flatMap((page) => page.entries);
    assert.deepEqual(
      entries.map((entry) => entry.wait),
      [undefined, undefined],
    );
  });

  it('goes first, or has the others stopped, and the keyboard is in the composer then', () => {
    assert.deepEqual(given(asking, { type: 'went-first', id: 'w1' })[1], [
      { kind: 'go-first', id: 'w1' },
      { kind: 'focus-composer' },
    ]);
    assert.deepEqual(given(asking, { type: 'others-stopped', ids: ['r1'] })[1], [
      { kind: 'stop-others', ids: ['r1'] },
      { kind: 'focus-composer' },
    ]);
  });
});
