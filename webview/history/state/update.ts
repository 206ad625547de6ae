// What each message does to the history's state: the table of contents of everything that can happen in it. Pure.
import { t } from '../../words.ts';
import { refreshedLists } from './live.ts';
import type { Effect, HistoryMessage, Of, SearchBy, Transition } from './messages.ts';
import { failedPreview, loadedFindings, loadedMessages, startPreview, wantMessages } from './preview.ts';
import { type Row, rememberRows } from './rows.ts';
import { emptySource, isSearching, type SavedState, type Source, type State, sinceOf, type Undoable } from './state.ts';

type Rows = { readonly [Type in HistoryMessage['type']]: (state: State, message: Of<Type>) => Transition };

/** A query is searched by its words once the keys have been still for so long, and by its meaning some time later. */
const searchDelayMs = 40;
const meaningDelayMs = 250;
/** In rows. A row that was chosen farther down is not sought again. */
const farthestSought = 5000;
const newlyCome = 50; // rows that may have been added before it meanwhile

const currentRows = rememberRows();

const rows: Rows = {
  // the host
  ready: (state, { now }) => reload({ ...state, now }),
  hello: (state, { host, actions }) => only({ ...state, host, actions }),
  connection,
  'saved-found': (state, { saved, now }) => only(restoreView({ ...state, now }, saved)),

  // the list
  filtered,
  'more-wanted': wantMore,
  'chats-loaded': (state, { generation, cursor, chats, next }) =>
    isOld(state, generation)
      ? only(state)
      : found(only({ ...state, chats: added(state.chats, { cursor, items: chats, next }) })),
  'runs-loaded': (state, { generation, cursor, runs, next }) =>
    isOld(state, generation)
      ? only(state)
      : found(only({ ...state, runs: added(state.runs, { cursor, items: runs, next }) })),
  'hits-loaded': (state, message) =>
    isOld(state, message.generation) ? only(state) : found(hitsLoaded(state, message)),
  'deleted-loaded': (state, { generation, chats }) =>
    isOld(state, generation)
      ? only(state)
      : found(only({ ...state, deleted: { ...emptySource(), items: chats, isLoaded: true } })),
  'list-failed': (state, { generation, list, message }) =>
    only(
      isOld(state, generation)
        ? state
        : { ...state, [list]: { ...state[list], isLoading: false, isLoaded: true, next: undefined }, problem: message },
    ),
  'aside-loaded': (state, { projects, disk }) => only({ ...state, projects, disk }),
  'history-changed': refresh,
  refreshed: showRefreshed,
  'reload-wanted': (state, { now }) =>
    state.connection.state === 'connected' ? reload({ ...state, now, problem: undefined }) : only(state),

  // one row
  moved,
  chosen: (state, { key, reads }) => choose({ ...state, isReading: reads || state.isReading }, key),
  'reading-ended': (state) => only({ ...state, isReading: false }),
  opened: open,
  'messages-wanted': (state, { where }) => wantMessages(state, where),
  'messages-loaded': (state, message) => only(loadedMessages(state, message)),
  'findings-loaded': (state, message) => only(loadedFindings(state, message)),
  'preview-failed': (state, message) => only(failedPreview(state, message)),
  'rename-begun': (state, { chatId }) => only({ ...state, renaming: chatId }),
  'rename-ended': rename,
  forked: (state, { chatId, messageId }) => [state, [{ kind: 'fork', chatId, messageId }]],
  'fork-made': (state, { chatId }) =>
    reload({
      ...state,
      filters: { ...state.filters, query: '', kind: 'all' },
      chosen: `chat:${chatId}`,
      announcement: t('The chat was copied.'),
    }),
  exported: (state, { chatId, title, format }) => [state, [{ kind: 'export', chatId, title, format }]],

  // deleting
  deleted: deleteRow,
  undone: undo,
  'undo-dismissed': (state) => only({ ...state, undoable: [] }),
  restored: (state, { chatId }) => [withoutDeleted(state, chatId), [{ kind: 'restore', chatId }]],
  'brought-back': (state, { chatId }) => broughtBack(state, chatId),
  purged: (state, { chatId }) => [
    {
      ...withoutDeleted(state, chatId),
      undoable: state.undoable.filter((one) => chatId !== undefined && one.chatId !== chatId),
    },
    [{ kind: 'purge', chatId }],
  ],

  // all chats into a file, and chats out of one
  'export-all-wanted': (state) =>
    state.transfer === undefined
      ? [{ ...state, transfer: t('Exporting …'), notice: undefined }, [{ kind: 'export-all' }]]
      : only(state),
  'import-wanted': (state, { file }) =>
    state.transfer === undefined
      ? [{ ...state, transfer: t('Importing …'), notice: undefined }, [{ kind: 'import', file }]]
      : only(state),
  'transfer-stopped': (state) => [state, [{ kind: 'stop-transfer' }]],
  'transfer-told': (state, { text }) => only(state.transfer === undefined ? state : { ...state, transfer: text }),
  'transfer-ended': (state, { text, hasChanged }) => {
    const ended: State = { ...state, transfer: undefined, notice: text, announcement: text ?? t('Stopped.') };
    return hasChanged ? reload(ended) : only(ended);
  },
  'notice-dismissed': (state) => only({ ...state, notice: undefined }),

  // the view itself
  action: (state, { action }) => [state, [{ kind: 'action', action }]],
  failed: (state, { message, isChange }) =>
    isChange ? reload({ ...state, problem: message }) : only({ ...state, problem: message }),
  'problem-dismissed': (state) => only({ ...state, problem: undefined }),
};

