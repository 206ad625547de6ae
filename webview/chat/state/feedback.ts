// What the user asks and says about answers: why this model, thumbs, and the places that they cite. Pure; a part of the update.
import { t } from '../../words.ts';
import type { Effect, Of, Transition } from './messages.ts';
import type { Explanation, State } from './state.ts';
import { changeEntry, entriesOf } from './transcript.ts';

/** The record is asked for each time it is opened: how the request ended may have become known. */
export function explain(state: State, { decisionId, open }: Of<'explained'>): Transition {
  const { [decisionId]: before, ...others } = state.explanations;
  if (!open) return [{ ...state, explanations: others }, []];
  const { chatId, context } = entriesOf(state.transcript).findLast(({ decision }) => decision?.id === decisionId) ?? {};
  const found: Effect[] =
    chatId !== undefined && context?.found?.length
      ? [{ kind: 'load-found', decisionId, chatId, ids: context.found }]
      : [];
  return [
    withExplanation(state, decisionId, before ?? { state: 'loading' }),
    [{ kind: 'load-decision', decisionId }, ...found],
  ];
}

/** Ignored where the explanation was closed meanwhile. */
export function explained(state: State, decisionId: string, explanation: Explanation): State {
  const before = state.explanations[decisionId];
  return before
    ? withExplanation(state, decisionId, { ...explanation, ...(before.found && { found: before.found }) })
    : state;
}

export function foundAgain(state: State, { decisionId, found }: Of<'found-loaded'>): State {
  const before = state.explanations[decisionId];
  return before ? withExplanation(state, decisionId, { ...before, found }) : state;
}

/** Shown at once; should the daemon refuse, the page is asked for again. */
export function rate(state: State, { key, thumbs }: Of<'rated'>): Transition {
  const entry = entriesOf(state.transcript).find((one) => one.key === key);
  const decisionId = entry?.decision?.id;
  if (!entry || decisionId === undefined) return [state, []];
  const transcript = changeEntry(state.transcript, key, { thumbs });
  return [
    {
      ...state,
      transcript,
      announcement: thumbs ? t('Thanks. Switchyard will use this to choose models.') : t('Taken back.'),
    },
    [{ kind: 'rate', decisionId, chatId: entry.chatId, thumbs }],
  ];
}

const maxPathsAtOnce = 50;
const maxPaths = 500;

/** Asks the host about each path once. A path is no link until the host has confirmed it. */
export function citePaths(state: State, paths: readonly string[]): Transition {
  const known = state.confirmedPaths;
  const wanted = paths.filter((path) => !Object.hasOwn(known, path)).slice(0, maxPathsAtOnce);
  if (wanted.length === 0 || Object.keys(known).length >= maxPaths) return [state, []];
  const confirmedPaths = { ...known, ...Object.fromEntries(wanted.map((path) => [path, undefined])) };
  return [{ ...state, confirmedPaths }, [{ kind: 'action', action: { kind: 'confirm-paths', paths: wanted } }]];
}

/** Paths that were not asked about are ignored: a host may confirm only those. */
export function confirmPaths(state: State, places: readonly { path: string; uri: string }[]): State {
  const known = places.filter(({ path }) => Object.hasOwn(state.confirmedPaths, path));
  if (known.length === 0) return state;
  return {
    ...state,
    confirmedPaths: { ...state.confirmedPaths, ...Object.fromEntries(known.map(({ path, uri }) => [path, uri])) },
  };
}

function withExplanation(state: State, decisionId: string, explanation: Explanation): State {
  return { ...state, explanations: { ...state.explanations, [decisionId]: explanation } };
}
