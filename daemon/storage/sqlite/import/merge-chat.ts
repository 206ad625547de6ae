// Merges an import into a chat that is here already. The messages of both are compared from the start down their branches, and only
// those that are missing here are added. Stored messages do not change, with one exception: an imported answer that ends a branch
// here and is longer in the import gets the rest of its text.
import type { ImportResult } from '../../import.ts';
import type { TreeMessage } from '../../messages.ts';
import { checksumOf } from '../chats/checksum.ts';
import type { MessageRow } from '../chats/pieces.ts';
import { Tree } from '../chats/tree.ts';
import { fromJson, toJson } from '../schema.ts';
import { badChat } from './arrange.ts';
import type { ImportDeps } from './new-chat.ts';
import { chatOfOrigin } from './origin.ts';
import type { MessagePosition } from './rows.ts';
import type { ImportedHead } from './types.ts';

const addedAtOnce = 2000; // about 50 ms: whatever is fewer is all or nothing

type KnownChat = NonNullable<ReturnType<typeof chatOfOrigin>>;
type OwnMessage = Pick<
  MessageRow,
  'id' | 'seq' | 'active' | 'role' | 'text' | 'reasoning' | 'status' | 'decision' | 'finished_at'
>;

/** Lives as long as an import. */
export class ChatMerge {
  readonly #own: ImportDeps;
  readonly #head: ImportedHead;
  readonly #chat: KnownChat;
  readonly #dryRun: boolean;
  readonly #tree: Tree;
  readonly #childrenOf: (chatId: string, parentId: string | null) => OwnMessage[];
  readonly #activity: (id: string) => { active: number } | undefined;
  readonly #places = new Map<string, MessagePosition>();
  /** Stored messages that the import has as well. */
  readonly #found = new Set<string>();
  /** What was inserted by this import. */
  readonly #inserted = new Set<string>();
  #waiting: TreeMessage[] = [];
  /** Imported messages with more text than the stored answer, by its id here. */
  readonly #longer = new Map<string, TreeMessage>();
  #added = 0;
  #isOnlyTheirs: boolean | undefined;

