// The rows of the list, out of what was loaded: chats and reviews in one order of time, or what a search found. Pure.
import type { PastReview } from '../../../shared/protocol/review.ts';
import type { Range } from '../../../shared/protocol/text.ts';
import { locale, plural, t } from '../../words.ts';
import { isSearching, type Source, type State, sinceOf } from './state.ts';

export interface Row {
  readonly key: string;
  readonly kind: 'chat' | 'review' | 'message' | 'finding' | 'deleted';
  readonly title: string;
  /** The second line: what was found, or how much there is. */
  readonly detail: string;
  /** From–to in `detail`. */
  readonly highlights: readonly (readonly [number, number])[];
  readonly at: number;
  readonly chatId?: string | undefined;
  readonly messageId?: string | undefined;
  /** Of a review. */
  readonly state?: PastReview['state'];
  readonly runId?: string | undefined;
  readonly uri?: string | undefined;
  readonly range?: Range | undefined;
}

/** The rows, and whether there are more of them to load. */
export interface Rows {
  readonly rows: readonly Row[];
  readonly more: 'chats' | 'runs' | 'hits' | undefined;
  readonly isLoading: boolean;
}

type Inputs = Pick<State, 'chats' | 'runs' | 'hits' | 'deleted' | 'filters' | 'projects' | 'now'>;

export function rowsOf(state: State): Rows {
  if (state.filters.kind === 'deleted')
    return { rows: deletedRows(state), more: undefined, isLoading: state.deleted.isLoading };
  if (isSearching(state)) {
    const { hits } = state;
    return { rows: hitRows(state), more: hits.next === undefined ? undefined : 'hits', isLoading: hits.isLoading };
  }
  return browsedRows(state);
}

/** `rowsOf`, computed again only when something that it reads has changed. */
export function rememberRows(): (state: State) => Rows {
  let last: { state: State; rows: Rows } | undefined;
  const inputs: readonly (keyof Inputs)[] = ['chats', 'runs', 'hits', 'deleted', 'filters', 'projects'];
  return (state) => {
    if (!last || inputs.some((name) => last?.state[name] !== state[name])) last = { state, rows: rowsOf(state) };
    return last.rows;
  };
}

function browsedRows(state: Inputs): Rows {
  const {
    filters: { kind },
    chats,
    runs,
  } = state;
  const shown = { chats: kind !== 'reviews', runs: kind !== 'chats' };
  const since = sinceOf(state) ?? 0;
  // Below this time one of the lists may still have rows to load that belong in between.
  const horizons = {
    chats: shown.chats ? horizonOf(chats, ({ updatedAt }) => updatedAt) : 0,
    runs: shown.runs ? horizonOf(runs, ({ createdAt }) => createdAt) : 0,
  };
  const horizon = Math.max(horizons.chats, horizons.runs);
  const from = Math.max(horizon, since);
  const rows = merged(
    shown.chats ? chats.items.filter(({ updatedAt }) => updatedAt >= from).map(chatRow) : [],
    shown.runs ? runs.items.filter((run) => run.createdAt >= from && fits(run.uri, state)).map(runRow) : [],
  );
  const isComplete = horizon === 0 || horizon < since;
  const farther = horizons.chats >= horizons.runs ? 'chats' : 'runs';
  return {
    rows,
    more: isComplete ? undefined : farther,
    isLoading: (shown.chats && chats.isLoading) || (shown.runs && runs.isLoading),
  };
}

/** 0 once all of a list is here. A list that is not loaded yet, or whose pages were empty so far, has its horizon in the future. */
function horizonOf<T>({ items, next, isLoaded }: Source<T>, at: (item: T) => number): number {
  if (isLoaded && next === undefined) return 0;
  const last = items.at(-1);
  return isLoaded && last !== undefined ? at(last) : Number.MAX_SAFE_INTEGER;
}

/** Merges two lists that are each in order already. */
function merged(one: readonly Row[], other: readonly Row[]): readonly Row[] {
  if (other.length === 0 || one.length === 0) return one.length === 0 ? other : one;
  const rows: Row[] = [];
  let [left, right] = [0, 0];
  while (left < one.length || right < other.length) {
    const [first, second] = [one[left], other[right]];
    if (first && (!second || first.at >= second.at)) {
      rows.push(first);
      left++;
    } else if (second) {
      rows.push(second);
      right++;
    }
  }
  return rows;
}

function chatRow({ id, title, updatedAt, messageCount }: State['chats']['items'][number]): Row {
  return {
    key: `chat:${id}`,
    kind: 'chat',
    title: title || t('Untitled'),
    detail: plural(messageCount, ['{0} message', '{0} messages']),
    highlights: [],
    at: updatedAt,
    chatId: id,
  };
}

const reviewMarks = {
  running: t('Running…'),
  done: '',
  incomplete: t('Incomplete'),
  failed: t('Failed'),
  stopped: t('Stopped'),
} as const;

const changesOf = {
  staged: t('Review of staged changes'),
  unstaged: t('Review of unstaged changes'),
  diff: t('Review of a diff'),
} as const;

