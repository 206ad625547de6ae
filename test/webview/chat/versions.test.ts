// Editing, versions and pins, and a branch that another window changes: the view's update, without a browser.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Attachment, Message } from '../../../shared/protocol/chat.ts';
import { sawWords } from '../../../webview/chat/answer/why-text.ts';
import type { Effect, ViewMessage } from '../../../webview/chat/state/messages.ts';
import { initialState, type State, savedOf, shownEntries } from '../../../webview/chat/state/state.ts';
import { update } from '../../../webview/chat/state/update.ts';
import { ownAttachments } from '../../../webview/chat/state/versions.ts';

function given(state: State, ...messages: ViewMessage[]): [State, readonly Effect[]] {
  return messages.reduce<[State, readonly Effect[]]>(([before], message) => [...update(before, message)], [state, []]);
}
const question = (id: string, over: Partial<Message> = {}): Message => ({
  id,
  chatId: 'c1',
  role: 'user',
  text: id,
  status: 'complete',
  createdAt: 1,
  ...over,
});
const answer = (id: string, over: Partial<Message> = {}): Message => question(id, { role: 'assistant', ...over });
const page = (
  kind: 'latest' | 'older' | 'refresh',
  messages: Message[],
  place: { cursor?: string; next?: string } = {},
): ViewMessage => ({
  type: 'page-loaded',
  chatId: 'c1',
  kind,
  effective: { source: 'policy' },
  reply: { cursor: place.cursor, next: place.next, messages },
});
const texts = (state: State) => shownEntries(state).map(({ text }) => text);
const refresh = (messages: Message[], place = {}): ViewMessage[] => [
  { type: 'branch-changed', chatId: 'c1' },
  page('refresh', messages, place),
];
const submit: ViewMessage = { type: 'submit', at: 1000 };
const typed = (text: string): ViewMessage => ({ type: 'draft-typed', text });

const thread = [question('q1'), answer('a1'), question('q2'), answer('a2')];
const opened = (messages = thread, next?: string): State =>
  given(
    initialState,
    { type: 'hello', host: 'vscode', actions: [] },
    { type: 'chat-chosen', chatId: 'c1' },
    page('latest', messages, next === undefined ? {} : { next }),
  )[0];

