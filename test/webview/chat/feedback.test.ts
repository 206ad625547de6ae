// Why a model was chosen, thumbs, and stopping what somebody else began: the view's update and its rows, without a browser.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { EffectiveModel, Message } from '../../../shared/protocol/chat.ts';
import { toWhy } from '../../../webview/chat/answer/why-text.ts';
import type { Effect, ViewMessage } from '../../../webview/chat/state/messages.ts';
import { initialState, meantModel, type State, shownEntries } from '../../../webview/chat/state/state.ts';
import { update } from '../../../webview/chat/state/update.ts';
import { decision, record } from '../scripted-daemon.ts';

function given(state: State, ...messages: ViewMessage[]): [State, readonly Effect[]] {
  return messages.reduce<[State, readonly Effect[]]>(([before], message) => [...update(before, message)], [state, []]);
}

const answer = (over: Partial<Message> = {}): Message => ({
  id: 'm2',
  chatId: 'c1',
  role: 'assistant',
  text: 'Yes',
  status: 'complete',
  createdAt: 1,
  decision,
  ...over,
});
const page = (
  kind: 'latest' | 'refresh',
  message: Message,
  effective: EffectiveModel = { source: 'policy' },
): ViewMessage => ({
  type: 'page-loaded',
  chatId: 'c1',
  kind,
  effective,
  reply: { cursor: undefined, next: undefined, messages: [message] },
});
const opened = (message = answer()): State =>
  given(
    initialState,
    { type: 'hello', host: 'vscode', actions: [] },
    { type: 'chat-chosen', chatId: 'c1' },
    page('latest', message),
  )[0];

describe('the view, explaining', () => {
  it('asks for the record when it is opened, and shows it until it is closed', () => {
    const [loading, effects] = given(opened(), { type: 'explained', decisionId: 'd1', open: true });
    assert.deepEqual(effects, [{ kind: 'load-decision', decisionId: 'd1' }]);
    const [shown] = given(loading, { type: 'decision-loaded', decisionId: 'd1', record });
    assert.deepEqual(shown.explanations['d1'], { state: 'loaded', record });
    const [closed] = given(
      shown,
      { type: 'explained', decisionId: 'd1', open: false },
      { type: 'decision-loaded', decisionId: 'd1', record },
    );
    assert.deepEqual(closed.explanations, {}, 'a record that comes too late opens nothing');
  });
  it('reads the older messages that were found again, also where there is no record', () => {
    const context = { pinned: [], recent: 2, found: ['q1', 'a1'], leftOut: 3 };
    const [loading, effects] = given(opened(answer({ context })), { type: 'explained', decisionId: 'd1', open: true });
    assert.deepEqual(effects.at(-1), { kind: 'load-found', decisionId: 'd1', chatId: 'c1', ids: ['q1', 'a1'] });
    const found = [{ id: 'q1', role: 'user' as const, text: 'Why?' }];
    const failure = { code: 'decision-not-found', message: 'It is gone.', retryable: false };
    for (const order of [
      [0, 1],
      [1, 0],
    ] as const) {
      const messages: ViewMessage[] = [
        { type: 'found-loaded', decisionId: 'd1', found },
        { type: 'decision-failed', decisionId: 'd1', failure },
      ];
      const [shown] = given(loading, ...order.flatMap((index) => messages[index] ?? []));
      assert.deepEqual(shown.explanations['d1'], { state: 'failed', reason: 'It is gone.', found });
    }
    assert.deepEqual(
      given(opened(), { type: 'found-loaded', decisionId: 'd1', found })[0].explanations,
      {},
      'it was closed meanwhile',
    );
  });
  it('says when the record is gone', () => {
    const failure = { code: 'decision-not-found', message: 'It is gone.', retryable: false };
    const [state] = given(
      opened(),
      { type: 'explained', decisionId: 'd1', open: true },
      { type: 'decision-failed', decisionId: 'd1', failure },
    );
    assert.deepEqual(state.explanations['d1'], { state: 'failed', reason: 'It is gone.' });
  });
});

describe('the view, rating', () => {
  it('shows a thumb at once and tells the router, and takes it back', () => {
    const [up, effects] = given(opened(), { type: 'rated', key: 'm2', thumbs: 'up' });
    assert.deepEqual(
      [shownEntries(up)[0]?.thumbs, effects],
      ['up', [{ kind: 'rate', decisionId: 'd1', chatId: 'c1', thumbs: 'up' }]],
    );
    assert.equal(shownEntries(given(up, { type: 'rated', key: 'm2', thumbs: undefined })[0])[0]?.thumbs, undefined);
  });
  it('has nothing to tell of an answer whose decision was not written down', () => {
    const state = opened(answer({ decision: { ...decision, id: undefined } }));
    assert.deepEqual(given(state, { type: 'rated', key: 'm2', thumbs: 'up' }), [state, []]);
  });
});

