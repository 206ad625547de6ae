// Sending to a chat: everything that a turn needs before it, for every client alike. What the project keeps to itself is refused,
// mentions are looked up, the project of a new chat is found, and the turn is listed so that every client can stop it.
import { tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../base/errors.ts';
import type { Ignore } from '../../ignore/ignore.ts';
import type { SelectRequest } from '../../models/router/router.ts';
import type { SessionView } from '../../sessions/session-view.ts';
import type { StoredProject } from '../../storage/projects.ts';
import type { Contexts } from '../mentions/contexts.ts';
import type { ChatMessage, Reply, ReplyPart, TurnDeps, TurnOptions } from './chat.ts';
import type { PromptAttachment } from './prompt.ts';
import type { RunningTurns } from './running-turns.ts';
import { type AnswerQuestion, createTurns } from './turn.ts';

/** Who sends, with the policy that its client's settings name. */
interface Sender extends SessionView {
  readonly options: SessionView['options'] & { readonly policy?: SelectRequest['policy'] };
}

interface SendOptions extends TurnOptions {
  sender: Sender;
  /** The id of the sender's profile. */
  profile: string;
}

/** Lives as long as the daemon. */
export interface Chat {
  /** Throws UserError `ignored-file`, and what a turn throws; CancelledError. */
  send(message: ChatMessage, options: SendOptions): Promise<Reply>;
}

export interface ChatDeps extends TurnDeps {
  ignore: Pick<Ignore, 'isIgnored'>;
  contexts: Pick<Contexts, 'gather'>;
  /** The project that a sender works in. */
  projectOf(sender: Sender): Promise<Pick<StoredProject, 'id'> | undefined>;
  running: RunningTurns;
}

export function createChat(deps: ChatDeps): Chat {
  const answer: AnswerQuestion = createTurns(deps);
  return {
    async send(message, { sender, profile, signal, onPart }) {
      const { chatId, text, attachments = [] } = message;
      for (const attachment of attachments) await refuseIgnored(attachment, sender.roots, deps.ignore);
      const found = await deps.contexts.gather({ text, attached: attachments }, { session: sender, profile, signal });
      const projectId = chatId === undefined ? (await deps.projectOf(sender))?.id : undefined;
      using running = deps.running.begin(chatId);
      const follow = (part: ReplyPart): void => {
        if (part.kind === 'decision') running.chosen(part.chatId, part.decision.model);
        onPart(part);
      };
      const request = {
        ...message,
        profile,
        projectId,
        attachments: [...attachments, ...found.attachments],
        notes: found.notes,
        workspace: sender.roots[0],
        workspaceModel: sender.options.model,
        policy: sender.options.policy,
      };
      return await answer(request, { signal: AbortSignal.any([signal, running.signal]), onPart: follow });
    },
  };
}

/** Files that the project keeps from models are refused, from every client. */
async function refuseIgnored(
  { uri }: PromptAttachment,
  roots: readonly string[],
  ignore: Pick<Ignore, 'isIgnored'>,
): Promise<void> {
  if (uri.startsWith('dropped:')) return refuseDropped(uri, ignore);
  if (!uri.startsWith('file:')) return;
  const root = roots.find((folder) => uri.startsWith(`${folder}/`));
  const path = fileURLToPath(uri);
  const { ignored, by } = await ignore.isIgnored(path, root ? fileURLToPath(root) : dirname(path));
  if (!ignored) return;
  throw new UserError(
    'ignored-file',
    `${path} was not attached: ${by ?? 'an ignore file'} keeps it from models. Attach something else, or change that rule.`,
  );
}

/** Only the name is known of a file that was dropped on a view. */
async function refuseDropped(uri: string, ignore: Pick<Ignore, 'isIgnored'>): Promise<void> {
  const name = basename(decodeURIComponent(uri.slice('dropped:'.length)));
  const { ignored, by } = await ignore.isIgnored(name, tmpdir());
  if (ignored) throw new UserError('ignored-file', `${name} was not attached: ${by ?? 'a rule'} keeps it from models.`);
}
