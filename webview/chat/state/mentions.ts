// What happens while a question is written: `@` is typed, files are given. Pure; a part of the update.
import type { Attachment } from '../../../shared/protocol/chat.ts';
import { editorMentions } from '../composer/mentions.ts';
import type { Effect, Of, Transition } from './messages.ts';
import { withPictures } from './pictures.ts';
import { isSlash } from './slash-commands.ts';
import type { State } from './state.ts';

/** Asks the editor for its attachments (problems, terminal, …) as soon as they are mentioned. */
export function typeDraft(state: State, text: string): Transition {
  const before = editorMentions(state.draft.text);
  const mentioned = state.actions.includes('attach')
    ? editorMentions(text).filter((kind) => !before.includes(kind))
    : [];
  const effects = mentioned.map((what): Effect => ({ kind: 'action', action: { kind: 'attach', what } }));
  if (isSlash(text) && !isSlash(state.draft.text)) effects.push({ kind: 'load-prompts' }); // files come and go
  return [{ ...state, draft: { ...state.draft, text }, isSendingOnAttach: undefined }, effects];
}

/** Asks what the index knows. While the kind is typed and nothing more, there is nothing to ask for. */
export function typeMention(state: State, { typed }: Of<'mention-typed'>): Transition {
  const { mention } = state;
  if (!typed) return mention ? [{ ...state, mention: undefined }, []] : [state, []];
  if (mention && mention.typed.kind === typed.kind && mention.typed.query === typed.query)
    return [{ ...state, mention: { ...mention, typed } }, []];
  // What was found before stays until the answer comes, so that the list does not flicker; of another kind it would be wrong.
  const items = mention && mention.typed.kind === typed.kind ? mention.items : [];
  const isAsked = typed.kind !== undefined || typed.query !== '';
  if (!isAsked) return [{ ...state, mention: { typed, items: [], note: undefined, isLoading: false } }, []];
  return [
    { ...state, mention: { typed, items, note: mention?.note, isLoading: true } },
    [{ kind: 'suggest', of: typed.kind, query: typed.query }],
  ];
}

/** Ignores an answer to a mention that is no longer typed. */
export function suggested(state: State, { of, query, items, note }: Of<'suggested'>): State {
  const { mention } = state;
  if (!mention || mention.typed.kind !== of || mention.typed.query !== query) return state;
  return { ...state, mention: { ...mention, items, note, isLoading: false } };
}

export function attach(state: State, attachment: Attachment): Transition {
  return [withAttachments(state, [attachment]), [{ kind: 'focus-composer' }]];
}

/** Files that were dropped or pasted, and why some could not be taken. */
export function takeFiles(state: State, { attachments, pictures = [], refusals }: Of<'files-given'>): Transition {
  const taken = withAttachments(state, attachments);
  const pictured = withPictures(taken.draft, pictures);
  const problem = [...refusals, ...pictured.refusals].join(' ');
  return [{ ...taken, draft: pictured.draft, ...(problem && { problem }) }, [{ kind: 'focus-composer' }]];
}

function withAttachments(state: State, added: readonly Attachment[]): State {
  const others = state.draft.attachments.filter((other) => !added.some((attachment) => isSame(other, attachment)));
  return { ...state, draft: { ...state.draft, attachments: [...others, ...added] } };
}

function isSame(one: Attachment, other: Attachment): boolean {
  return one.uri === other.uri && JSON.stringify(one.range) === JSON.stringify(other.range);
}
