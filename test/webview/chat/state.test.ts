// The view's update, as a table of what happens and what is then true. No browser, no daemon: state in, state and effects out.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Attachment, Chat, Decision, Message } from '../../../shared/protocol/chat.ts';
import type { Effect, ViewMessage } from '../../../webview/chat/state/messages.ts';
import {
  type ChatSendResult,
  chatTitle,
  initialState,
  type State,
  savedOf,
  shownAnswer,
  shownEntries,
} from '../../../webview/chat/state/state.ts';
import { pageSize } from '../../../webview/chat/state/transcript.ts';
import { update } from '../../../webview/chat/state/update.ts';

const decision: Decision = {
  model: 'lab/tiny',
  provider: 'lab',
  reason: 'the only one',
  alternatives: [],
  confidence: 1,
};
const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 0 };
const attachment: Attachment = { kind: 'file', uri: 'file:///a.ts', text: 'const a = 1' };
const hello: ViewMessage = { type: 'hello', host: 'vscode', actions: ['copy'] };

/** The state after all of these, and the effects of the last. */
function given(state: State, ...messages: ViewMessage[]): [State, readonly Effect[]] {
  return messages.reduce<[State, readonly Effect[]]>(([before], message) => [...update(before, message)], [state, []]);
}
const connected = given(initialState, hello)[0];
const typed = (text: string): ViewMessage => ({ type: 'draft-typed', text });
const submit: ViewMessage = { type: 'submit', at: 1000 };
const kinds = (effects: readonly Effect[]) => effects.map(({ kind }) => kind);
const texts = (state: State) => shownEntries(state).map(({ text }) => text);

const chat = (id: string, title = id): Chat => ({
  id,
  title,
  effective: { source: 'policy' },
  createdAt: 1,
  updatedAt: 1,
  messageCount: 2,
});
const message = (id: string, over: Partial<Message> = {}): Message => ({
  id,
  chatId: 'c1',
  role: 'user',
  text: id,
  status: 'complete',
  createdAt: 1,
  ...over,
});
const sent = (over: Partial<ChatSendResult> = {}): ChatSendResult => ({
  chatId: 'c1',
  messageId: 'm2',
  text: 'Hello there',
  decision,
  usage,
  cached: false,
  finishReason: 'stop',
  ...over,
});
const failure = { code: 'unavailable', message: 'The lab is down. Try again.', retryable: true };

/** A chat `c1` that asked and waits for its answer. */
function asking(): { state: State; key: string } {
  const [state] = given(connected, typed('Hello?'), submit);
  const key = state.answers[0]?.key ?? '';
  return { state: given(state, { type: 'chat-created', key, chatId: 'c1' })[0], key };
}

describe('the view, sending', () => {
  it('asks with the draft, its attachments and the chosen model, and empties the composer', () => {
    const [state, effects] = given(
      connected,
      { type: 'model-picked', model: 'lab/tiny' },
      { type: 'attach', attachment },
      typed('Why?'),
      submit,
    );
    assert.deepEqual(
      effects.map((effect) => effect.kind === 'send' && effect.turn),
      [
        {
          chatId: undefined,
          text: 'Why?',
          attachments: [attachment],
          model: 'lab/tiny',
          retryOf: undefined,
          editOf: undefined,
        },
      ],
    );
    assert.deepEqual(state.draft, { text: '', attachments: [] });
    assert.deepEqual(texts(state), ['Why?', '']);
  });
  it('keeps the draft when there is nothing to send, no connection, or an answer still coming in', () => {
    for (const state of [
      given(connected, typed('  '))[0],
      given(initialState, typed('Hi'))[0],
      given(asking().state, typed('More'))[0],
    ]) {
      assert.deepEqual(update(state, submit), [state, []]);
    }
  });
  it('attaches the same place once', () => {
    const [state] = given(
      connected,
      { type: 'attach', attachment },
      { type: 'attach', attachment: { ...attachment, text: 'newer' } },
    );
    assert.deepEqual(
      state.draft.attachments.map(({ text }) => text),
      ['newer'],
    );
  });
  it('begins a new chat for a question that the host composes', () => {
    const [state, effects] = given(
      { ...connected, chatId: 'c9' },
      { type: 'compose', text: 'Explain', attachments: [attachment], send: true, at: 5 },
    );
    assert.equal(state.chatId, undefined);
    assert.deepEqual(kinds(effects), ['send']);
  });
});

