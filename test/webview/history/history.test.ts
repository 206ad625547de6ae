// The history's update and what it shows, as state in and state and effects out. No browser, no daemon.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Chat, Message } from '../../../shared/protocol/chat.ts';
import type { PastReview } from '../../../shared/protocol/review.ts';
import type { SearchHit } from '../../../shared/protocol/search.ts';
import { Heights } from '../../../webview/history/heights.ts';
import type { Effect, HistoryMessage, Transition } from '../../../webview/history/state/messages.ts';
import { maxMessages } from '../../../webview/history/state/preview.ts';
import { rowsOf } from '../../../webview/history/state/rows.ts';
import { asTyped, initialState, type State } from '../../../webview/history/state/state.ts';
import { update } from '../../../webview/history/state/update.ts';

const chat = (id: string, updatedAt: number): Chat => ({
  id,
  title: id,
  effective: { source: 'policy' },
  createdAt: 1,
  updatedAt,
  messageCount: 2,
});
const run = (runId: string, createdAt: number): PastReview => ({
  runId,
  uri: `file:///p/${runId}.ts`,
  state: 'done',
  summary: '',
  findings: 1,
  createdAt,
});
const message = (id: number): Message => ({
  id: `m${id}`,
  chatId: 'c1',
  role: 'user',
  text: String(id),
  status: 'complete',
  createdAt: 1,
});
const hello: HistoryMessage = { type: 'hello', host: 'vscode', actions: ['open-chat', 'open-attachment'] };

/** The state after all of these, and the effects of the last. */
function given(...messages: HistoryMessage[]): [State, readonly Effect[]] {
  return messages.reduce<[State, readonly Effect[]]>(
    ([before], one) => [...update(before, one)],
    [...update(initialState, { type: 'ready', now: 0 })],
  );
}
const chats = (items: Chat[], next?: string, cursor?: string): HistoryMessage => ({
  type: 'chats-loaded',
  generation: 1,
  cursor,
  chats: items,
  next,
});
const runs = (items: PastReview[], next?: string): HistoryMessage => ({
  type: 'runs-loaded',
  generation: 1,
  cursor: undefined,
  runs: items,
  next,
});
const keys = (state: State) => rowsOf(state).rows.map(({ key }) => key);
const kinds = (effects: readonly Effect[]) => effects.map(({ kind }) => kind);
const typed = (query: string): HistoryMessage => ({ type: 'filtered', filters: { query }, now: 0 });

