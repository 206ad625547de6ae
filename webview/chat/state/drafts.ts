// What is typed and attached belongs to its chat, and waits there while another chat is shown. Pure; a part of the update.
import { type Draft, emptyDraft, type State } from './state.ts';

/** The key under which the draft of a new chat waits. */
const newChatKey = '';
const maxWaiting = 50;

/** The draft of the chat that is gone to; the one of the chat that is left waits. Going nowhere else changes nothing. */
export function draftsOnLeaving(state: State, to: string | undefined): Pick<State, 'draft' | 'drafts' | 'editing'> {
  const draft = state.editing?.before ?? state.draft;
  const [from, next] = [state.chatId ?? newChatKey, to ?? newChatKey];
  if (from === next) return { draft, drafts: state.drafts, editing: undefined };
  const { [from]: _left, [next]: wanted = emptyDraft, ...others } = state.drafts;
  const drafts = isEmpty(draft) ? others : { ...others, [from]: draft };
  return { draft: wanted, drafts: Object.fromEntries(Object.entries(drafts).slice(-maxWaiting)), editing: undefined };
}

/** The draft of a chat that is gone moves to the new chat that is shown instead, unless something is typed there. */
export function rescueDraft(state: State, lost: Draft): State {
  return isEmpty(lost) || !isEmpty(state.draft) ? state : { ...state, draft: lost };
}

export function isEmpty({ text, attachments, pictures = [] }: Draft): boolean {
  return text.trim() === '' && attachments.length === 0 && pictures.length === 0;
}