describe('the view, receiving an answer', () => {
  it('adds each part to the answer, and names it after the daemon', () => {
    const { state, key } = asking();
    const [streaming] = given(
      state,
      { type: 'answer-part', key, part: { kind: 'decision', chatId: 'c1', messageId: 'm2', decision } },
      { type: 'answer-part', key, part: { kind: 'reasoning', text: 'Hm' } },
      { type: 'answer-part', key, part: { kind: 'text', text: 'Hel' } },
      { type: 'answer-part', key, part: { kind: 'text', text: 'lo' } },
      { type: 'answer-part', key, part: { kind: 'note', text: 'cut' } },
      { type: 'answer-part', key, part: { kind: 'usage', usage } },
    );
    const { id, text, reasoning, notes, status } = shownEntries(streaming).at(-1) ?? message('none');
    assert.deepEqual(
      { id, text, reasoning, notes, status },
      { id: 'm2', text: 'Hello', reasoning: 'Hm', notes: ['cut'], status: 'streaming' },
    );
  });
  it('takes its text for reasoning where it turns out to be that', () => {
    const { state, key } = asking();
    const [streaming] = given(
      state,
      { type: 'answer-part', key, part: { kind: 'text', text: 'They greet.' } },
      { type: 'answer-part', key, part: { kind: 'thought' } },
      { type: 'answer-part', key, part: { kind: 'text', text: 'Hello' } },
    );
    const { text, reasoning } = shownEntries(streaming).at(-1) ?? message('none');
    assert.deepEqual({ text, reasoning }, { text: 'Hello', reasoning: 'They greet.' });
  });
  it('ends it with usage, duration and a word for screen readers', () => {
    const { state, key } = asking();
    const [ended, effects] = given(state, { type: 'answer-done', key, sent: sent(), at: 3500 });
    const { status, durationMs, text } = shownEntries(ended).at(-1) ?? message('none');
    assert.deepEqual({ status, durationMs, text }, { status: 'complete', durationMs: 2500, text: 'Hello there' });
    assert.equal(ended.announcement, 'Answer: Hello there');
    assert.equal(shownAnswer(ended), undefined);
    assert.deepEqual(kinds(effects), ['load-chats', 'load-page'], 'what only the daemon knows is asked for');
  });
  for (const [code, arrived, status, saved] of [
    ['cancelled', 'Hel', 'cancelled', false],
    ['unavailable', '', 'failed', false],
    ['unavailable', 'Hel', 'partial', false],
    ['disconnected', 'Hel', 'partial', true],
    ['disconnected', '', 'failed', false],
    ['daemon-lost', 'Hel', 'partial', true],
  ] as const) {
    it(`calls an answer ${status} when it ends with ${code} after "${arrived}"`, () => {
      const { state, key } = asking();
      const [ended] = given(
        state,
        { type: 'answer-part', key, part: { kind: 'text', text: arrived } },
        { type: 'answer-failed', key, failure: { ...failure, code }, at: 2 },
      );
      const last = shownEntries(ended).at(-1);
      assert.deepEqual(
        [last?.status, last?.text, last?.error?.code],
        [status, arrived, code === 'cancelled' ? undefined : code],
      );
      assert.equal(/is saved/.test(last?.error?.message ?? ''), saved, 'says that what came is saved');
    });
  }
  it('goes on in its own chat while another is in view', () => {
    const { state, key } = asking();
    const [other] = given(
      state,
      { type: 'chat-chosen', chatId: 'c2' },
      { type: 'answer-part', key, part: { kind: 'text', text: 'Hello' } },
    );
    assert.equal(shownAnswer(other), undefined);
    const [back] = given(
      other,
      { type: 'chat-chosen', chatId: 'c1' },
      page('latest', [message('m1', { text: 'Hello?' })]),
    );
    assert.deepEqual(texts(back), ['Hello?', 'Hello']);
  });
  it('stays out of a chat that was begun before its own was created', () => {
    const [state] = given(connected, typed('Hello?'), submit);
    const key = state.answers[0]?.key ?? '';
    const [other] = given(state, { type: 'chat-chosen', chatId: 'c2' }, { type: 'chat-created', key, chatId: 'c1' });
    assert.equal(other.chatId, 'c2');
    assert.equal(other.answers[0]?.chatId, 'c1');
  });
  it('stops the answer in view', () => {
    const { state, key } = asking();
    assert.deepEqual(update(state, { type: 'stop' })[1], [{ kind: 'stop', key }]);
  });
  it('retries an answer by its id, a question without one by its own, and sends again only what never was stored', () => {
    const { state, key } = asking();
    const failed: ViewMessage = { type: 'answer-failed', key, failure, at: 2 };
    const stored = page('refresh', [message('m1', { text: 'Hello?' })]);
    const answered = page('refresh', [
      message('m1', { text: 'Hello?' }),
      message('m2', { role: 'assistant', text: 'Hi' }),
    ]);
    const refused: [what: string, messages: ViewMessage[], retryOf: string | undefined][] = [
      ['an answer', [{ type: 'answer-done', key, sent: sent(), at: 2 }, answered], 'm2'],
      ['a question that was stored and refused', [failed, stored], 'm1'],
      ['a question that never arrived', [failed, page('refresh', [])], undefined],
    ];
    for (const [what, messages, retryOf] of refused) {
      const [now, effects] = given(state, ...messages, { type: 'retry', key, at: 3 });
      assert.deepEqual(texts(now), ['Hello?', ''], what);
      const turns = effects.map((effect) => effect.kind === 'send' && [effect.turn.text, effect.turn.retryOf]);
      assert.deepEqual(turns, [['Hello?', retryOf]], what);
    }
    assert.deepEqual(
      given(state, failed, { type: 'retry', key, at: 3 })[1],
      [],
      'not before it is known whether the question was stored',
    );
  });
  it('lets a question exceed a budget once, and neither the next question nor the next try', () => {
    const { state, key } = asking();
    const stopped: ViewMessage = { type: 'answer-failed', key, failure: { ...failure, code: 'budget-reached' }, at: 2 };
    const stored = page('refresh', [message('m1', { text: 'Hello?' })]);
    const allowed = (effects: readonly Effect[]) =>
      effects.flatMap((effect) => (effect.kind === 'send' ? [effect.turn.overBudget] : []));
    const [once, effects] = given(state, stopped, stored, { type: 'retry', key, at: 3, overBudget: true });
    assert.deepEqual(allowed(effects), [true]);
    const again = once.answers[0]?.key ?? assert.fail();
    const failedAgain: ViewMessage = { ...stopped, key: again };
    assert.deepEqual(allowed(given(once, failedAgain, stored, { type: 'retry', key: again, at: 4 })[1]), [undefined]);
    assert.deepEqual(allowed(given(once, failedAgain, stored, typed('Next?'), submit)[1]), [undefined]);
  });
  it('gives what was typed back, in a new chat, where its own was deleted elsewhere', () => {
    const gone = { code: 'chat-not-found', message: 'There is no such chat.', retryable: false };
    const { state, key } = asking();
    const lost: ViewMessage[] = [
      { type: 'answer-failed', key, failure: gone, at: 2 },
      { type: 'page-failed', chatId: 'c1', failure: gone },
    ];
    for (const [index, happens] of lost.entries()) {
      const [now] = given(index === 0 ? state : given(state, typed('and then?'))[0], happens);
      assert.deepEqual([now.chatId, texts(now)], [undefined, []]);
      assert.equal(now.draft.text, index === 0 ? 'Hello?' : 'and then?');
      assert.match(now.problem ?? '', /was deleted.*send it to start a new chat/);
      const [, effects] = given(now, submit);
      assert.deepEqual(
        effects.map((effect) => effect.kind === 'send' && effect.turn.chatId),
        [undefined],
      );
    }
  });
  it('keeps what is typed with its chat, attachments too, over a reload', () => {
    const [first] = given(connected, { type: 'chat-chosen', chatId: 'c1' }, typed('for c1'), {
      type: 'attach',
      attachment,
    });
    const [second] = given(first, { type: 'chat-chosen', chatId: 'c2' });
    assert.deepEqual(second.draft, { text: '', attachments: [] });
    const [third] = given(second, typed('for c2'), { type: 'new-chat' }, typed('for a new one'));
    const [reloaded] = given(connected, { type: 'restored', saved: savedOf(third) });
    const drafts = ['c1', 'c2'].map((chatId) => given(reloaded, { type: 'chat-chosen', chatId })[0].draft);
    assert.deepEqual(drafts, [
      { text: 'for c1', attachments: [attachment] },
      { text: 'for c2', attachments: [] },
    ]);
    assert.equal(
      given(reloaded, { type: 'chat-chosen', chatId: 'c1' }, { type: 'new-chat' })[0].draft.text,
      'for a new one',
    );
  });
});