describe('the list of the history', () => {
  it('is one order of time over two lists, and shows nothing that a page still under way may come before', () => {
    const [waiting] = given(hello, chats([chat('c1', 90), chat('c2', 50)], 'more'));
    assert.deepEqual(keys(waiting), [], 'reviews may be newer than all of these');
    const [shown] = given(hello, chats([chat('c1', 90), chat('c2', 50)], 'more'), runs([run('r1', 70), run('r2', 40)]));
    assert.deepEqual(keys(shown), ['chat:c1', 'run:r1', 'chat:c2'], 'r2 waits for chats older than c2');
    const [wanted, effects] = update(shown, { type: 'more-wanted' });
    assert.deepEqual(effects, [{ kind: 'load-chats', generation: 1, cursor: 'more', projectId: '', language: '' }]);
    assert.deepEqual(update(wanted, { type: 'more-wanted' })[1], [], 'one page at a time');
    assert.deepEqual(keys(update(wanted, chats([chat('c3', 45)], undefined, 'more'))[0]), [
      'chat:c1',
      'run:r1',
      'chat:c2',
      'chat:c3',
      'run:r2',
    ]);
  });

  it('asks for a search when a query is typed, drops older answers, and keeps the lists', () => {
    const [state, effects] = given(hello, chats([chat('c1', 9)]), runs([]), typed('x'), typed('xy'));
    assert.deepEqual(
      effects.map((effect) => effect.kind === 'search' && effect.filters.query),
      ['xy'],
    );
    const hits = (generation: number, id: string): HistoryMessage => ({
      type: 'hits-loaded',
      generation,
      cursor: undefined,
      by: 'words',
      next: undefined,
      notes: [],
      hits: [
        {
          kind: 'message',
          id,
          chatId: 'c1',
          title: 'c1',
          snippet: 'xy',
          highlights: [[0, 2]],
          score: 1,
          by: ['text'],
          createdAt: 1,
        },
      ],
    });
    assert.deepEqual(keys(update(state, hits(state.generation - 1, 'old'))[0]), []);
    assert.deepEqual(keys(update(state, hits(state.generation, 'new'))[0]), ['message:new']);
    const [emptied, last] = update(state, typed(''));
    assert.deepEqual([keys(emptied), kinds(last)], [['chat:c1'], ['stop-search']]);
  });

  it('shows what the words find at once, then what the meaning finds; rows that are read stay where they are', () => {
    const hit = (id: string): SearchHit => ({
      kind: 'message',
      id,
      chatId: id,
      title: id,
      snippet: '',
      highlights: [],
      score: 1,
      by: ['text'],
      createdAt: 1,
    });
    const found = (state: State, by: 'words' | 'meaning', ids: string[], next?: string): Transition =>
      update(state, {
        type: 'hits-loaded',
        generation: state.generation,
        cursor: undefined,
        by,
        hits: ids.map(hit),
        next,
        notes: [],
      });
    const [typing] = given(typed('x'));
    const [words, [meaning]] = found(typing, 'words', ['a', 'b'], 'more');
    assert.deepEqual(
      [keys(words), rowsOf(words).more],
      [['message:a', 'message:b'], undefined],
      'no more is asked for before all is known',
    );
    assert.ok(meaning?.kind === 'search' && meaning.by === 'meaning' && meaning.generation === words.generation);
    const [both] = found(words, 'meaning', ['c', 'a'], 'more');
    assert.deepEqual([keys(both), rowsOf(both).more], [['message:c', 'message:a'], 'hits']);
    const [read] = update(words, { type: 'chosen', key: 'message:b', reads: false });
    assert.deepEqual(keys(found(read, 'meaning', ['c', 'a'])[0]), ['message:a', 'message:b', 'message:c']);
    const other = { ...hit('a2'), chatId: 'a' };
    const [once] = update(read, {
      type: 'hits-loaded',
      generation: read.generation,
      cursor: undefined,
      by: 'meaning',
      hits: [other, hit('c')],
      next: undefined,
      notes: [],
    });
    assert.deepEqual(keys(once), ['message:a', 'message:b', 'message:c'], 'a chat is one row');
  });

  it('takes the word that is being typed for the beginning of one', () => {
    const cases = {
      cart: 'cart*',
      'the cart': 'the cart*',
      'cart ': 'cart ',
      'cart*': 'cart*',
      '"the cart': '"the cart',
      '"the cart" to': '"the cart" to*',
      '-cart': '-cart',
      'lang:ts': 'lang:ts',
      'a.b(': 'a.b(',
    };
    for (const [query, sent] of Object.entries(cases)) assert.equal(asTyped(query), sent);
  });

  it('goes on where a page of chats has none of what is looked for', () => {
    const [state] = given(chats([], 'more'), runs([]));
    assert.deepEqual([keys(state), rowsOf(state).more], [[], 'chats']);
  });

  it('loads its pages again until it finds what was chosen before the page was built anew', () => {
    const saved: HistoryMessage = { type: 'saved-found', saved: { chosen: 'chat:c9', place: 1 }, now: 0 };
    const restored = update(initialState, saved)[0];
    const [asking] = update(restored, { type: 'ready', now: 0 });
    const [first, effects] = [chats([chat('c1', 9)], 'more'), runs([])].reduce<Transition>(
      ([state], one) => update(state, one),
      [asking, []],
    );
    assert.deepEqual(
      effects.map((effect) => effect.kind === 'load-chats' && effect.cursor),
      ['more'],
    );
    const [shown, [preview]] = update(first, chats([chat('c9', 5)], undefined, 'more'));
    assert.deepEqual([preview?.kind, shown.preview?.key, shown.sought], ['load-messages', 'chat:c9', undefined]);
  });

  it('forgets no page that was under way when a query was typed: it is asked for again', () => {
    const [state] = given(hello, typed('x'), typed(''));
    assert.deepEqual(kinds(update(state, { type: 'more-wanted' })[1]), ['load-chats']);
  });

  it('does not ask for ever for what cannot be had', () => {
    const [state, effects] = given(hello, { type: 'failed', message: 'No.', isChange: false });
    assert.deepEqual([state.problem, effects], ['No.', []]);
    const [failed] = given(
      hello,
      { type: 'list-failed', generation: 1, list: 'chats', message: 'Gone.' },
      runs([run('r1', 1)]),
    );
    assert.deepEqual([keys(failed), update(failed, { type: 'more-wanted' })[1]], [['run:r1'], []]);
  });
});