describe('a question that is edited', () => {
  it('is sent as another version, and what followed it goes', () => {
    const [editing, focus] = given(opened(), typed('half a'), { type: 'edited', key: 'q2' });
    assert.deepEqual([editing.draft.text, focus], ['q2', [{ kind: 'focus-composer' }]]);
    const [asked, effects] = given(editing, typed('q2, better'), submit);
    assert.deepEqual(texts(asked), ['q1', 'a1', 'q2, better', '']);
    assert.deepEqual(
      effects.map((effect) => effect.kind === 'send' && [effect.turn.text, effect.turn.editOf, effect.turn.retryOf]),
      [['q2, better', 'q2', undefined]],
    );
    assert.deepEqual([asked.draft.text, asked.editing], ['half a', undefined], 'what was being written comes back');
  });
  it('is left as it was when the user thinks better of it, goes to another chat, or the view is saved', () => {
    const [editing] = given(opened(), typed('half a'), { type: 'edited', key: 'q1' });
    assert.equal(given(editing, { type: 'edit-cancelled' })[0].draft.text, 'half a');
    const [elsewhere] = given(editing, { type: 'new-chat' });
    assert.equal(elsewhere.draft.text, '', 'what was being written waits in its chat');
    assert.equal(given(elsewhere, { type: 'chat-chosen', chatId: 'c1' })[0].draft.text, 'half a');
    assert.equal(savedOf(editing).draft?.text, 'half a');
  });
  it('can be further up than the newest page', () => {
    const older = [
      page('older', [question('p1'), answer('p2')], { cursor: 'k1', next: 'k2' }),
      page('older', [question('o1'), answer('o2')], { cursor: 'k2', next: 'k3' }),
    ];
    let [state] = given(opened(thread, 'k1'));
    for (const reply of older) [state] = given(state, { type: 'page-wanted', kind: 'older' }, reply);
    const [asked] = given(state, { type: 'edited', key: 'p1' }, typed('other'), submit);
    assert.deepEqual([texts(asked), asked.transcript.newer], [['o1', 'o2', 'other', ''], []]);
  });
  it('waits while an answer is coming in, and must be known to the daemon', () => {
    const [asking] = given(opened(), typed('more'), submit);
    assert.deepEqual(update(asking, { type: 'edited', key: 'q1' }), [asking, []]);
    const local = shownEntries(asking).find(({ text }) => text === 'more')?.key ?? '';
    const failure = { code: 'disconnected', message: 'Lost.', retryable: true };
    const [lost] = given(asking, { type: 'answer-failed', key: asking.answers[0]?.key ?? '', failure, at: 2 });
    assert.deepEqual(update(lost, { type: 'edited', key: local }), [lost, []]);
  });
  it('takes along what the user attached, and not what was found for its mentions', () => {
    const attachment = (kind: Attachment['kind'], name: string): Attachment => ({
      kind,
      uri: `file:///w/${name}`,
      text: '',
    });
    const all = [
      attachment('selection', 'a.ts'),
      attachment('file', 'src/b.ts'),
      attachment('file', 'c.ts'),
      attachment('code', 'd.ts'),
      attachment('folder', 'e.ts'),
      attachment('diff', ''),
      attachment('terminal', 't'),
    ];
    assert.deepEqual(
      ownAttachments('Why? @file:src/b.ts, @codebase', all).map(({ uri }) => uri.slice('file:///w/'.length)),
      ['a.ts', 'c.ts', 't'],
    );
  });
});

describe('versions of a message', () => {
  const versions = [question('q1', { version: 2, versions: 2 }), answer('a1')];
  it('are chosen by the daemon, and read again', () => {
    const [state, effects] = given(opened(versions), { type: 'version-chosen', key: 'q1', version: 1 });
    assert.deepEqual(effects, [{ kind: 'choose-version', chatId: 'c1', messageId: 'q1', version: 1 }]);
    const [, look] = given(state, { type: 'branch-changed', chatId: 'c1' });
    assert.deepEqual(look, [{ kind: 'load-page', chatId: 'c1', page: 'refresh', cursor: undefined }]);
  });
  it('end at the first and the last', () => {
    for (const version of [0, 3])
      assert.deepEqual(given(opened(versions), { type: 'version-chosen', key: 'q1', version })[1], []);
  });
});