function page(
  kind: 'latest' | 'older' | 'newer' | 'refresh',
  messages: Message[],
  place: { cursor?: string; next?: string } = {},
): ViewMessage {
  return {
    type: 'page-loaded',
    chatId: 'c1',
    kind,
    effective: { source: 'policy' },
    reply: { cursor: place.cursor, next: place.next, messages },
  };
}

/** Opens `c1` and reads upwards through this many pages of two messages each. */
function readUp(pages: number): State {
  const messages = (index: number) => [message(`p${index}a`), message(`p${index}b`, { role: 'assistant' })];
  let [state] = given(connected, { type: 'chat-chosen', chatId: 'c1' }, page('latest', messages(0), { next: 'k1' }));
  for (let index = 1; index < pages; index++) {
    [state] = given(
      state,
      { type: 'page-wanted', kind: 'older' },
      page('older', messages(index), { cursor: `k${index}`, next: `k${index + 1}` }),
    );
  }
  return state;
}

describe('the view, paging', () => {
  it('asks for the page above with the cursor of the one below, once', () => {
    const [state, effects] = given(readUp(1), { type: 'page-wanted', kind: 'older' });
    assert.deepEqual(effects, [{ kind: 'load-page', chatId: 'c1', page: 'older', cursor: 'k1' }]);
    assert.deepEqual(update(state, { type: 'page-wanted', kind: 'older' })[1], []);
    assert.ok(pageSize <= 50);
  });
  it('holds a bounded part of a chat, and finds the way back to its end', () => {
    const top = readUp(6);
    assert.deepEqual([texts(top).length, texts(top)[0], texts(top).at(-1)], [8, 'p5a', 'p2b']);
    const [down, effects] = given(top, { type: 'page-wanted', kind: 'newer' });
    assert.deepEqual(effects, [{ kind: 'load-page', chatId: 'c1', page: 'newer', cursor: 'k1' }]);
    const [moved] = given(down, page('newer', [message('p1a'), message('p1b')], { cursor: 'k1', next: 'k2' }));
    assert.deepEqual([texts(moved).length, texts(moved)[0], texts(moved).at(-1)], [8, 'p4a', 'p1b']);
    assert.equal(moved.transcript.older, 'k5');
  });
  it('leaves no gap when the chat grew while its end was out of view', () => {
    const [state] = given(
      readUp(5),
      { type: 'page-wanted', kind: 'newer' },
      page('newer', [message('new')], { next: 'elsewhere' }),
    );
    assert.deepEqual([texts(state), state.transcript.older], [['new'], 'elsewhere']);
  });
  it('fetches the end of the chat before it sends from further up', () => {
    const [waiting, effects] = given(readUp(5), typed('And now?'), submit);
    assert.deepEqual(kinds(effects), ['load-page']);
    const [asked, sending] = given(waiting, page('latest', [message('last')], { next: 'k9' }));
    assert.deepEqual([texts(asked), kinds(sending)], [['last', 'And now?', ''], ['send']]);
  });
  it('drops a page of a chat that is no longer in view', () => {
    const [state] = given(readUp(1), { type: 'chat-chosen', chatId: 'c2' });
    assert.deepEqual(update(state, page('latest', [message('m1')])), [state, []]);
  });
  it('says why a page did not come, and asks again on request', () => {
    const [state] = given(
      readUp(1),
      { type: 'page-wanted', kind: 'older' },
      { type: 'page-failed', chatId: 'c1', failure },
    );
    assert.equal(state.transcript.error, failure.message);
    assert.deepEqual(kinds(update(state, { type: 'page-wanted', kind: 'older' })[1]), ['load-page']);
  });
});

