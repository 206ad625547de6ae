// Carries out what the history's update asks for, and reports back in messages.
import { type Host, saveFile } from '../host.ts';
import { RequestError, type Rpc } from '../rpc.ts';
import { plural, t } from '../words.ts';
import type { Effect, HistoryMessage, PageAnchor } from './state/messages.ts';
import { asTyped, type Filters } from './state/state.ts';
import { exportAll, importFile, type TransferOptions } from './transfer.ts';

type Replaceable = 'search' | 'preview' | 'refresh';

/** What effects work on. Lives as long as the page. */
export interface EffectDeps {
  readonly host: Host;
  readonly rpc: Rpc;
  /** Work that a newer one of its kind cancels: the search under way, the preview that is being loaded, the refresh, the transfer. */
  readonly running: Map<Replaceable | 'transfer', AbortController>;
  dispatch(message: HistoryMessage): void;
}

type EffectOf<Kind extends Effect['kind']> = Extract<Effect, { kind: Kind }>;
type Rows = { readonly [Kind in Effect['kind']]: (effect: EffectOf<Kind>, on: EffectDeps) => void | Promise<void> };

const firstRows = 60; // what is seen at once, and soon
const rowsAtOnce = 200;
const hitsAtOnce = 50;
const messagesAtOnce = 60;
const maxNamed = 3;

const rows: Rows = {
  'load-chats': ({ generation, cursor, projectId, language }, on) =>
    loading('chats', { generation, on }, async () => {
      const { chats, next } = await on.rpc.call('ChatList', {
        limit: cursor || language ? rowsAtOnce : firstRows,
        ...(cursor && { cursor }),
        ...(projectId && { projectId }),
        ...(language && { language }),
      });
      on.dispatch({ type: 'chats-loaded', generation, cursor, chats, next });
    }),
  'load-runs': ({ generation, cursor }, on) =>
    loading('runs', { generation, on }, async () => {
      const { runs, next } = await on.rpc.call('ReviewList', {
        limit: cursor ? rowsAtOnce : firstRows,
        ...(cursor && { cursor }),
      });
      on.dispatch({ type: 'runs-loaded', generation, cursor, runs, next });
    }),
  'load-deleted': ({ generation }, on) =>
    loading('deleted', { generation, on }, async () => {
      const { chats } = await on.rpc.call('ChatDeleted', {});
      on.dispatch({ type: 'deleted-loaded', generation, chats });
    }),
  refresh,
  search,
  'stop-search': (_, on) => stop('search', on),
  async 'load-aside'(_, { rpc, dispatch }) {
    const [{ projects }, { disk }] = await Promise.all([rpc.call('ProjectList', {}), rpc.call('DaemonStatus', {})]);
    dispatch({ type: 'aside-loaded', projects, disk });
  },
  'load-messages': loadMessages,
  'load-findings': ({ key, runId, delayMs }, on) =>
    inPlaceOf(
      'preview',
      { delayMs, on, onFailure: (message) => on.dispatch({ type: 'preview-failed', key, message }) },
      async (signal) => {
        const { findings, held, coverage, rules } = await on.rpc.call('ReviewFindings', { runId }, { signal });
        on.dispatch({ type: 'findings-loaded', key, findings, held: held ?? [], rules: rules ?? [], coverage });
      },
    ),
  async rename({ chatId, title }, { rpc }) {
    await rpc.call('ChatRename', { chatId, title });
  },
  async fork({ chatId, messageId }, { rpc, dispatch }) {
    const fork = await rpc.call('ChatFork', { chatId, ...(messageId && { messageId }) });
    dispatch({ type: 'fork-made', chatId: fork.chatId });
  },
  async export({ chatId, title, format }, { rpc, host }) {
    const { text } = await rpc.call('ChatExport', { chatId, format });
    await host.act({ kind: 'save-export', text, name: `${title}.${format === 'json' ? 'json' : 'md'}` });
  },
  async delete({ chatId }, { rpc }) {
    await rpc.call('ChatDelete', { chatId });
  },
  async restore({ chatId }, { rpc, dispatch }) {
    await rpc.call('ChatRestore', { chatId });
    dispatch({ type: 'brought-back', chatId });
  },
  async purge({ chatId }, { rpc }) {
    await rpc.call('ChatPurge', chatId === undefined ? {} : { chatId });
  },
  'export-all': (_, on) =>
    transfer({ on, hasChanged: false }, async (running) => {
      const { file, chats, missing } = await exportAll(on.rpc, running);
      saveFile('switchyard-chats.json', file);
      const left =
        missing.length === 0
          ? ''
          : ` ${t('Not in it: {0}; `switchyard export` in a terminal takes them.', missing.slice(0, maxNamed).join(', ') + (missing.length > maxNamed ? t(' and others') : ''))}`;
      const told = plural(chats, [
        '{0} chat is in switchyard-chats.json, among your downloads.',
        '{0} chats are in switchyard-chats.json, among your downloads.',
      ]);
      return told + left;
    }),
  import: ({ file }, on) => transfer({ on, hasChanged: true }, (running) => importFile(on.rpc, file, running)),
  'stop-transfer': (_, on) => stop('transfer', on),
  action: ({ action }, { host }) => host.act(action),
};

const changes: ReadonlySet<Effect['kind']> = new Set<Effect['kind']>(['rename', 'delete', 'restore', 'purge']);

/** Failures become messages; this never throws. */
export function perform(effect: Effect, on: EffectDeps): void {
  const row = rows[effect.kind] as (effect: Effect, on: EffectDeps) => void | Promise<void>;
  Promise.resolve(row(effect, on)).catch((error: unknown) => {
    // The banner tells of a lost connection, and everything is asked for again when it is back.
    if (isOf(error, 'disconnected')) return;
    on.dispatch({ type: 'failed', message: sentenceOf(error), isChange: changes.has(effect.kind) });
  });
}