/** The next state, and what is to be done. A message that this version does not know changes nothing. */
export function update(state: State, message: HistoryMessage): Transition {
  if (!Object.hasOwn(rows, message.type)) return only(state);
  const row = rows[message.type] as (state: State, message: HistoryMessage) => Transition;
  return row(state, message);
}

function only(state: State): Transition {
  return [state, []];
}

function isOld(state: State, generation: number): boolean {
  return state.generation !== generation;
}

function restoreView(state: State, { filters, chosen, place = 0 }: SavedState): State {
  return { ...state, filters: { ...state.filters, ...filters }, chosen, place };
}

/** Shows the row that was chosen before the lists were reloaded, once they reach it. */
function found([state, effects]: Transition): Transition {
  const { chosen, sought, preview } = state;
  if (sought === undefined) return [state, effects];
  const { rows, more, isLoading } = currentRows(state);
  const row = rows.find(({ key }) => key === chosen);
  if (row) {
    const settled: State = { ...state, sought: undefined };
    const [shown, asked] = preview?.key === chosen ? only(settled) : startPreview(settled, row);
    return [shown, [...effects, ...asked]];
  }
  if (isLoading) return [state, effects];
  if (more === undefined || rows.length > sought + newlyCome) return [{ ...state, sought: undefined }, effects]; // it is gone
  const [next, asked] = wantMore(state);
  return [next, [...effects, ...asked]];
}

function connection(state: State, { state: now, detail }: Of<'connection'>): Transition {
  if (now === 'connected')
    return state.connection.state === 'connected'
      ? only(state)
      : reload({ ...state, connection: { state: now, detail: undefined } });
  return only({ ...state, connection: { state: now, detail } });
}

/** Asks for everything again; what is shown stays until the answers come. */
function reload(state: State): Transition {
  const [fresh, effects] = begin({ ...state, connection: { state: 'connected', detail: undefined } }, 0);
  return [fresh, [...effects, { kind: 'load-aside' }]];
}

/** Asks for what is held again, and for what a search finds now. */
function refresh(state: State, { now }: Of<'history-changed'>): Transition {
  if (state.connection.state !== 'connected') return only(state);
  const { generation, filters, chats, runs } = state;
  const { projectId, language } = filters;
  const held = { chats: chats.items.length, runs: runs.items.length };
  const isSearch = isSearching(state);
  return [
    { ...state, now },
    [
      { kind: 'refresh', generation, held, projectId, language },
      ...(filters.kind === 'deleted' ? [{ kind: 'load-deleted', generation } as const] : []),
      ...(isSearch ? [searchOf(state, { by: 'meaning', delayMs: meaningDelayMs })] : []),
    ],
  ];
}

/** A chat that is read to its end goes on there. */
function showRefreshed(state: State, message: Of<'refreshed'>): Transition {
  if (isOld(state, message.generation)) return only(state);
  const next = refreshedLists(state, message);
  const usedAt = ({ chats }: State): number | undefined =>
    chats.items.find(({ id }) => id === state.preview?.chatId)?.updatedAt;
  const isGrown = usedAt(next) !== undefined && usedAt(next) !== usedAt(state);
  return isGrown && next.preview && !next.preview.hasNewer
    ? wantMessages({ ...next, preview: { ...next.preview, hasNewer: true } }, 'newer')
    : only(next);
}