describe("the view, before somebody else's answer", () => {
  const streaming = answer({ status: 'streaming' });

  it('can stop it, and sends nothing meanwhile', () => {
    const state = opened(streaming);
    assert.deepEqual(given(state, { type: 'stop' })[1], [{ kind: 'stop-chat', chatId: 'c1' }]);
    assert.deepEqual(given(state, { type: 'draft-typed', text: 'More' }, { type: 'submit', at: 1 })[1], []);
    assert.deepEqual(given(opened(), { type: 'stop' })[1], []);
  });
  it('asks again soon while it grows', () => {
    let state = opened(streaming);
    const delays = ['Yes', 'Yes, and', 'Yes, and more'].map((text) => {
      const [next, effects] = given(state, { type: 'poll', chatId: 'c1' }, page('refresh', { ...streaming, text }));
      state = next;
      return effects.map((effect) => effect.kind === 'poll-later' && effect.delayMs);
    });
    assert.deepEqual(delays, [[2000], [1000], [1000]]);
  });
});

describe('the model that is meant', () => {
  const opening: ViewMessage[] = [
    { type: 'hello', host: 'vscode', actions: [] },
    { type: 'default-model', model: 'a/default' },
  ];
  const meant = (...messages: ViewMessage[]) => meantModel(given(initialState, ...opening, ...messages)[0]);
  const profile: ViewMessage = {
    type: 'profile-loaded',
    profile: { id: 'p1', name: 'Work', model: 'b/profile', isOnlyOne: false },
  };

  it('is named by the nearest level', () => {
    assert.deepEqual(meant(), { model: 'a/default', source: 'workspace' });
    assert.deepEqual(meant(profile), { model: 'b/profile', source: 'profile' });
    assert.deepEqual(meant(profile, { type: 'model-picked', model: 'c/picked' }), {
      model: 'c/picked',
      source: 'chat',
    });
    assert.deepEqual(meant({ type: 'default-model' }), { source: 'policy' });
  });
  it("is the daemon's word for a chat that exists", () => {
    const chosen: ViewMessage = { type: 'chat-chosen', chatId: 'c1' };
    assert.deepEqual(meant(profile, chosen, page('latest', answer(), { model: 'd/other', source: 'workspace' })), {
      model: 'd/other',
      source: 'workspace',
    });
    assert.deepEqual(meant(chosen, page('latest', answer(), { model: 'e/chat', source: 'chat' })), {
      model: 'e/chat',
      source: 'chat',
    });
  });
  it('goes to the daemon with the chat that is created, and not with its messages', () => {
    const [asked, effects] = given(
      initialState,
      ...opening,
      { type: 'draft-typed', text: 'Hi' },
      { type: 'submit', at: 1 },
    );
    assert.deepEqual(
      effects.map((effect) => effect.kind === 'send' && effect.turn.model),
      [undefined],
      'the daemon knows the setting',
    );
    assert.equal(
      given(asked, { type: 'chat-created', key: asked.answers[0]?.key ?? '', chatId: 'c1' })[0].model,
      undefined,
    );
  });
});

describe('why this model', () => {
  const why = toWhy(record, decision);

  it('reads everything from the record', () => {
    assert.deepEqual(Object.fromEntries(why.facts.map(({ name, value }) => [name, value])), {
      'Read as': 'moderate explain, about 1.2k tokens',
      Policy: 'this machine first, others only when none here can answer',
      Confidence: '80%',
      Cost: 'free estimated, free actual',
      Outcome: 'complete, 1.2 s',
    });
    assert.deepEqual(why.excluded, [{ id: 'anthropic/deep', reason: 'no key for "anthropic" is stored' }]);
    assert.deepEqual(
      why.candidates.map(({ id, isChosen, cost }) => [id, isChosen, cost]),
      [
        ['lab/tiny', true, 'free'],
        ['ollama/qwen', false, 'free'],
        ['openai/large', false, 'unknown'],
      ],
    );
  });
  it('takes nothing unknown for nothing', () => {
    const large = why.candidates[2];
    assert.deepEqual(
      large?.bars.map(({ name, share }) => [name, share]),
      [
        ['Fit', 0.6],
        ['Quality', 0.97],
        ['Cost', undefined],
        ['Speed', 0.5],
        ['Order', 0.2],
        ['Learned', undefined],
      ],
    );
    const { outcome: _outcome, estimatedCost: _cost, ...bare } = record;
    assert.equal(
      toWhy(bare, decision).facts.find(({ name }) => name === 'Cost')?.value,
      'unknown estimated, actual unknown',
    );
  });
  it('says under the answer why another model stepped in', () => {
    assert.equal(toWhy(record, { ...decision, reason: 'next in order: x is down' }).reason, 'next in order: x is down');
  });
});
