// The list from which the changes to review are chosen. Its title says how much a review of the row in focus would look at.
import * as vscode from 'vscode';
import { ReviewRevisions, ReviewScope } from '../../shared/protocol/revisions.ts';
import type { Context } from '../context.ts';
import { shownRows } from '../window.ts';
import {
  baseGroups,
  type ChangesGroup,
  type ChangesItem,
  commitGroups,
  scopeWords,
  typedItems,
} from './revision-items.ts';
import type { Changes } from './subject.ts';

type Row = vscode.QuickPickItem & { changes?: Changes };

interface ChangesQuestion {
  title: string;
  placeholder?: string;
  groups: Promise<readonly ChangesGroup[]>;
  /** Rows for what is typed, beside those of the groups. */
  typed?(text: string): readonly ChangesItem[];
}

export async function pickCommit(ctx: Context, root: string): Promise<Changes | undefined> {
  const revisions = ctx.daemon.call(ReviewRevisions, { root });
  const chosen = await pick(ctx, root, {
    title: 'Switchyard: review which commit?',
    placeholder: 'Type to search, or enter a revision or a range (A..B)',
    groups: revisions.then((all) => commitGroups(all, Date.now(), vscode.l10n.t)),
    typed: (text) => typedItems(text, 'commit'),
  });
  return chosen?.changes;
}

export async function pickBase(ctx: Context, root: string): Promise<Changes | undefined> {
  const revisions = ctx.daemon.call(ReviewRevisions, { root });
  const chosen = await pick(ctx, root, {
    title: 'Switchyard: review changes since which branch?',
    placeholder: 'Type to search, or enter a revision. Uncommitted changes are included',
    groups: revisions.then((all) => baseGroups(all, Date.now(), vscode.l10n.t)),
    typed: (text) => typedItems(text, 'base'),
  });
  return chosen?.changes;
}

const branch = 'A branch…';
const commit = 'A commit…';
const kinds: readonly ChangesItem[] = [
  {
    label: 'Unstaged changes',
    detail: "Changes in the working tree that aren't staged",
    changes: { diff: 'unstaged' },
  },
  {
    label: 'Staged changes',
    detail: 'What the next commit would contain',
    changes: { diff: 'staged' },
  },
  { label: branch, detail: 'All changes since the branch split off, including uncommitted ones' },
  { label: commit, detail: 'One commit, or a range of them' },
];

export async function pickChanges(ctx: Context, root: string): Promise<Changes | undefined> {
  const groups = Promise.resolve([{ heading: '', items: kinds }]);
  const chosen = await pick(ctx, root, { title: 'Switchyard: review which changes?', groups });
  if (chosen?.label === vscode.l10n.t(branch)) return pickBase(ctx, root);
  return chosen?.label === vscode.l10n.t(commit) ? pickCommit(ctx, root) : chosen?.changes;
}

function pick(
  ctx: Context,
  root: string,
  { title, placeholder, groups, typed = () => [] }: ChangesQuestion,
): Promise<Row | undefined> {
  const list = vscode.window.createQuickPick<Row>();
  const { promise, resolve, reject } = Promise.withResolvers<Row | undefined>();
  const said = shownRows({ title, placeHolder: placeholder });
  let listed: readonly ChangesGroup[] = [];
  let measuring = new AbortController();
  const show = (): void => {
    list.items = shownRows([...listed.flatMap(toRows), ...typed(list.value)]);
  };
  const tellScope = async (changes: Changes, signal: AbortSignal): Promise<void> => {
    const scope = await ctx.daemon.call(ReviewScope, { ...changes, root }, { signal });
    if (!signal.aborted) list.title = `${said.title} (${scopeWords(scope, vscode.l10n.t)})`;
  };
  list.title = said.title;
  list.placeholder = said.placeHolder;
  list.matchOnDescription = true;
  list.busy = true;
  groups.then((all) => {
    listed = all;
    list.busy = false;
    show();
  }, reject);
  list.onDidChangeValue(show);
  list.onDidChangeActive(([row]) => {
    measuring.abort();
    measuring = new AbortController();
    list.title = said.title;
    if (row?.changes) tellScope(row.changes, measuring.signal).catch(() => {}); // the review itself says what is wrong
  });
  list.onDidAccept(() => {
    const [row] = list.selectedItems;
    if (row) resolve(row);
  });
  list.onDidHide(() => resolve(undefined));
  list.show();
  return promise.finally(() => {
    measuring.abort();
    list.dispose();
  });
}

function toRows({ heading, items }: ChangesGroup): Row[] {
  if (items.length === 0 || heading === '') return [...items];
  return [{ label: heading, kind: vscode.QuickPickItemKind.Separator }, ...items];
}
