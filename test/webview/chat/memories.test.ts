// Memories in the view, without a browser: a proposal under an answer, what an answer was made with, and the list.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ChatPart } from '../../../shared/protocol/chat.ts';
import type { Effect, ViewMessage } from '../../../webview/chat/state/messages.ts';
import { initialState, type State, shownEntries } from '../../../webview/chat/state/state.ts';
import { update } from '../../../webview/chat/state/update.ts';
import { decision } from '../scripted-daemon.ts';
import { memory } from '../scripted-memories.ts';

function given(state: State, ...messages: ViewMessage[]): [State, readonly Effect[]] {
  return messages.reduce<[State, readonly Effect[]]>(([before], message) => [...update(before, message)], [state, []]);
}

const proposal = memory({ id: 'p1', text: 'We use tabs', state: 'proposed' });
const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };

function answered(...parts: ChatPart[]): State {
  const [asked] = given(
    initialState,
    { type: 'hello', host: 'vscode', actions: [] },
    { type: 'draft-typed', text: 'We use tabs' },
    { type: 'submit', at: 1 },
  );
  const key = asked.answers[0]?.key ?? '';
  const done: ViewMessage = {
    type: 'answer-done',
    key,
    at: 2,
    sent: { chatId: 'c1', messageId: 'm2', text: 'Yes', decision, usage, cached: false, finishReason: 'stop' },
  };
  return given(
    asked,
    { type: 'chat-created', key, chatId: 'c1' },
    ...parts.map((part): ViewMessage => ({ type: 'answer-part', key, part })),
    done,
  )[0];
}

describe('the view, with memories', () => {
  it('keeps a proposal and what was used under the answer, and takes the proposal away once it is decided', () => {
    const state = answered({ kind: 'memory', memory: proposal }, { kind: 'memories', used: ['a', 'b'] });
    const answer = shownEntries(state).at(-1);
    assert.deepEqual([answer?.proposal, answer?.memories], [proposal, ['a', 'b']]);
    for (const deed of [
      { kind: 'accept', memoryId: 'p1' },
      { kind: 'dismiss', memoryId: 'p1' },
    ] as const) {
      const [decided, effects] = given(state, { type: 'memory-deed', deed });
      assert.deepEqual(effects, [{ kind: 'memory', deed }]);
      assert.equal(shownEntries(decided).at(-1)?.proposal, undefined);
    }
    assert.deepEqual(
      shownEntries(given(state, { type: 'memory-deed', deed: { kind: 'accept', memoryId: 'other' } })[0]).at(-1)
        ?.proposal,
      proposal,
    );
  });

  it('shows the list from the header, and that of an answer from under it', () => {
    const [panel, effects] = given(initialState, { type: 'panel-toggled', panel: 'memories', open: true });
    assert.deepEqual([panel.panel, panel.memories.isLoaded, effects], ['memories', false, [{ kind: 'load-memories' }]]);
    const [loaded] = given(panel, { type: 'memories-loaded', memories: [proposal], project: 'shop' });
    assert.deepEqual(
      [loaded.memories.items, loaded.memories.project, loaded.memories.isLoaded],
      [[proposal], 'shop', true],
    );
    assert.deepEqual(given(loaded, { type: 'memories-shown', used: ['a'] })[0].memories.sought, ['a']);
    assert.deepEqual(
      given(
        loaded,
        { type: 'memories-shown', used: ['a'] },
        { type: 'panel-toggled', panel: 'memories', open: true },
      )[0].memories.sought,
      [],
    );
  });

  it('shows at once what becomes of a memory', () => {
    const start = given(initialState, {
      type: 'memories-loaded',
      memories: [proposal, memory({ id: 'm1', text: 'Use pnpm' })],
      project: undefined,
    })[0];
    const after = (deed: Extract<ViewMessage, { type: 'memory-deed' }>['deed']) =>
      given(start, { type: 'memory-deed', deed })[0].memories.items.map(({ id, text, state, enabled }) => [
        id,
        text,
        state,
        enabled,
      ]);
    assert.deepEqual(after({ kind: 'accept', memoryId: 'p1', text: 'Tabs' }), [
      ['p1', 'Tabs', 'accepted', true],
      ['m1', 'Use pnpm', 'accepted', true],
    ]);
    assert.deepEqual(after({ kind: 'update', memoryId: 'm1', enabled: false }), [
      ['p1', 'We use tabs', 'proposed', true],
      ['m1', 'Use pnpm', 'accepted', false],
    ]);
    assert.deepEqual(after({ kind: 'delete', memoryId: 'm1' }), [['p1', 'We use tabs', 'proposed', true]]);
  });
});
