// The visible rule by which a conversation becomes a prompt. Pinned messages and the question are always in it, then as many of the
// newest messages as the model holds, whole. Of older messages it has the exchanges that bear on the question, and a summary of the
// rest where there is one. Everything else is left out of the prompt, never out of the transcript. Pure.

import { bytesPerToken, estimatePictureTokens, estimateTokens } from '../../base/tokens.ts';
import type { StoredContext } from '../../storage/messages.ts';
import type { StoredSummary } from '../../storage/older-messages.ts';
import type { PromptTurn } from './fit.ts';
import { passage } from './history-window/passage.ts';
import { foundText, prefaceText, quoted, summaryText, withBlocks } from './prompt.ts';

export interface Context {
  /** In reading order, beginning with the user. What is pinned or summarised stands in front of the first, what was found in front of the last. */
  turns: Pick<PromptTurn, 'role' | 'content' | 'images'>[];
  /** What went in, for the answer's record. */
  included: StoredContext;
}

/** What there is of the messages that a prompt may not hold. */
export interface Older {
  /** Exchanges that bear on the question, the best first. */
  exchanges: readonly FoundExchange[];
  /** What the question is about: where an exchange is cut, these words stay. */
  words?: readonly string[];
  /** Of the beginning of the branch. */
  summary?: Pick<StoredSummary, 'messageId' | 'covers' | 'place' | 'text' | 'model'> | undefined;
}

export interface FoundExchange {
  /** Where it begins in its branch. */
  place: number;
  /** `isBeside`: it goes along for the other one, and briefly. */
  turns: readonly (Pick<PromptTurn, 'id' | 'role' | 'content'> & { isBeside?: boolean })[];
}

export interface ContextOptions {
  /** What the model holds; everything goes along when it is unknown. */
  contextTokens: number | undefined;
  systemTokens: number;
  /** Above 1 it tightens the rule, after a model has found the estimate too low. */
  scale: number;
  /** Messages of the branch from before `turns`. */
  earlier?: number;
  older?: Older | undefined;
}

const tokensPerTurn = 8; // role markers of chat templates
const tokensPerHeading = 60; // of the words around what is pinned, summarised or found
/** Share of the context kept free for the answer. */
const answerShare = 0.25;
/** Shares of the context that older messages may take; together never more than half of what the question and the pinned ones leave. */
const foundShare = 0.15;
const summaryShare = 0.1;
const maxExchanges = 8;
/** Each of their messages gives at most this many bytes, and at most this share of what all may take: the part that bears on the question. */
const maxOfTurn = 3000;
const turnShare = 0.4;
const besideShare = 0.25;
/** The newest messages shift in steps, as a share of those that fit. Between steps a prompt keeps its beginning, which a server has cached. */
const stepShare = 0.25;

/**
 * The last turn (the question) always goes along, as do pinned ones: when they alone are too long, the model refuses them, and the
 * user is told so.
 */
export function contextFor(turns: readonly PromptTurn[], options: ContextOptions): Context {
  const kept = olderFor(turns, firstRecent(turns, options, 0), options);
  const first = firstRecent(turns, options, kept.tokens);
  const recent = turns.slice(first);
  const pinned = turns.slice(0, first).filter((turn) => turn.pinned);
  const begin = recent[0];
  const preface = prefaceText({ pinned, summary: kept.summary?.text });
  const found = foundText(kept.exchanges.map((exchange) => exchange.turns));
  return {
    turns: recent.map(({ role, content, images }, index) => ({
      role,
      ...(images && { images }),
      content: withBlocks([index === 0 ? preface : '', index === recent.length - 1 ? found : ''], content),
    })),
    included: {
      pinned: turns.filter((turn) => turn.pinned).map(({ id }) => id),
      recent: recent.length,
      ...(begin && { firstRecent: begin.id }),
      ...counts(turns, first, kept, options.earlier ?? 0),
    },
  };
}

interface Kept {
  /** In reading order. */
  exchanges: FoundExchange[];
  summary: Older['summary'];
  /** What they take, headings included. */
  tokens: number;
}

/** What goes along of the messages before `first`. */
function olderFor(
  turns: readonly PromptTurn[],
  first: number,
  { older, earlier = 0, ...options }: ContextOptions,
): Kept {
  if (!older || (first === 0 && earlier === 0)) return { exchanges: [], summary: undefined, tokens: 0 };
  const { room, needed, size } = measure(turns, options);
  const { scale } = options;
  const most = Math.max(0, room - needed) / 2;
  const summary = older.summary && shortened(older.summary, Math.min(size * summaryShare, most) / scale);
  const summaryTokens = summary ? (estimateTokens(summaryText(summary.text)) + tokensPerHeading) * scale : 0;
  // Pinned and recent messages are in the prompt already.
  const shown = new Set(turns.filter(({ pinned }, index) => pinned || index >= first).map(({ id }) => id));
  let left = Math.min(size * foundShare, most - summaryTokens) - tokensPerHeading * scale;
  const maxBytes = Math.min(maxOfTurn, (left / scale) * bytesPerToken * turnShare);
  const exchanges: FoundExchange[] = [];
  for (const { place, turns: both } of older.exchanges) {
    const fresh = both
      .filter(({ id }) => !shown.has(id))
      .map((turn) => ({
        ...turn,
        content: passage(
          turn.content,
          older.words ?? [],
          charactersOf(turn.content, turn.isBeside ? maxBytes * besideShare : maxBytes),
        ),
      }));
    const tokens = (estimateTokens(quoted(fresh)) + 1) * scale;
    if (fresh.length === 0 || tokens > left || exchanges.length >= maxExchanges) continue;
    left -= tokens;
    for (const { id } of fresh) shown.add(id);
    exchanges.push({ place, turns: fresh });
  }
  exchanges.sort((a, b) => a.place - b.place);
  const foundTokens =
    exchanges.length === 0
      ? 0
      : (estimateTokens(foundText(exchanges.map((exchange) => exchange.turns))) + tokensPerTurn) * scale;
  return { exchanges, summary, tokens: summaryTokens + foundTokens };
}

