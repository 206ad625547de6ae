// Wire <-> domain for completion as you type.
import {
  type CompletionFilter,
  type CompletionForget,
  type CompletionOutcome,
  type InlineCompletion,
  type InlineCompletionItem,
  inlineTrigger,
  type ListCompletion,
  type ListCompletionItem,
} from '../../shared/protocol/completion.ts';
import type { Suggestion } from '../features/completion/completion.ts';
import type { Session } from '../sessions/session.ts';
import type { Handler } from './handler.ts';

export const handleInlineCompletion: Handler<typeof InlineCompletion, 'completions', 'own-or-none'> = async (
  { textDocument, position, context },
  { session, services, profile, signal },
) => {
  const isInvoked = context.triggerKind === inlineTrigger.invoked;
  const document = session.document(textDocument.uri);
  if (!document || (!isInvoked && isSnoozed(session))) return { items: [] };
  const {
    suggestion,
    others = [],
    why,
    read,
  } = await services.completions.suggest(
    {
      profile,
      snippet: session.snippet({ uri: textDocument.uri }),
      position,
      offset: document.offsetAt(position),
      isInvoked,
      ...(context.selectedCompletionInfo && { selected: context.selectedCompletionInfo }),
    },
    session,
    signal,
  );
  return {
    items: [...(suggestion ? [suggestion] : []), ...others].map((each) => toItem(each, session)),
    ...(isInvoked && why !== undefined && { note: why }),
    ...(read && { read }),
  };
};

function isSnoozed({ snoozedUntil }: Session): boolean {
  return Date.now() < snoozedUntil;
}

function toItem({ text, range, ...data }: Suggestion, session: Session): InlineCompletionItem {
  return { insertText: text, range, ...acceptedCommand(data.id, session), data };
}

/** LSP doesn't tell what a user asked for from what an editor asks for at a pause: it is treated as typing. */
export const handleListCompletion: Handler<typeof ListCompletion, 'completions', 'own-or-none'> = async (
  { textDocument: { uri }, position },
  { session, services, profile, signal },
) => {
  const document = session.document(uri);
  if (!document || isSnoozed(session)) return { isIncomplete: true, items: [] };
  const offset = document.offsetAt(position);
  const query = { profile, snippet: session.snippet({ uri }), position, offset, isInvoked: false };
  const { suggestion } = await services.completions.suggest(query, session, signal);
  const [word = ''] = wordAtEnd.exec(document.getText({ start: { ...position, character: 0 }, end: position })) ?? [];
  return { isIncomplete: true, items: suggestion ? [toListItem(suggestion, word, session)] : [] };
};

const wordAtEnd = /[\p{L}\p{N}_]*$/u;

function toListItem({ id, text, range, model }: Suggestion, word: string, session: Session): ListCompletionItem {
  const newText = word + text;
  const [first = '', ...more] = newText.trim().split(/\r?\n/);
  const { line, character } = range.start;
  const start = { line, character: character - word.length };
  return {
    label: more.length > 0 ? `${first} …` : first,
    kind: 1,
    detail: model,
    ...(newText.includes('\n') && { documentation: newText }),
    filterText: newText,
    textEdit: { range: { start, end: range.end }, newText },
    ...acceptedCommand(id, session),
  };
}

/** For clients that know commands alone: they run it when their user has accepted. */
function acceptedCommand(id: string, { options }: Session): Pick<InlineCompletionItem, 'command'> {
  if (options.ownCommands) return {};
  return { command: { title: '', command: 'switchyard.completionAccepted', arguments: [{ id }] } };
}

export const handleCompletionOutcome: Handler<typeof CompletionOutcome, 'completions'> = async (
  { id, accepted, keptAfterMs },
  { services, profile },
) => {
  await services.completions.settle(profile, id, {
    ...(accepted !== undefined && { accepted }),
    ...(keptAfterMs !== undefined && { keptAfterMs }),
  });
  return {};
};

export const handleCompletionFilter: Handler<typeof CompletionFilter, 'completions'> = async (
  _params,
  { services, profile },
) => await services.completions.learned(profile);

export const handleCompletionForget: Handler<typeof CompletionForget, 'completions'> = async (
  _params,
  { services, profile },
) => {
  await services.completions.forgetLearned(profile);
  return {};
};
