// The `@` of a question while it is typed: what is offered, what becomes of the text, and what is asked of whom.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Suggestion } from '../../../shared/protocol/context.ts';
import {
  choicesFor,
  complete,
  editorMentions,
  loneMention,
  mentionAt,
} from '../../../webview/chat/composer/mentions.ts';
import type { Effect, ViewMessage } from '../../../webview/chat/state/messages.ts';
import { initialState, type State } from '../../../webview/chat/state/state.ts';
import { update } from '../../../webview/chat/state/update.ts';

function given(state: State, ...messages: ViewMessage[]): [State, readonly Effect[]] {
  return messages.reduce<[State, readonly Effect[]]>(([before], message) => [...update(before, message)], [state, []]);
}
const at = (text: string) => mentionAt(text, text.length);
const cart: Suggestion = { kind: 'file', name: 'src/cart.ts' };

describe('a mention that is typed', () => {
  it('begins at its sign, and ends at the caret', () => {
    assert.deepEqual(at('@'), { start: 0, query: '' });
    assert.deepEqual(at('Why does @co'), { start: 9, query: 'co' });
    assert.deepEqual(at('(@file:src/ca'), { start: 1, kind: 'file', query: 'src/ca' });
    assert.deepEqual(at('@folder:"my do'), { start: 0, kind: 'folder', query: 'my do' });
    assert.deepEqual(mentionAt('@file:a and more', 7), { start: 0, kind: 'file', query: 'a' });
  });
  it('is none inside a word or an address, or once it is over', () => {
    for (const text of ['ada@exam', 'a/@scope', '@codebase ', '@file:"a b" ', '@file:a b', 'no sign', '`@'])
      assert.equal(at(text), undefined, text);
  });
  it('offers kinds first, then what the index knows', () => {
    const names = (text: string, items: Suggestion[] = [], hasTerminal = true) =>
      choicesFor(at(text) ?? { start: 0, query: 'none' }, items, hasTerminal).map(({ name }) => name);
    assert.deepEqual(names('@'), [
      '@codebase',
      '@file:',
      '@folder:',
      '@symbol:',
      '@ocr:',
      '@diff',
      '@problems',
      '@terminal',
    ]);
    assert.deepEqual(names('@t', [], false), [], 'no terminal without an editor');
    assert.deepEqual(names('@F', [cart]), ['@file:', '@folder:', 'src/cart.ts']);
    assert.deepEqual(names('@file:f', [cart]), ['src/cart.ts']);
  });
  it('becomes what is chosen, and leaves the rest of the text alone', () => {
    const choose = (text: string, caret: number, name: string, kind: Suggestion['kind'] = 'file') =>
      complete(text, caret, { typed: mentionAt(text, caret) ?? { start: 0, query: '' }, choice: { kind, name } });
    assert.deepEqual(choose('See @ca please', 7, 'src/cart.ts'), { text: 'See @file:src/cart.ts please', caret: 22 });
    assert.deepEqual(choose('@folder:my', 10, 'my docs', 'folder'), { text: '@folder:"my docs" ', caret: 18 });
    assert.deepEqual(choose('@', 1, 'odd.', 'symbol').text, '@symbol:"odd." ', 'a name that a sentence would end');
    const [, file] = choicesFor({ start: 0, query: '' }, [], true);
    assert.ok(file);
    assert.deepEqual(
      complete('@f', 2, { typed: { start: 0, query: 'f' }, choice: file }),
      { text: '@file:', caret: 6 },
      'a name is still to come',
    );
  });
});

describe('a question of mentions alone', () => {
  it('is known, whatever is mentioned, and is none once something is asked', () => {
    const lone = ['@codebase', ' @diff ', '@file:a.ts @folder:"my docs"', '@problems @terminal', '@symbol:x'];
    for (const text of lone) assert.ok(loneMention(text), text);
    for (const text of ['@codebase why?', 'a@diff', 'hi', '', '@codebase.org', '@differ'])
      assert.equal(loneMention(text), undefined, text);
  });
  it('is not sent: the view says what is missing, and the draft stays', () => {
    const [state, effects] = given(
      initialState,
      { type: 'hello', host: 'vscode', actions: [] },
      { type: 'draft-typed', text: '@codebase ' },
      { type: 'submit', at: 1 },
    );
    assert.deepEqual(effects, [{ kind: 'focus-composer' }]);
    assert.deepEqual([state.draft.text, state.problem], ['@codebase ', 'Add a question after @codebase.']);
  });
});

describe('the view, while a mention is typed', () => {
  const hello: ViewMessage = { type: 'hello', host: 'vscode', actions: ['attach'] };
  const connected = given(initialState, hello)[0];
  const typed = (text: string): ViewMessage => ({ type: 'mention-typed', typed: at(text) });

  it('asks for names once there is something to look for, and not twice for the same', () => {
    const [kinds, none] = given(connected, typed('@'));
    assert.deepEqual([kinds.mention?.isLoading, none], [false, []]);
    const [asked, effects] = given(kinds, typed('@ca'));
    assert.deepEqual(effects, [{ kind: 'suggest', of: undefined, query: 'ca' }]);
    assert.deepEqual(given(asked, typed('@ca'))[1], []);
    assert.deepEqual(given(connected, typed('@file:'))[1], [{ kind: 'suggest', of: 'file', query: '' }]);
  });
  it('takes only the answer to what is typed now, with what limits it', () => {
    const [asked] = given(connected, typed('@ca'));
    const answer = (query: string): ViewMessage => ({
      type: 'suggested',
      of: undefined,
      query,
      items: [cart],
      note: 'The index is still being made.',
    });
    assert.equal(update(asked, answer('c'))[0], asked);
    const { items, note, isLoading } = given(asked, answer('ca'))[0].mention ?? {};
    assert.deepEqual(
      { items, note, isLoading },
      { items: [cart], note: 'The index is still being made.', isLoading: false },
    );
    const [closed] = given(asked, { type: 'mention-typed', typed: undefined }, answer('ca'));
    assert.equal(closed.mention, undefined);
  });
  it('has the editor attach what only it knows, once', () => {
    const type = (state: State, text: string) => given(state, { type: 'draft-typed', text });
    const [state, effects] = type(connected, 'Why @problems');
    assert.deepEqual(effects, [{ kind: 'action', action: { kind: 'attach', what: 'problems' } }]);
    assert.deepEqual(type(state, 'Why @problems?')[1], []);
    assert.deepEqual(
      type(given(initialState, { ...hello, actions: [] })[0], 'Why @problems')[1],
      [],
      'a browser has no list of its own',
    );
    assert.deepEqual(editorMentions('@terminal @problems.txt user@problems @terminal'), ['terminal']);
  });
  it('attaches files that are dropped, and says what cannot be', () => {
    const attachments = [{ kind: 'file' as const, uri: 'dropped:notes.txt', text: 'x' }];
    const [state] = given(
      connected,
      { type: 'files-given', attachments, refusals: ['a.png was not attached.'] },
      { type: 'files-given', attachments, refusals: [] },
    );
    assert.deepEqual([state.draft.attachments, state.problem], [attachments, 'a.png was not attached.']);
  });
});