describe('a branch that changes in another window', () => {
  it('drops what left the branch, and shows what is read now', () => {
    const other = [question('q1'), answer('b1', { version: 2, versions: 2 }), question('q3')];
    assert.deepEqual(texts(given(opened(), ...refresh(other))[0]), ['q1', 'b1', 'q3']);
    assert.deepEqual(texts(given(opened(), ...refresh([question('q1')]))[0]), ['q1'], 'also when it is shorter');
    assert.deepEqual(
      texts(given(opened(), ...refresh([question('z1'), answer('z2')]))[0]),
      ['z1', 'z2'],
      'also from the first message on',
    );
    assert.deepEqual(texts(given(opened(), ...refresh([]))[0]), []);
  });
  it('keeps pages from before it, and leaves no gap where the change lies before what is asked for', () => {
    const [long] = given(
      opened(thread, 'k1'),
      { type: 'page-wanted', kind: 'older' },
      page('older', [question('p1'), answer('p2')], { cursor: 'k1', next: 'k2' }),
    );
    assert.deepEqual(texts(given(long, ...refresh([question('q1'), answer('c1')], { next: 'k1' }))[0]), [
      'p1',
      'p2',
      'q1',
      'c1',
    ]);
    const [elsewhere] = given(long, ...refresh([question('y1'), answer('y2')], { next: 'k9' }));
    assert.deepEqual([texts(elsewhere), elsewhere.transcript.older], [['y1', 'y2'], 'k9']);
  });
  it('keeps a question that the daemon does not know yet, at the end', () => {
    const [asking] = given(opened(), typed('mine'), submit);
    assert.deepEqual(texts(given(asking, ...refresh([question('q1'), answer('b1'), question('q9')]))[0]), [
      'q1',
      'b1',
      'q9',
      'mine',
      '',
    ]);
  });
  it('shows the answer that this view waits for once, whoever hears of it first', () => {
    const [asking] = given(opened(), typed('mine'), submit);
    const stored = [...thread, question('q3', { text: 'mine' }), answer('a3', { status: 'streaming', text: 'Be' })];
    assert.deepEqual(texts(given(asking, ...refresh(stored))[0]), ['q1', 'a1', 'q2', 'a2', 'mine', '']);
  });
  it('adds nothing below a part that is not the newest', () => {
    let [state] = given(opened(thread, 'k1'));
    for (let index = 1; index < 5; index++)
      [state] = given(
        state,
        { type: 'page-wanted', kind: 'older' },
        page('older', [question(`p${index}`)], { cursor: `k${index}`, next: `k${index + 1}` }),
      );
    assert.deepEqual(state.transcript.newer.length, 1);
    const before = texts(state);
    assert.deepEqual(texts(given(state, ...refresh([question('new')]))[0]), before);
  });
  it('is not asked for in a chat that is not shown', () => {
    assert.deepEqual(given(opened(), { type: 'branch-changed', chatId: 'c2' })[1], []);
  });
});

describe('a pin', () => {
  it("is shown at once, and taken back by the daemon's word", () => {
    const [pinned, effects] = given(opened(), { type: 'pinned', key: 'a1', pinned: true });
    assert.deepEqual(effects, [{ kind: 'pin', messageId: 'a1', chatId: 'c1', pinned: true }]);
    assert.equal(shownEntries(pinned)[1]?.pinned, true);
    assert.equal(shownEntries(given(pinned, ...refresh(thread))[0])[1]?.pinned, undefined);
  });
});

describe('what a model saw', () => {
  it('is said in words', () => {
    assert.equal(sawWords({ pinned: [], recent: 1, leftOut: 0 }), 'this question, nothing left out');
    assert.equal(
      sawWords({ pinned: ['a', 'b'], recent: 4, leftOut: 12 }),
      'the newest 4 messages, and 2 pinned; 12 older ones were left out',
    );
    assert.equal(sawWords({ pinned: [], recent: 3, leftOut: 1 }), 'the newest 3 messages; 1 older one was left out');
    assert.equal(
      sawWords({ pinned: ['a', 'b'], recent: 14, found: ['c', 'd', 'e'], summarised: 120, leftOut: 0 }),
      'the newest 14 messages, and 2 pinned; of the older ones 3 were found again, 120 summarized, none left out',
    );
    assert.equal(
      sawWords({ pinned: [], recent: 3, found: ['c'], leftOut: 7 }),
      'the newest 3 messages; of the older ones 1 was found again, 7 left out',
    );
  });
});

describe('another profile', () => {
  const profile = (id: string): ViewMessage => ({
    type: 'profile-loaded',
    profile: { id, name: id, model: undefined, isOnlyOne: false },
  });
  it('leaves the chats of the one before', () => {
    const [same] = given(opened(), profile('p1'), profile('p1'));
    assert.equal(same.chatId, 'c1');
    const [other, effects] = given(same, profile('p2'));
    assert.deepEqual([other.chatId, texts(other), other.chats.items], [undefined, [], []]);
    assert.deepEqual(effects, [{ kind: 'load-chats', cursor: undefined }]);
  });
  it('is noticed by a view that comes back', () => {
    const saved = savedOf(given(opened(), profile('p1'))[0]);
    const [back] = given(
      initialState,
      { type: 'restored', saved },
      { type: 'hello', host: 'vscode', actions: [] },
      profile('p2'),
    );
    assert.equal(back.chatId, undefined);
  });
});

