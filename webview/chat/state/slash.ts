// Sends a draft that begins with a command: `/review` and `/search` are the host's work, the others are questions about code. Pure.

import { t } from '../../words.ts';
import type { Transition } from './messages.ts';
import { type SlashCommand, slashCommandOf } from './slash-commands.ts';
import { emptyDraft, type State } from './state.ts';

/** What becomes of the draft: done by the host, held until code is attached, or changed into a question. Undefined where it has no command. */
export function runSlash(state: State, at: number): Transition | { draft: State['draft'] } | undefined {
  const found = slashCommandOf(state.draft.text);
  if (!found) return undefined;
  const { command, words } = found;
  if (command.question !== undefined) return askAboutCode(state, { command, words, at });
  const isReview = command.name === 'review';
  if (!state.actions.includes(isReview ? 'run' : 'open-history'))
    return refused(state, t('/{0} needs an editor. Open the chat in VS Code.', command.name));
  return [
    { ...state, draft: emptyDraft, problem: undefined },
    [
      {
        kind: 'action',
        action: isReview
          ? { kind: 'run', what: 'review-file' }
          : { kind: 'open-history', ...(words !== '' && { query: words }) },
      },
    ],
  ];
}

function askAboutCode(
  state: State,
  { command, words, at }: { command: SlashCommand; words: string; at: number },
): Transition | { draft: State['draft'] } {
  const { attachments, pictures = [] } = state.draft;
  const hasCode = attachments.length > 0 || pictures.length > 0 || /@|```/.test(words);
  if (hasCode) return { draft: { ...state.draft, text: [command.question, words].filter(Boolean).join(' ') } };
  if (!state.actions.includes('attach'))
    return refused(state, t('Attach the code with @file, or paste it after /{0}.', command.name));
  // The host attaches the selection or the open file; the question goes out with it.
  return [{ ...state, isSendingOnAttach: at }, [{ kind: 'action', action: { kind: 'attach', what: 'code' } }]];
}

function refused(state: State, problem: string): Transition {
  return [{ ...state, problem }, [{ kind: 'focus-composer' }]];
}
