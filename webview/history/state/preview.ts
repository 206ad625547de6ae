// What is shown beside the list: pages of a chat around a message, or what a review found. Pure.
import type { Message } from '../../../shared/protocol/chat.ts';
import type { Of, Transition } from './messages.ts';
import type { Row } from './rows.ts';
import type { Preview, State } from './state.ts';

/** Messages held at most. Beyond, those farthest from the reader are dropped, and loaded again on the way back. */
export const maxMessages = 300;
/** A row is loaded after it was chosen for so long, so that holding an arrow down does not load every row on the way. */
const restMs = 60;

/** Shows a row. A row whose text is all there loads nothing. */
export function startPreview(state: State, { key, kind, chatId, messageId, runId }: Row): Transition {
  const preview: Preview = {
    key,
    chatId,
    target: messageId,
    messages: [],
    older: undefined,
    hasOlder: false,
    hasNewer: false,
    findings: [],
    held: [],
    rules: [],
    coverage: undefined,
    loading: 'first',
    error: undefined,
  };
  if (kind !== 'deleted' && chatId !== undefined) {
    return [
      { ...state, preview },
      [
        {
          kind: 'load-messages',
          key,
          chatId,
          where: 'first',
          place: messageId === undefined ? {} : { around: messageId },
          known: [],
          delayMs: restMs,
        },
      ],
    ];
  }
  if (runId !== undefined) return [{ ...state, preview }, [{ kind: 'load-findings', key, runId, delayMs: restMs }]];
  return [{ ...state, preview: { ...preview, loading: undefined } }, []];
}

export function wantMessages(state: State, where: 'older' | 'newer'): Transition {
  const { preview } = state;
  const edge = where === 'older' ? preview?.messages[0] : preview?.messages.at(-1);
  if (!preview?.chatId || !edge || preview.loading !== undefined || preview.error !== undefined) return [state, []];
  if (!(where === 'older' ? preview.hasOlder : preview.hasNewer)) return [state, []];
  const place = where === 'older' && preview.older !== undefined ? { cursor: preview.older } : { around: edge.id };
  const known = preview.messages.map(({ id }) => id);
  return [
    { ...state, preview: { ...preview, loading: where } },
    [{ kind: 'load-messages', key: preview.key, chatId: preview.chatId, where, place, known, delayMs: 0 }],
  ];
}

export function loadedMessages(state: State, { key, where, messages, next, isAtEnd }: Of<'messages-loaded'>): State {
  const { preview } = state;
  if (preview?.key !== key) return state;
  const loaded: Preview = { ...preview, loading: undefined, error: undefined };
  if (where === 'first')
    return {
      ...state,
      preview: { ...loaded, messages, older: next, hasOlder: next !== undefined, hasNewer: !isAtEnd },
    };
  const known = new Set(preview.messages.map(({ id }) => id));
  const fresh = messages.filter(({ id }) => !known.has(id));
  if (where === 'older') {
    const all = [...fresh, ...preview.messages];
    const kept = all.slice(0, maxMessages);
    return {
      ...state,
      preview: {
        ...loaded,
        messages: kept,
        older: next,
        hasOlder: next !== undefined,
        hasNewer: preview.hasNewer || kept.length < all.length,
      },
    };
  }
  const now = new Map(messages.map((message) => [message.id, message])); // an answer may have gone on
  const all = [...preview.messages.map((message) => now.get(message.id) ?? message), ...fresh];
  const kept: readonly Message[] = all.slice(-maxMessages);
  const hasDropped = kept.length < all.length;
  return {
    ...state,
    preview: {
      ...loaded,
      messages: kept,
      older: hasDropped ? undefined : preview.older,
      hasOlder: hasDropped || preview.hasOlder,
      hasNewer: !isAtEnd && fresh.length > 0,
    },
  };
}

export function loadedFindings(state: State, { key, findings, held, rules, coverage }: Of<'findings-loaded'>): State {
  const { preview } = state;
  return preview?.key === key
    ? { ...state, preview: { ...preview, findings, held, rules, coverage, loading: undefined } }
    : state;
}

export function failedPreview(state: State, { key, message }: Of<'preview-failed'>): State {
  const { preview } = state;
  return preview?.key === key ? { ...state, preview: { ...preview, loading: undefined, error: message } } : state;
}