describe('forking from a message', () => {
  it('copies the chat up to it, whoever wrote it, and shows the copy', () => {
    for (const key of ['q1', 'a1', 'q2']) {
      const [state, effects] = given(opened(), { type: 'forked', key });
      assert.deepEqual(effects, [{ kind: 'fork', chatId: 'c1', messageId: key }]);
      const [shown, asked] = given(state, { type: 'fork-made', chatId: 'c9' });
      assert.equal(shown.chatId, 'c9');
      assert.deepEqual(
        asked.map(({ kind }) => kind),
        ['load-page', 'focus-composer', 'load-chats'],
      );
    }
  });

  it('is not offered for what is not stored', () => {
    assert.deepEqual(given(opened(), { type: 'forked', key: 'nothing' })[1], []);
  });
});

describe('an answer that was cut off', () => {
  const cut = answer('a2', { text: 'One, ', finishReason: 'length', notes: ['It is cut off.'] });
  const ask = { type: 'continued', key: 'a2', at: 9 } as const;
  const turnsOf = (effects: readonly Effect[]) =>
    effects.flatMap((effect) => (effect.kind === 'send' ? [[effect.turn.continueOf, effect.turn.text]] : []));

  it('grows where it stands when it is continued, and stays one message', () => {
    const [asked, effects] = given(opened([question('q2'), cut]), ask);
    assert.deepEqual([texts(asked), turnsOf(effects)], [['q2', 'One, '], [['a2', '']]]);
    assert.deepEqual(
      shownEntries(asked).map(({ status, notes }) => [status, notes]),
      [
        ['complete', undefined],
        ['streaming', undefined],
      ],
    );
    const key = asked.answers[0]?.key ?? '';
    const decision = { model: 'lab/tiny', provider: 'lab', reason: 'the same', alternatives: [], confidence: 1 };
    const [grown] = given(
      asked,
      { type: 'answer-part', key, part: { kind: 'decision', chatId: 'c1', messageId: 'a2', decision } },
      { type: 'answer-part', key, part: { kind: 'text', text: 'hm' } },
      { type: 'answer-part', key, part: { kind: 'thought' } },
      { type: 'answer-part', key, part: { kind: 'text', text: 'two.' } },
    );
    assert.deepEqual(
      shownEntries(grown).map(({ id, text, reasoning }) => [id, text, reasoning]),
      [
        ['q2', 'q2', undefined],
        ['a2', 'One, two.', 'hm'],
      ],
    );
    const failure = { code: 'unavailable', message: 'Down.', retryable: true };
    const [failed] = given(grown, { type: 'answer-failed', key, failure, at: 10 });
    assert.deepEqual(texts(failed), ['q2', 'One, two.']);
  });

  it('is continued where it was stopped or broke off, and nowhere else', () => {
    const rows: [over: Partial<Message>, isContinued: boolean][] = [
      [{ status: 'cancelled' }, true],
      [{ status: 'partial' }, true],
      [{ finishReason: 'length' }, true],
      [{ finishReason: 'stop' }, false],
      [{ finishReason: 'content-filter' }, false],
      [{ status: 'cancelled', text: '' }, false],
      [{ status: 'streaming' }, false],
    ];
    for (const [over, isContinued] of rows) {
      const [, effects] = given(opened([question('q2'), answer('a2', over)]), ask);
      assert.equal(turnsOf(effects).length, isContinued ? 1 : 0, JSON.stringify(over));
    }
    const [, earlier] = given(opened([question('q1'), cut, question('q3'), answer('a3')]), ask);
    assert.deepEqual(earlier, [], 'not one that something follows');
  });
});