/** Reloads the lists, and the search if there is one. */
function begin(state: State, delayMs: number): Transition {
  const generation = state.generation + 1;
  const { filters } = state;
  const isSearch = isSearching(state);
  const sought = state.chosen === undefined ? undefined : Math.min(state.place, farthestSought);
  const next: State = {
    ...state,
    generation,
    sought,
    chats: begun(state.chats),
    runs: begun(state.runs),
    deleted: begun(state.deleted),
    hits: isSearch ? begun(state.hits) : emptySource(),
    notes: isSearch ? state.notes : [],
  };
  return [
    next,
    [
      { kind: 'load-chats', generation, cursor: undefined, projectId: filters.projectId, language: filters.language },
      { kind: 'load-runs', generation, cursor: undefined },
      ...(filters.kind === 'deleted' ? [{ kind: 'load-deleted', generation } as const] : []),
      isSearch ? searchOf(next, { by: 'words', delayMs }) : { kind: 'stop-search' },
    ],
  ];
}

function begun<T>(source: Source<T>): Source<T> {
  return { ...source, isLoading: true };
}

/** A first page takes the place of what was there. */
function added<T>(
  source: Source<T>,
  { cursor, items, next }: { cursor: string | undefined; items: T[]; next: string | undefined },
): Source<T> {
  return { items: cursor === undefined ? items : [...source.items, ...items], next, isLoaded: true, isLoading: false };
}

function filtered(state: State, { filters, now }: Of<'filtered'>): Transition {
  const next: State = { ...state, filters: { ...state.filters, ...filters }, now };
  const isTyping = filters.query !== undefined;
  if (!isTyping) return begin(next, 0);
  // The lists stay as they are while a query is typed; only the search is another.
  const generation = state.generation + 1;
  const settled = settle({ ...next, generation });
  if (!isSearching(next)) return [{ ...settled, hits: emptySource(), notes: [] }, [{ kind: 'stop-search' }]];
  return [{ ...settled, hits: begun(state.hits) }, [searchOf(settled, { by: 'words', delayMs: searchDelayMs })]];
}

/** Pages under way belong to the generation before and will be dropped. They are asked for again when they are wanted. */
function settle(state: State): State {
  return { ...state, chats: { ...state.chats, isLoading: false }, runs: { ...state.runs, isLoading: false } };
}

function searchOf(
  { generation, filters, now }: State,
  { by, delayMs, cursor }: { by: SearchBy; delayMs: number; cursor?: string | undefined },
): Effect {
  return { kind: 'search', generation, cursor, by, filters, since: sinceOf({ filters, now }), delayMs };
}

/** Shows what the words found at once. Then searches by meaning as well, whose answer also says where the list ends. */
function hitsLoaded(state: State, { cursor, by, hits, next, notes }: Of<'hits-loaded'>): Transition {
  if (by === 'words') {
    const soon: State = { ...state, hits: { items: hits, next: undefined, isLoaded: true, isLoading: true }, notes };
    return [soon, [searchOf(soon, { by: 'meaning', delayMs: meaningDelayMs })]];
  }
  const { items } = state.hits;
  const isRead = items.some(({ kind, id }) => state.chosen === `${kind}:${id}`);
  // Rows stay where they are once one of them is chosen. Rows of a new page may be among those already shown.
  const known = cursor !== undefined || isRead ? items : [];
  const ids = new Set(known.map(({ id, chatId }) => chatId ?? id));
  const all = [...known, ...hits.filter(({ id, chatId }) => !ids.has(chatId ?? id))];
  const found = next === undefined ? t('{0} found.', all.length) : t('{0} or more found.', all.length);
  return only({
    ...state,
    hits: { items: all, next, isLoaded: true, isLoading: false },
    notes,
    announcement: all.length === 0 ? t('No results.') : found,
  });
}

function wantMore(state: State): Transition {
  const { more } = currentRows(state);
  const { generation, filters } = state;
  if (more === undefined || state[more].isLoading) return only(state);
  const next: State = { ...state, [more]: { ...state[more], isLoading: true } };
  const cursor = state[more].isLoaded ? state[more].next : undefined;
  if (more === 'hits') return [next, [searchOf(state, { by: 'meaning', delayMs: 0, cursor })]];
  if (more === 'chats')
    return [
      next,
      [{ kind: 'load-chats', generation, cursor, projectId: filters.projectId, language: filters.language }],
    ];
  return [next, [{ kind: 'load-runs', generation, cursor }]];
}

function moved(state: State, { by }: Of<'moved'>): Transition {
  const all = currentRows(state).rows;
  const from = all.findIndex(({ key }) => key === state.chosen);
  const row = all[Math.max(0, Math.min(all.length - 1, from + by))];
  return row && row.key !== state.chosen ? choose(state, row.key) : only(state);
}

