// What the user wants remembered. Memories are proposed from the user's own words, never added unasked, and sent with
// the questions they apply to. Once one is edited or deleted, its old text is used nowhere.
import { UserError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Embedder } from '../../models/embedding/embedder.ts';
import { findSecrets } from '../../models/secrets/scanner.ts';
import type { Memories, StoredMemory } from '../../storage/memories.ts';
import { asWords, type Find } from '../search/search.ts';
import { chooseMostRelevant, fitsWhole, LastChoices, maxUsed, usable } from './choose.ts';
import { normalised, proposalIn } from './propose.ts';
import { isKnownByMeaning } from './sameness.ts';
import type { Fact } from './section.ts';

/** A question that memories may be sent with, or proposed from. */
interface RecallRequest {
  profile: string;
  chatId: string;
  /** The project of its chat. */
  projectId?: string | undefined;
  text: string;
}

/** What a chat turn needs of memories. Only `propose` waits for a model. No call fails a turn. */
export interface TurnMemories {
  /** The memories to send with the question, in a stable order. */
  recall(request: RecallRequest, signal: AbortSignal): Promise<Fact[]>;
  /** Stores a proposal when the message says something new that is worth remembering. */
  propose(request: RecallRequest & { messageId: string }, signal: AbortSignal): Promise<StoredMemory | undefined>;
  /** Counts an answer that was made with these memories. */
  used(profile: string, memoryIds: readonly string[]): void;
}

/**
 * Lives as long as the daemon. Calls with a memory's id throw UserError `memory-not-found` when the profile has no such
 * memory.
 */
export interface UserMemories extends TurnMemories {
  /** Accepted and proposed ones, the oldest first. */
  list(profile: string): Promise<StoredMemory[]>;
  /** Throws UserErrors `memory-exists`, `memory-secret` and `memory-empty`, as does `update`. */
  add(profile: string, memory: { text: string; projectId?: string }): Promise<StoredMemory>;
  /** `projectId: null` makes it hold everywhere. */
  update(
    profile: string,
    memoryId: string,
    change: { text?: string; enabled?: boolean; projectId?: string | null },
  ): Promise<StoredMemory>;
  /** Turns a proposal into a memory, with `text` in place of its own if given. */
  accept(profile: string, memoryId: string, change: { text?: string }): Promise<StoredMemory>;
  /** Rejects a proposal; it is not proposed again. */
  dismiss(profile: string, memoryId: string): Promise<void>;
  delete(profile: string, memoryId: string): Promise<void>;
}

export interface MemoriesDeps {
  memoriesOf(profile: string): Memories;
  find: Find;
  embedder: Pick<Embedder, 'embed'>;
  estimateTokens(text: string): number;
  /** Called when a profile's memories have changed, since its cached answers were made with the old ones. */
  onChange(profile: string): void;
  now(): number;
  log: Log;
}

export function createMemories(deps: MemoriesDeps): UserMemories {
  const { memoriesOf, onChange, log, now } = deps;

  const changed = async <T>(profile: string, change: Promise<T>): Promise<T> => {
    const result = await change;
    onChange(profile);
    return result;
  };
  const refuseCopy = async (
    profile: string,
    text: string,
    { exceptId, projectId }: { exceptId?: string; projectId?: string | undefined },
  ): Promise<void> => {
    const others = (await memoriesOf(profile).list()).filter(
      ({ id, state }) => id !== exceptId && state === 'accepted',
    );
    if (isKnown(text, others, projectId))
      throw new UserError('memory-exists', 'You already have this memory. Edit it, or turn it on.');
  };

  return {
    ...turnMemories(deps),
    list: async (profile) => (await memoriesOf(profile).list()).filter(({ state }) => state !== 'dismissed'),
    async add(profile, { text, projectId }) {
      const fact = checked(text);
      await refuseCopy(profile, fact, { projectId });
      return await changed(
        profile,
        memoriesOf(profile).add({ text: fact, state: 'accepted', ...(projectId !== undefined && { projectId }) }),
      );
    },
    async update(profile, memoryId, { text, ...change }) {
      const fact = text === undefined ? undefined : checked(text);
      if (fact !== undefined)
        await refuseCopy(profile, fact, { exceptId: memoryId, projectId: change.projectId ?? undefined });
      return await changed(
        profile,
        memoriesOf(profile).update(memoryId, { ...change, ...(fact !== undefined && { text: fact }) }),
      );
    },
    async accept(profile, memoryId, { text }) {
      const fact = text === undefined ? undefined : checked(text);
      return await changed(
        profile,
        memoriesOf(profile).update(memoryId, {
          state: 'accepted',
          enabled: true,
          ...(fact !== undefined && { text: fact }),
        }),
      );
    },
    async dismiss(profile, memoryId) {
      await changed(profile, memoriesOf(profile).update(memoryId, { state: 'dismissed' }));
      log.debug({ memoryId }, 'a memory was dismissed');
    },
    delete: (profile, memoryId) => changed(profile, memoriesOf(profile).delete(memoryId)),
    used(profile, memoryIds) {
      if (memoryIds.length > 0)
        memoriesOf(profile)
          .markUsed(memoryIds, now())
          .catch((error: unknown) => log.warn({ error: String(error) }, 'the use of memories was not counted'));
    },
  };
}