/** How many characters of a text fit into this many bytes, on average. */
function charactersOf(text: string, bytes: number): number {
  return Math.max(0, Math.floor((bytes * text.length) / Math.max(1, Buffer.byteLength(text))));
}

const minSummary = 40; // tokens: less says nothing

/** The beginning of a summary that was made for a model which holds more. */
function shortened(summary: NonNullable<Older['summary']>, maxTokens: number): Older['summary'] {
  const room = Math.floor(maxTokens - tokensPerHeading);
  if (estimateTokens(summaryText(summary.text)) <= room) return summary;
  if (room < minSummary) return undefined;
  const characters = Math.floor((summary.text.length * (room - 10)) / estimateTokens(summary.text));
  return { ...summary, text: `${summary.text.slice(0, characters).toWellFormed()} …` };
}

/** Each message from before the newest ones counts once: as pinned, found again, summarised or left out. */
function counts(
  turns: readonly PromptTurn[],
  first: number,
  { exchanges, summary }: Kept,
  earlier: number,
): Pick<StoredContext, 'found' | 'summarised' | 'summary' | 'leftOut'> {
  const found = exchanges.flatMap(({ place, turns }) => turns.map(({ id }, index) => ({ id, place: place + index })));
  const before = turns.slice(0, first);
  const known = new Map(turns.map(({ id }, index) => [id, index])); // a summary may reach into the newest messages
  const end = summary ? (known.get(summary.messageId) ?? -1) : -1;
  const isCovered = ({ id, place }: { id: string; place: number }): boolean =>
    summary !== undefined && (known.has(id) ? (known.get(id) ?? 0) <= end : place <= summary.place);
  const unpinned = before.filter(({ pinned }) => !pinned).length + earlier;
  const covered =
    before.slice(0, end + 1).filter(({ pinned }) => !pinned).length + (summary ? Math.min(earlier, summary.covers) : 0);
  const summarised = covered - found.filter(isCovered).length;
  return {
    ...(found.length > 0 && { found: found.map(({ id }) => id) }),
    ...(summary && summarised > 0 && { summarised, summary: { text: summary.text, model: summary.model } }),
    leftOut: unpinned - found.length - Math.max(0, summarised),
  };
}

type Room = Pick<ContextOptions, 'contextTokens' | 'systemTokens' | 'scale'>;

function costOf({ content, images = [] }: PromptTurn, scale: number): number {
  const pictures = images.reduce((sum, image) => sum + estimatePictureTokens(image), 0);
  return (estimateTokens(content) + pictures + tokensPerTurn) * scale;
}

/** In tokens: what the model holds, what of it is for the conversation, and what the question and the pinned messages take. */
function measure(
  turns: readonly PromptTurn[],
  { contextTokens, systemTokens, scale }: Room,
): { size: number; room: number; needed: number } {
  const size = contextTokens ?? turns.reduce((sum, turn) => sum + costOf(turn, 1), 0);
  const last = turns.length - 1;
  const needed = turns
    .filter(({ pinned }, index) => pinned || index === last)
    .reduce((sum, turn) => sum + costOf(turn, scale), 0);
  const heading = turns.some(({ pinned }) => pinned) ? tokensPerHeading * scale : 0;
  return { size, room: size * (1 - answerShare) - systemTokens, needed: needed + heading };
}

/** Where the newest messages begin that fit beside what is reserved for older ones. */
function firstRecent(
  turns: readonly PromptTurn[],
  { earlier = 0, ...options }: ContextOptions,
  reserved: number,
): number {
  if (options.contextTokens === undefined && options.scale === 1)
    return beginWithUser(turns, inSteps(turns.length, 0, earlier));
  const { room, needed } = measure(turns, options);
  let used = needed + reserved;
  let first = turns.length - 1;
  for (; first > 0; first--) {
    const turn = turns[first - 1];
    if (turn && !turn.pinned) used += costOf(turn, options.scale);
    if (used > room) break;
  }
  return beginWithUser(turns, inSteps(turns.length, first, earlier));
}

/** Rounds up to a place in the branch that stays while the chat grows a little. */
function inSteps(length: number, first: number, earlier: number): number {
  if (first + earlier === 0) return 0;
  const step = 2 ** Math.floor(Math.log2(Math.max(1, (length - first) * stepShare)));
  return Math.max(0, Math.min(length - 1, Math.ceil((first + earlier) / step) * step - earlier));
}

/** An answer without its question would confuse the model. */
function beginWithUser(turns: readonly PromptTurn[], first: number): number {
  const found = turns.findIndex(({ role }, index) => index >= first && role === 'user');
  return found < 0 ? Math.min(first, turns.length - 1) : found;
}
