// What of a chat's older messages bears on a question: found by the search that the user has, within the chat and its branch.
import type { Log } from '../../../base/log.ts';
import type { Exchange, OlderMessages } from '../../../storage/older-messages.ts';
import type { Find } from '../../search/search.ts';
import { nameOf, type PromptAttachment } from '../prompt.ts';
import type { FoundExchange, Older } from '../window.ts';
import { hasAny, wordsOf } from './passage.ts';

export interface RecollectRequest {
  profile: string;
  chatId: string;
  /** The last message of the branch: the question, or the answer that is to be replaced. */
  messageId: string;
  /** The question in the user's own words. */
  text: string;
}

export interface RecollectDeps {
  olderOf(profile: string): OlderMessages<{ attachment: PromptAttachment }>;
  find: Find;
  /** Whether summaries are used. */
  hasSummaries(): boolean;
  log: Log;
}

/** Hits to search for: many of them may be recent messages, which are in the prompt already. */
const maxHits = 60;
/** The wait for the question's embedding. A model that must be loaded first takes longer; then only words are searched. */
const maxWaitMs = 300;
/** A message without a word of the question counts only among this many nearest by embedding. */
const nearest = 6;

/** Never throws: where the search fails, the question is answered without it. The signal ends it early. */
export async function recollect(
  parts: RecollectDeps,
  { profile, chatId, messageId, text }: RecollectRequest,
  signal: AbortSignal,
): Promise<Older> {
  const { olderOf, find, hasSummaries, log } = parts;
  const words = wordsOf(text);
  const hits =
    words.length === 0
      ? []
      : await orNothing(
          async () =>
            (
              await find(
                {
                  profile,
                  query: words.join(' '),
                  meaning: text,
                  kinds: ['message'],
                  chat: chatId,
                  limit: maxHits,
                  waitMs: maxWaitMs,
                  start: 'never',
                },
                signal,
              )
            ).hits,
        );
  const found = await orNothing(async () => [
    await olderOf(profile).before(
      chatId,
      messageId,
      hits.map(({ id }) => id),
    ),
  ]);
  const { exchanges = [], summary } = found[0] ?? {};
  const close = new Set(
    hits
      .filter(({ by }) => by.includes('vector'))
      .slice(0, nearest)
      .map(({ id }) => id),
  );
  const bears = ({ turns }: FoundExchange): boolean =>
    turns.some(({ id, content }) => close.has(id) || hasAny(content, words));
  const ids = new Set(hits.map(({ id }) => id));
  return {
    words,
    exchanges: exchanges.map((exchange) => toFound(exchange, ids)).filter(bears),
    ...(summary && hasSummaries() && { summary }),
  };

  async function orNothing<T>(work: () => Promise<T[]>): Promise<T[]> {
    try {
      return await work();
    } catch (error) {
      if (!signal.aborted) log.warn({ error: String(error) }, 'older messages were not found again');
      return []; // the turn says itself that it was stopped, or that storage fails
    }
  }
}

/** Attachments are named without their text: the exchange is quoted for what was said. */
function toFound(
  { place, messages }: Exchange<{ attachment: PromptAttachment }>,
  hits: ReadonlySet<string>,
): FoundExchange {
  const said = messages.filter(({ text }) => text !== '');
  return {
    place,
    turns: said.map(({ id, role, text, attachments }) => ({
      id,
      role,
      content: `${text}${attached(attachments)}`,
      ...(!hits.has(id) && { isBeside: true }),
    })),
  };
}

export function attached(attachments: readonly PromptAttachment[] = []): string {
  return attachments.length === 0
    ? ''
    : `\n(attached then: ${attachments
        .slice(0, 5)
        .map(({ uri }) => nameOf(uri))
        .join(', ')})`;
}