describe('deleting in the history', () => {
  const three = [hello, chats([chat('c1', 3), chat('c2', 2), chat('c3', 1)]), runs([])] as const;

  it('takes the row away at once, chooses the next, and brings it back to its place', () => {
    const [deleted, effects] = given(
      ...three,
      { type: 'chosen', key: 'chat:c2', reads: false },
      { type: 'deleted', key: 'chat:c2' },
    );
    assert.deepEqual([keys(deleted), deleted.chosen], [['chat:c1', 'chat:c3'], 'chat:c3']);
    assert.deepEqual(effects[0], { kind: 'delete', chatId: 'c2' });
    const [back, undone] = update(deleted, { type: 'undone' });
    assert.deepEqual([keys(back), undone], [['chat:c1', 'chat:c2', 'chat:c3'], [{ kind: 'restore', chatId: 'c2' }]]);
    assert.deepEqual(update(back, { type: 'undone' })[1], []);
  });

  it('shows the list as it is when the daemon refused', () => {
    const [, effects] = given(
      ...three,
      { type: 'deleted', key: 'chat:c2' },
      { type: 'failed', message: 'The disk is full.', isChange: true },
    );
    assert.ok(kinds(effects).includes('load-chats'));
  });
});

describe('the preview', () => {
  const opened = [hello, chats([chat('c1', 1)]), runs([]), { type: 'chosen', key: 'chat:c1', reads: false }] as const;
  const loaded = (
    where: 'first' | 'older' | 'newer',
    [from, to]: [number, number],
    next?: string,
    isAtEnd = false,
  ): HistoryMessage => ({
    type: 'messages-loaded',
    key: 'chat:c1',
    where,
    next,
    isAtEnd,
    messages: Array.from({ length: to - from }, (_, index) => message(from + index)),
  });

  it('holds a bounded part of a chat, and can go on in both directions from there', () => {
    const [first] = given(...opened, loaded('first', [400, 460], 'c400', true));
    let state = first;
    for (let from = 340; from >= 100; from -= 60) {
      const [asking, [effect]] = update(state, { type: 'messages-wanted', where: 'older' });
      assert.ok(effect?.kind === 'load-messages' && effect.place.cursor !== undefined);
      state = update(asking, loaded('older', [from, from + 60], `c${from}`))[0];
    }
    assert.equal(state.preview?.messages.length, maxMessages);
    assert.deepEqual([state.preview?.messages[0]?.id, state.preview?.hasNewer], ['m100', true]);
    const [asking, [effect]] = update(state, { type: 'messages-wanted', where: 'newer' });
    assert.deepEqual(effect?.kind === 'load-messages' && effect.place, { around: 'm399' });
    const after = update(asking, loaded('newer', [370, 430], 'x'))[0];
    assert.deepEqual(
      [after.preview?.messages.length, after.preview?.messages.at(-1)?.id, after.preview?.hasOlder],
      [maxMessages, 'm429', true],
    );
    const [, [older]] = update(after, { type: 'messages-wanted', where: 'older' });
    assert.deepEqual(
      older?.kind === 'load-messages' && older.place,
      { around: 'm130' },
      'what was dropped is found again by what is held',
    );
  });

  it('drops what belongs to a row chosen before', () => {
    const [state] = given(...opened);
    assert.equal(update(state, { ...loaded('first', [1, 3]), key: 'chat:c9' } as HistoryMessage)[0], state);
  });
});