function turnMemories({
  memoriesOf,
  find,
  embedder,
  estimateTokens,
  log,
}: MemoriesDeps): Pick<TurnMemories, 'recall' | 'propose'> {
  const orNothing = async <T>(
    work: Promise<T>,
    { what, signal }: { what: string; signal: AbortSignal },
  ): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (!signal.aborted) log.warn({ error: String(error) }, what);
      return undefined; // the turn itself reports a cancellation or a storage failure
    }
  };

  const lastChoices = new LastChoices();
  const recall = async ({ profile, chatId, projectId, text }: RecallRequest, signal: AbortSignal): Promise<Fact[]> => {
    const memories = usable(await memoriesOf(profile).list(), projectId);
    if (fitsWhole(memories, estimateTokens)) return memories;
    const found = await orNothing(
      find({ profile, query: asWords(text), kinds: ['memory'], limit: 4 * maxUsed.facts, start: 'never' }, signal),
      { what: 'memories were not searched', signal },
    );
    const hits = found?.hits.map(({ id }) => id) ?? [];
    return (
      lastChoices.reuse(chatId, memories, hits) ??
      lastChoices.keep(chatId, chooseMostRelevant(memories, hits, estimateTokens))
    );
  };

  const propose = async (
    { profile, projectId, text, messageId }: RecallRequest & { messageId: string },
    signal: AbortSignal,
  ): Promise<StoredMemory | undefined> => {
    const proposal = proposalIn(text);
    if (
      !proposal ||
      findSecrets(proposal.text).length > 0 ||
      findSecrets(text).some(({ start, end }) => proposal.text.includes(text.slice(start, end)))
    )
      return undefined;
    const scope = proposal.isOfProject ? projectId : undefined;
    const known = (await memoriesOf(profile).list()).filter((memory) => holdsIn(memory, scope));
    if (
      isKnown(proposal.text, known, scope) ||
      (await isKnownByMeaning(proposal.text, known, { embedder, signal, log }))
    )
      return undefined;
    return await memoriesOf(profile).add({
      text: proposal.text,
      state: 'proposed',
      messageId,
      ...(scope !== undefined && { projectId: scope }),
    });
  };

  return {
    recall: async (request, signal) =>
      (await orNothing(recall(request, signal), { what: 'memories were not recalled', signal })) ?? [],
    propose: (request, signal) => orNothing(propose(request, signal), { what: 'a memory was not proposed', signal }),
  };
}

const maxCharacters = 500;

/**
 * Control characters, overrides of the writing direction, and characters that hide text. A fact must read as the user
 * sees it.
 */
const invisible = /[\p{Cc}\p{Cs}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;

/** One line, without secrets. */
function checked(text: string): string {
  const fact = text.replaceAll(/\s+/gu, ' ').replaceAll(invisible, '').trim();
  if (fact === '') throw new UserError('memory-empty', "Couldn't find a fact to remember. Write one short sentence.");
  if (fact.length > maxCharacters)
    throw new UserError(
      'memory-too-long',
      `A memory can have at most ${maxCharacters} characters, because it's added to every question. Write a shorter one.`,
    );
  const [secret] = [...findSecrets(text), ...findSecrets(fact)];
  if (secret)
    throw new UserError(
      'memory-secret',
      `This contains a secret (${secret.kind}), which would be sent to models with every question. Remove it.`,
    );
  return fact;
}

function holdsIn({ projectId }: StoredMemory, scope: string | undefined): boolean {
  return projectId === undefined || projectId === scope;
}

/** Whether one of the memories says it in the same words, everywhere or in the same project. */
function isKnown(text: string, memories: readonly StoredMemory[], scope: string | undefined): boolean {
  const words = normalised(text);
  return memories.some((memory) => holdsIn(memory, scope) && normalised(memory.text) === words);
}