/** What was reviewed, as a title: files, lines of one, or changes of a repository. */
function reviewTitle({ uri, subject }: PastReview): string {
  const kind = subject?.kind;
  const where = uri.startsWith('file:') ? t(' in {0}', fileName(uri)) : '';
  if (kind === 'staged' || kind === 'unstaged' || kind === 'diff') return changesOf[kind] + where;
  if (kind === 'commit' || kind === 'range')
    return t('Review of {0}{1}', subject?.revision ?? (kind === 'commit' ? t('a commit') : t('a range')), where);
  if (kind === 'base') return t('Review of changes since {0}{1}', subject?.revision ?? t('a base'), where);
  if (kind === 'files')
    return plural(subject?.files?.length ?? 0, ['Review of {0} file{1}', 'Review of {0} files{1}'], where);
  const lines = subject?.lines && `, ${linesOf(subject.lines.first, subject.lines.last)}`;
  return uri.startsWith('file:') ? t('Review of {0}{1}', fileName(uri), lines ?? '') : t('Review of changes');
}

/** Lines from 0 in words, from 1. */
export function linesOf(first: number, last: number): string {
  return last > first ? t('lines {0} to {1}', String(first + 1), String(last + 1)) : t('line {0}', String(first + 1));
}

function runRow(run: PastReview): Row {
  const { runId, uri, subject, state, summary, findings, createdAt } = run;
  const isOfFile = subject === undefined || subject.kind === 'file' || subject.kind === 'selection'; // else the URI is a folder's
  const mark = reviewMarks[state];
  const said =
    summary || (state === 'running' || state === 'stopped' ? '' : plural(findings, ['{0} finding', '{0} findings']));
  return {
    key: `run:${runId}`,
    kind: 'review',
    title: reviewTitle(run),
    detail: [mark, said].filter(Boolean).join(mark.endsWith('…') ? ' ' : ': '),
    state,
    highlights: [],
    at: createdAt,
    runId,
    ...(isOfFile && { uri }),
  };
}

function hitRows(state: Inputs): readonly Row[] {
  const {
    filters: { language },
    hits,
  } = state;
  return hits.items
    .filter((hit) => hit.kind !== 'finding' || language === '' || fits(hit.uri ?? '', state))
    .map((hit) => ({
      key: `${hit.kind}:${hit.id}`,
      kind: hit.kind === 'message' ? 'message' : 'finding',
      title: hit.title || t('Untitled'),
      detail: hit.snippet,
      highlights: hit.highlights,
      at: hit.createdAt,
      ...(hit.kind === 'message' && { chatId: hit.chatId, messageId: hit.id }),
      uri: hit.uri,
      range: hit.range,
    }));
}

function deletedRows({ deleted, filters: { query } }: Inputs): readonly Row[] {
  const wanted = query.trim().toLowerCase();
  return deleted.items
    .filter(({ title }) => title.toLowerCase().includes(wanted))
    .map(({ id, title, messageCount, deletedAt, goneAt }) => ({
      key: `deleted:${id}`,
      kind: 'deleted',
      title: title || t('Untitled'),
      at: deletedAt,
      chatId: id,
      highlights: [],
      detail: t(
        '{0} · permanently deleted on {1}',
        plural(messageCount, ['{0} message', '{0} messages']),
        new Date(goneAt).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' }),
      ),
    }));
}

/** Whether a document is of the project and the language that are asked for. */
function fits(uri: string, { filters: { projectId, language }, projects }: Inputs): boolean {
  const project = projects.find(({ id }) => id === projectId);
  const isInProject =
    projectId === '' || (project !== undefined && decoded(uri).includes(project.path.replaceAll('\\', '/')));
  return (
    isInProject &&
    (language === '' || (languages[language]?.extensions ?? []).some((extension) => uri.endsWith(extension)))
  );
}

export const languages: Readonly<Record<string, { label: string; extensions: readonly string[] }>> = {
  c: { label: 'C', extensions: ['.c', '.h'] },
  cpp: { label: 'C++', extensions: ['.cpp', '.cc', '.cxx', '.hpp', '.hh', '.h'] },
  csharp: { label: 'C#', extensions: ['.cs'] },
  css: { label: 'CSS', extensions: ['.css', '.scss', '.less'] },
  go: { label: 'Go', extensions: ['.go'] },
  html: { label: 'HTML', extensions: ['.html', '.htm'] },
  java: { label: 'Java', extensions: ['.java'] },
  javascript: { label: 'JavaScript', extensions: ['.js', '.jsx', '.mjs', '.cjs'] },
  php: { label: 'PHP', extensions: ['.php'] },
  python: { label: 'Python', extensions: ['.py', '.pyi'] },
  ruby: { label: 'Ruby', extensions: ['.rb'] },
  rust: { label: 'Rust', extensions: ['.rs'] },
  shellscript: { label: 'Shell', extensions: ['.sh', '.bash'] },
  typescript: { label: 'TypeScript', extensions: ['.ts', '.tsx', '.mts', '.cts'] },
};

export function fileName(uri: string): string {
  return decoded(uri).split('/').at(-1) || uri;
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