describe('where rows stand', () => {
  it('is reckoned of any number of rows of one height without looking at them', () => {
    const heights = new Heights();
    heights.begin({
      keys: { count: 1e9, key: () => assert.fail('no row is looked at') },
      estimate: 52,
      isMeasured: false,
    });
    assert.deepEqual(
      [heights.before(1e6), heights.at(52e6 + 1), heights.at(1e12), heights.at(-5)],
      [52e6, 1e6, 1e9 - 1, 0],
    );
  });
  it('follows what is measured, and keeps it when rows come before', () => {
    const heights = new Heights();
    const keysOf = (...names: string[]) => ({
      keys: { count: names.length, key: (index: number) => names[index] ?? '' },
      estimate: 100,
      isMeasured: true,
    });
    heights.begin(keysOf('a', 'b', 'c'));
    assert.equal(heights.measured('b', 30), true);
    assert.equal(heights.measured('b', 30), false);
    assert.deepEqual([heights.before(2), heights.before(3), heights.at(129), heights.at(130)], [130, 230, 1, 2]);
    heights.begin(keysOf('z', 'a', 'b', 'c'));
    assert.deepEqual([heights.before(3), heights.at(1000)], [230, 3]);
  });
});

describe('the history, when somebody else changes chats or reviews', () => {
  const changed: HistoryMessage = { type: 'history-changed', now: 5 };
  const now = (items: Chat[], next?: string, reviews: PastReview[] = []): HistoryMessage => ({
    type: 'refreshed',
    generation: 1,
    chats: { items, next },
    runs: { items: reviews, next: undefined },
  });
  const held = [chat('c1', 90), chat('c2', 80), chat('c3', 70)];

  it('asks for as many as it holds, without leaving the page that is shown', () => {
    const [, effects] = given(hello, chats(held), runs([run('r1', 75)]), changed);
    assert.deepEqual(effects, [
      { kind: 'refresh', generation: 1, held: { chats: 3, runs: 1 }, projectId: '', language: '' },
    ]);
  });

  for (const [what, page, expected] of [
    ['a new chat comes first', now([chat('new', 95), ...held]), ['new', 'c1', 'c2', 'c3']],
    ['a chat that was used moves up', now([chat('c3', 99), chat('c1', 90), chat('c2', 80)]), ['c3', 'c1', 'c2']],
    ['a deleted chat goes', now([chat('c1', 90), chat('c3', 70)]), ['c1', 'c3']],
    ['what is older than the page stays', now([chat('new', 95), chat('c1', 90)], 'more'), ['new', 'c1', 'c2', 'c3']],
    [
      'a chat that moved onto the page is listed once',
      now([chat('c3', 99), chat('c1', 90)], 'more'),
      ['c3', 'c1', 'c2'],
    ],
  ] as const)
    it(what, () => {
      const [state] = given(hello, chats(held), runs([]), changed, page);
      assert.deepEqual(
        keys(state),
        expected.map((id) => `chat:${id}`),
      );
    });

  it('a review that was made elsewhere is listed', () => {
    const [state] = given(hello, chats(held), runs([]), changed, now(held, undefined, [run('r9', 85)]));
    assert.deepEqual(keys(state), ['chat:c1', 'run:r9', 'chat:c2', 'chat:c3']);
  });

  it('a chat that is read to its end goes on there, and its last answer is brought up to date', () => {
    const page: HistoryMessage = {
      type: 'messages-loaded',
      key: 'chat:c1',
      where: 'first',
      messages: [message(1)],
      next: undefined,
      isAtEnd: true,
    };
    const [read, effects] = given(
      hello,
      chats(held),
      runs([]),
      { type: 'chosen', key: 'chat:c1', reads: false },
      page,
      changed,
      now([chat('c1', 99), ...held.slice(1)]),
    );
    assert.deepEqual(kinds(effects), ['load-messages']);
    const longer = { ...message(1), text: 'and more' };
    const [state] = update(read, { ...page, where: 'newer', messages: [longer, message(2)] });
    assert.deepEqual(
      state.preview?.messages.map(({ text }) => text),
      ['and more', '2'],
    );
  });

  it('a search finds what is there now', () => {
    const [, effects] = given(hello, chats(held), runs([]), typed('x'), changed);
    assert.deepEqual(kinds(effects), ['refresh', 'search']);
  });
});