type List = 'chats' | 'runs' | 'hits' | 'deleted';

async function loading(
  list: List,
  { generation, on }: { generation: number; on: EffectDeps },
  ask: () => Promise<void>,
): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!isOf(error, 'disconnected'))
      on.dispatch({ type: 'list-failed', generation, list, message: sentenceOf(error) });
  }
}

/** Asks for what is held again. A failure is silent: what is shown stays, and the next change asks again. */
async function refresh({ generation, held, projectId, language }: EffectOf<'refresh'>, on: EffectDeps): Promise<void> {
  const limitFor = (count: number): number => Math.min(Math.max(count, firstRows), rowsAtOnce);
  await inPlaceOf('refresh', { delayMs: 0, on, onFailure() {} }, async (signal) => {
    const [{ chats, next }, { runs, next: nextRun }] = await Promise.all([
      on.rpc.call(
        'ChatList',
        { limit: limitFor(held.chats), ...(projectId && { projectId }), ...(language && { language }) },
        { signal },
      ),
      on.rpc.call('ReviewList', { limit: limitFor(held.runs) }, { signal }),
    ]);
    on.dispatch({ type: 'refreshed', generation, chats: { items: chats, next }, runs: { items: runs, next: nextRun } });
  });
}

async function search(
  { generation, cursor, by, filters, since, delayMs }: EffectOf<'search'>,
  on: EffectDeps,
): Promise<void> {
  const onFailure = (message: string): void => on.dispatch({ type: 'list-failed', generation, list: 'hits', message });
  await inPlaceOf('search', { delayMs, on, onFailure }, async (signal) => {
    const { hits, next, notes } = await on.rpc.call(
      'Search',
      { ...searchParams(filters, since), meaning: by === 'meaning', ...(cursor && { cursor }) },
      { signal },
    );
    on.dispatch({ type: 'hits-loaded', generation, cursor, by, hits, next, notes });
  });
}

function searchParams({ query, kind, projectId, language }: Filters, since: number | undefined) {
  const places = { all: ['chats', 'findings'], chats: ['chats'], reviews: ['findings'], deleted: [] } as const;
  return {
    query: asTyped(query),
    in: [...places[kind]],
    limit: hitsAtOnce,
    ...(projectId && { project: projectId }),
    ...(since !== undefined && { since }),
    ...(language && { language }),
  };
}

/** Runs an export or an import of the page's own. It ends with a sentence, or without one where it was stopped. */
async function transfer(
  { on, hasChanged }: { on: EffectDeps; hasChanged: boolean },
  work: (running: TransferOptions) => Promise<string>,
): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  on.running.set('transfer', controller);
  const onProgress = (text: string): void => on.dispatch({ type: 'transfer-told', text });
  try {
    const text = await work({ signal, onProgress });
    on.dispatch({ type: 'transfer-ended', text, hasChanged });
  } catch (error) {
    on.dispatch({ type: 'transfer-ended', text: undefined, hasChanged });
    if (!signal.aborted) on.dispatch({ type: 'failed', message: sentenceOf(error), isChange: false });
  } finally {
    on.running.delete('transfer');
  }
}

/** Waits, then does the work, unless a newer one of its kind has begun: that one cancels it. */
async function inPlaceOf(
  kind: Replaceable,
  { delayMs, on, onFailure }: { delayMs: number; on: EffectDeps; onFailure(message: string): void },
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  stop(kind, on);
  const controller = new AbortController();
  on.running.set(kind, controller);
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  if (controller.signal.aborted) return;
  try {
    await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted && !isOf(error, 'disconnected')) onFailure(sentenceOf(error));
  } finally {
    if (on.running.get(kind) === controller) on.running.delete(kind);
  }
}

function stop(kind: Replaceable | 'transfer', { running }: EffectDeps): void {
  running.get(kind)?.abort();
  running.delete(kind);
}

async function loadMessages(
  { key, chatId, where, place, known, delayMs }: EffectOf<'load-messages'>,
  on: EffectDeps,
): Promise<void> {
  await inPlaceOf(
    'preview',
    { delayMs, on, onFailure: (message) => on.dispatch({ type: 'preview-failed', key, message }) },
    async (signal) => {
      const { messages, next, limit } = await askForPage({ chatId, place, rpc: on.rpc, signal });
      // Half of a page around a message follows it; fewer follow where the chat ends.
      const following =
        place.around === undefined ? 0 : messages.length - 1 - messages.findIndex(({ id }) => id === place.around);
      const isAtEnd =
        place.around === undefined
          ? place.cursor === undefined
          : following < Math.floor(limit / 2) || messages.every(({ id }) => known.includes(id));
      on.dispatch({ type: 'messages-loaded', key, where, messages, next, isAtEnd });
    },
  );
}

/** A page whose messages are too large for the host is asked for in smaller ones. */
async function askForPage({
  chatId,
  place,
  rpc,
  signal,
}: {
  chatId: string;
  place: PageAnchor;
  rpc: Rpc;
  signal: AbortSignal;
}) {
  for (const limit of [messagesAtOnce, 10]) {
    try {
      return { ...(await rpc.call('ChatMessages', { chatId, ...place, limit }, { signal })), limit };
    } catch (error) {
      if (!isOf(error, 'too-large')) throw error;
    }
  }
  return { ...(await rpc.call('ChatMessages', { chatId, ...place, limit: 2 }, { signal })), limit: 2 };
}

function isOf(error: unknown, code: string): boolean {
  return error instanceof RequestError && error.code === code;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