describe('the view, coming back', () => {
  it('saves chat, draft, model and place, and asks for the chat again', () => {
    const [before] = given(
      connected,
      { type: 'chat-chosen', chatId: 'c1' },
      typed('half a que'),
      { type: 'model-picked', model: 'lab/tiny' },
      { type: 'scrolled', spot: { id: 'm1', offset: 4 } },
    );
    const [state, effects] = given(initialState, { type: 'restored', saved: savedOf(before) }, hello);
    assert.deepEqual(
      [state.chatId, state.draft.text, state.model, state.spot],
      ['c1', 'half a que', 'lab/tiny', { id: 'm1', offset: 4 }],
    );
    assert.deepEqual(
      effects.filter(({ kind }) => kind === 'load-page'),
      [{ kind: 'load-page', chatId: 'c1', page: 'latest', cursor: undefined }],
    );
  });
  it('asks ever less often after an answer that streams to somebody else, until it is complete', () => {
    const streaming = message('m2', { role: 'assistant', status: 'streaming' });
    const delays: number[] = [];
    let [state, effects] = given(
      connected,
      { type: 'chat-chosen', chatId: 'c1' },
      page('latest', [message('m1'), streaming]),
    );
    for (let round = 0; round < 3; round++) {
      delays.push(...effects.flatMap((effect) => (effect.kind === 'poll-later' ? [effect.delayMs] : [])));
      [state, effects] = given(state, { type: 'poll', chatId: 'c1' }, page('refresh', [message('m1'), streaming]));
    }
    assert.deepEqual(delays, [1000, 2000, 4000]);
    [state, effects] = given(
      state,
      { type: 'poll', chatId: 'c1' },
      page('refresh', [message('m1'), { ...streaming, status: 'complete', text: 'Done' }]),
    );
    assert.deepEqual([texts(state), effects], [['m1', 'Done'], []]);
  });
  it("takes the daemon's word after a lost connection, without showing anything twice", () => {
    const { state, key } = asking();
    const lost = given(
      state,
      { type: 'answer-failed', key, failure: { ...failure, code: 'disconnected' }, at: 2 },
      { type: 'connection', state: 'reconnecting' },
    )[0];
    const [back, effects] = given(lost, { type: 'connection', state: 'connected' });
    assert.ok(kinds(effects).includes('load-page'));
    const [refreshed] = given(
      back,
      page('refresh', [
        message('m1', { text: 'Hello?' }),
        message('m2', { role: 'assistant', text: 'Hello', status: 'partial' }),
      ]),
    );
    assert.deepEqual(
      shownEntries(refreshed).map(({ id, text }) => [id, text]),
      [
        ['m1', 'Hello?'],
        ['m2', 'Hello'],
      ],
    );
  });
});