describe('a review in the history', () => {
  const rowOf = (over: Partial<PastReview>) =>
    rowsOf(given(hello, chats([]), runs([{ ...run('r1', 5), summary: 'One finding.', ...over }]))[0]).rows[0];

  for (const [what, over, title] of [
    ['a file', { subject: { kind: 'file' } }, 'Review of r1.ts'],
    [
      'lines of it',
      { subject: { kind: 'selection', lines: { first: 2, last: 19 } } },
      'Review of r1.ts, lines 3 to 20',
    ],
    ['one line', { subject: { kind: 'selection', lines: { first: 2, last: 2 } } }, 'Review of r1.ts, line 3'],
    [
      'several files',
      { uri: 'file:///shop', subject: { kind: 'files', files: ['file:///shop/a.ts', 'file:///shop/b.ts'] } },
      'Review of 2 files in shop',
    ],
    ['staged changes', { uri: 'file:///shop', subject: { kind: 'staged' } }, 'Review of staged changes in shop'],
    ['unstaged ones', { uri: 'file:///shop', subject: { kind: 'unstaged' } }, 'Review of unstaged changes in shop'],
    ['a commit', { uri: 'file:///shop', subject: { kind: 'commit', revision: 'HEAD~2' } }, 'Review of HEAD~2 in shop'],
    [
      'a branch',
      { uri: 'file:///shop', subject: { kind: 'base', revision: 'main' } },
      'Review of changes since main in shop',
    ],
    ['a diff', { uri: '', subject: { kind: 'diff' } }, 'Review of a diff'],
    ['what nobody noted', {}, 'Review of r1.ts'],
  ] satisfies [string, Partial<PastReview>, string][])
    it(`says that it was of ${what}`, () => assert.equal(rowOf(over)?.title, title));

  it('has a file to open only if it was of one file', () => {
    const uri = 'file:///shop';
    for (const kind of ['staged', 'unstaged', 'diff', 'commit', 'range', 'base', 'files'] as const)
      assert.equal(rowOf({ uri, subject: { kind } })?.uri, undefined, kind);
    for (const kind of ['file', 'selection'] as const) assert.equal(rowOf({ uri, subject: { kind } })?.uri, uri, kind);
  });

  for (const [state, summary, detail] of [
    ['running', '', 'Running…'],
    ['done', 'One finding.', 'One finding.'],
    ['incomplete', 'One finding.', 'Incomplete: One finding.'],
    ['failed', 'No key.', 'Failed: No key.'],
    ['stopped', '', 'Stopped'],
  ] as const)
    it(`is marked as ${state}`, () =>
      assert.deepEqual([rowOf({ state, summary })?.state, rowOf({ state, summary })?.detail], [state, detail]));
});