function choose(state: State, key: string): Transition {
  const all = currentRows(state).rows;
  const index = all.findIndex((row) => row.key === key);
  const row = all[index];
  if (!row) return only(state);
  if (key === state.chosen && state.preview?.key === key) return only(state);
  return startPreview(
    {
      ...state,
      chosen: key,
      place: index,
      sought: undefined,
      renaming: undefined,
      announcement: t('{0}, {1} of {2}', row.title, index + 1, all.length),
    },
    row,
  );
}

/** Chats open in the chat view, findings and reviews where their code is. */
function open(state: State, { key }: Of<'opened'>): Transition {
  const row = rowOf(state, key);
  if (!row || row.kind === 'deleted') return only(state);
  if (row.chatId !== undefined && state.actions.includes('open-chat'))
    return [state, [{ kind: 'action', action: { kind: 'open-chat', chatId: row.chatId } }]];
  if (row.uri?.startsWith('file:') && state.actions.includes('open-attachment')) {
    return [
      state,
      [{ kind: 'action', action: { kind: 'open-attachment', uri: row.uri, ...(row.range && { range: row.range }) } }],
    ];
  }
  return choose({ ...state, isReading: true }, key);
}

function rowOf(state: State, key: string): Row | undefined {
  return currentRows(state).rows.find((row) => row.key === key);
}

function rename(state: State, { chatId, title }: Of<'rename-ended'>): Transition {
  const name = title?.trim();
  const ended: State = { ...state, renaming: undefined };
  if (!name || state.renaming !== chatId) return only(ended);
  const chats = {
    ...state.chats,
    items: state.chats.items.map((chat) => (chat.id === chatId ? { ...chat, title: name } : chat)),
  };
  const hits = {
    ...state.hits,
    items: state.hits.items.map((hit) => (hit.chatId === chatId ? { ...hit, title: name } : hit)),
  };
  return [{ ...ended, chats, hits }, [{ kind: 'rename', chatId, title: name }]];
}

/** Removes the row at once. The daemon keeps a deleted chat for a day, so undoing does not depend on this view. */
function deleteRow(state: State, { key }: Of<'deleted'>): Transition {
  const all = currentRows(state).rows;
  const row = all.find((one) => one.key === key);
  if (row?.chatId === undefined) return only(state);
  const { chatId } = row;
  if (row.kind === 'deleted') return update(state, { type: 'purged', chatId });
  const chat = state.chats.items.find(({ id }) => id === chatId);
  const undoable: Undoable = { chatId, title: chat?.title ?? row.title, chat };
  const gone: State = {
    ...state,
    chats: { ...state.chats, items: state.chats.items.filter(({ id }) => id !== chatId) },
    hits: { ...state.hits, items: state.hits.items.filter((hit) => hit.chatId !== chatId) },
    undoable: [...state.undoable, undoable],
    preview: undefined,
    chosen: undefined,
    isReading: false,
    announcement: t('{0} was deleted. You can undo this.', undoable.title),
  };
  const after =
    all.slice(all.indexOf(row) + 1).find((one) => one.chatId !== chatId) ??
    all.slice(0, all.indexOf(row)).findLast((one) => one.chatId !== chatId);
  const [chosen, effects] = after ? choose(gone, after.key) : only(gone);
  return [{ ...chosen, announcement: gone.announcement }, [{ kind: 'delete', chatId }, ...effects]];
}

function undo(state: State): Transition {
  const last = state.undoable.at(-1);
  if (!last) return only(state);
  const back: State = { ...state, undoable: state.undoable.slice(0, -1), announcement: t('{0} is back.', last.title) };
  const { chat } = last;
  const chats =
    chat && !state.chats.items.some(({ id }) => id === chat.id)
      ? { ...state.chats, items: [...state.chats.items, chat].sort((one, other) => other.updatedAt - one.updatedAt) }
      : state.chats;
  return [{ ...back, chats }, [{ kind: 'restore', chatId: last.chatId }]];
}

/** The search is repeated, since the restored chat may be among its hits. */
function broughtBack(state: State, chatId: string): Transition {
  const [next, effects] = begin(state, 0);
  const [shown, more] = choose(next, `chat:${chatId}`);
  return [shown, [...effects, ...more]];
}

function withoutDeleted(state: State, chatId: string | undefined): State {
  return {
    ...state,
    deleted: { ...state.deleted, items: state.deleted.items.filter(({ id }) => chatId !== undefined && id !== chatId) },
    preview: undefined,
    chosen: undefined,
  };
}