  constructor(own: ImportDeps, head: ImportedHead, { chat, dryRun }: { chat: KnownChat; dryRun: boolean }) {
    this.#own = own;
    this.#head = head;
    this.#chat = chat;
    this.#dryRun = dryRun;
    this.#tree = new Tree(own.sql);
    const { build } = own.sql;
    this.#childrenOf = own.sql.preparedAll(
      build
        .selectFrom('message')
        .select(['id', 'seq', 'active', 'role', 'text', 'reasoning', 'status', 'decision', 'finished_at'])
        .where('chat_id', '=', '')
        .where('parent_id', 'is', '' as string | null)
        .orderBy('id'),
    );
    this.#activity = own.sql.preparedFirst(build.selectFrom('message').select('active').where('id', '=', ''));
  }

  add(messages: readonly TreeMessage[]): void {
    for (const message of messages) {
      const ours = this.#find(message);
      if (!ours) {
        this.#waiting.push(message);
        continue;
      }
      this.#found.add(ours.id);
      this.#places.set(message.id, ours);
      if (hasMore(message, ours) && this.#childrenOf(this.#chat.id, ours.id).length === 0)
        this.#longer.set(ours.id, message);
    }
  }

  finish(): ImportResult | undefined {
    const { length } = this.#waiting;
    if (chatOfOrigin(this.#own, this.#head.origin)?.id !== this.#chat.id) throw badChat('it was deleted meanwhile');
    if (this.#dryRun) return this.#importId(length + this.#longer.size);
    this.#isOnlyTheirs ??= this.#count() === this.#found.size;
    for (const [id, message] of this.#longer) this.#added += this.#lengthen(id, message);
    this.#longer.clear();
    const some = this.#waiting.splice(0, addedAtOnce);
    for (const message of some) this.#insert(message);
    this.#added += some.length;
    if (this.#waiting.length > 0) return undefined;
    this.#settle();
    return this.#importId(this.#added);
  }

  drop(): void {}

  #importId(added: number): ImportResult {
    return { outcome: added > 0 ? 'grown' : 'known', chatId: this.#chat.id, added };
  }

  /** A message of ours that says the same at the same place; else one that is the same, and of which one of the two has more. */
  #find(message: TreeMessage): OwnMessage | undefined {
    const parent = message.parentId === undefined ? undefined : this.#places.get(message.parentId);
    if (message.parentId !== undefined && !parent) return undefined; // it follows one that is new
    const siblings = this.#childrenOf(this.#chat.id, parent?.id ?? null).filter(
      ({ id, role }) => role === message.role && !this.#found.has(id),
    );
    return (
      siblings.find((ours) => ours.text === message.text && ours.reasoning === (message.reasoning ?? '')) ??
      siblings.find((ours) => hasMore(message, ours) && this.#childrenOf(this.#chat.id, ours.id).length === 0) ??
      siblings.find((ours) => isEarlierStateOf(message, ours))
    );
  }

  #insert(message: TreeMessage): void {
    const at = message.parentId === undefined ? undefined : this.#places.get(message.parentId);
    const parent = at && { ...at, active: this.#activity(at.id)?.active ?? 0 }; // another version may be read by now
    const siblings = this.#childrenOf(this.#chat.id, parent?.id ?? null);
    const wasHere = siblings.some(({ id }) => !this.#inserted.has(id));
    // A branch that was here stays the one that is read, unless all of this chat came from there. One version is always chosen.
    const isChosen = siblings.length === 0 || (message.chosen !== false && (!wasHere || this.#isOnlyTheirs === true));
    if (isChosen && siblings.length > 0)
      this.#tree.giveWay(this.#chat.id, {
        parent_id: parent?.id ?? null,
        seq: (parent?.seq ?? 0) + 1,
        active: parent?.active ?? 1,
      });
    const place = this.#own.rows.insert(message, { chatId: this.#chat.id, parent, isChosen, places: this.#places });
    this.#inserted.add(place.id);
    this.#places.set(message.id, place);
  }

  /** Returns how many answers were changed: none where the user went on from it meanwhile. */
  #lengthen(id: string, message: TreeMessage): number {
    const { sql } = this.#own;
    const row = sql.first(sql.build.selectFrom('message').selectAll().where('id', '=', id));
    if (!row || !hasMore(message, row) || this.#childrenOf(this.#chat.id, id).length > 0) return 0;
    const longer = { ...row, text: message.text, reasoning: message.reasoning ?? '', notes: toJson(message.notes) };
    const { text, reasoning, notes } = longer;
    return sql.run(
      sql.build
        .updateTable('message')
        .set({ text, reasoning, notes, checksum: checksumOf(longer) })
        .where('id', '=', id),
    );
  }

  /** What is known of the chat by now: when it was used last, and a project where it had none. */
  #settle(): void {
    const { build } = this.#own.sql;
    const { updatedAt, projectId } = this.#head;
    const change = {
      ...(this.#added > 0 && updatedAt > this.#chat.updated_at && { updated_at: updatedAt }),
      ...(this.#chat.project_id === null && projectId !== undefined && { project_id: projectId }),
    };
    if (Object.keys(change).length > 0)
      this.#own.sql.run(build.updateTable('chat').set(change).where('id', '=', this.#chat.id));
  }

  #count(): number {
    const { sql } = this.#own;
    return (
      sql.first(
        sql.build
          .selectFrom('message')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('chat_id', '=', this.#chat.id),
      )?.count ?? 0
    );
  }
}

/** Whether an imported answer has more text now. Answers made here name the id of their decision and never change. */
function hasMore({ role, text, reasoning = '' }: TreeMessage, ours: OwnMessage): boolean {
  const isWhole = ours.finished_at !== null && ours.status === 'complete' && ours.text + ours.reasoning !== '';
  const isTheirs =
    role === 'assistant' && (ours.decision === null || fromJson<{ id?: unknown }>(ours.decision).id === undefined);
  return (
    isTheirs &&
    isWhole &&
    text.startsWith(ours.text) &&
    reasoning.startsWith(ours.reasoning) &&
    text.length + reasoning.length > ours.text.length + ours.reasoning.length
  );
}

/** Whether it was exported while this answer was still streaming here. */
function isEarlierStateOf({ role, status, text, reasoning = '' }: TreeMessage, ours: OwnMessage): boolean {
  if (role !== 'assistant' || status !== 'partial') return false;
  return ours.finished_at === null || (ours.text.startsWith(text) && ours.reasoning.startsWith(reasoning));
}