describe('the view, chats', () => {
  const listed = given(connected, {
    type: 'chats-loaded',
    chats: [chat('c1', 'Parser bug'), chat('c2', 'Tests')],
    cursor: undefined,
    next: 'k1',
  })[0];
  it('searches every title, page after page', () => {
    const [searching, effects] = given(listed, { type: 'chats-searched', text: 'bug' });
    assert.deepEqual(effects, [{ kind: 'load-chats', cursor: 'k1' }]);
    assert.deepEqual(update(searching, { type: 'chats-loaded', chats: [chat('c3')], cursor: 'k1', next: 'k2' })[1], [
      { kind: 'load-chats', cursor: 'k2' },
    ]);
  });
  it('leaves a chat that is deleted, and stops its answer', () => {
    const { state, key } = asking();
    const [gone, effects] = given(state, { type: 'chat-deleted', chatId: 'c1' });
    assert.deepEqual(effects, [
      { kind: 'stop', key },
      { kind: 'delete', chatId: 'c1' },
    ]);
    assert.deepEqual([gone.chatId, gone.answers, texts(gone)], [undefined, [], []]);
  });
  it('renames at once, and never to nothing', () => {
    const [renamed] = given({ ...listed, chatId: 'c1' }, { type: 'chat-renamed', chatId: 'c1', title: ' Fixed ' });
    assert.equal(chatTitle(renamed), 'Fixed');
    assert.deepEqual(update(listed, { type: 'chat-renamed', chatId: 'c1', title: ' ' }), [listed, []]);
  });
});

describe('the view, models', () => {
  it("shows a download's progress, its failure, and asks for the models when it is there", () => {
    const [pulling] = given(
      connected,
      { type: 'pull', model: 'q' },
      { type: 'pull-moved', model: 'q', received: 5, total: 10 },
    );
    assert.deepEqual(pulling.pulls['q'], { received: 5, total: 10, error: undefined });
    assert.equal(given(pulling, { type: 'pull-ended', model: 'q', failure })[0].pulls['q']?.error, failure.message);
    const [done, effects] = given(pulling, { type: 'pull-ended', model: 'q', failure: undefined });
    assert.deepEqual([done.pulls, effects], [{}, [{ kind: 'load-models', refresh: true }]]);
  });
  it('tells the daemon which model a chat is to have', () => {
    assert.deepEqual(update({ ...connected, chatId: 'c1' }, { type: 'model-picked', model: undefined })[1][0], {
      kind: 'set-model',
      chatId: 'c1',
      model: undefined,
    });
  });
  it('ignores a message that it does not know', () => {
    assert.deepEqual(update(connected, { type: 'constructor' } as unknown as ViewMessage), [connected, []]);
  });
});
