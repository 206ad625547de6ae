// Sending to a chat: everything that a turn needs before it, for every client alike. What the project keeps to itself is refused,
// mentions are looked up, the project of a new chat is found, and the turn is listed so that every client can stop it.
import { toPath } from '../../base/uri.ts';
import type { ModelGate } from '../../ignore/gate.ts';
import type { SelectRequest } from '../../models/router/router.ts';
import type { SessionView } from '../../sessions/session-view.ts';
import type { StoredProject } from '../../storage/projects.ts';
import { withPromptFile } from '../agent/guidance/prompt-files.ts';
import type { Contexts } from '../mentions/contexts.ts';
import type { AttachedPictures, TakenPicture } from '../vision/attached.ts';
import type { ChatMessage, GivenAttachment, Reply, ReplyPart, TurnDeps, TurnOptions } from './chat.ts';
import { withoutKeptProblems } from './kept-problems.ts';
import { createPictureTurns, type PictureTurnDeps } from './picture-turn.ts';
import { isPicture, type PromptAttachment } from './prompt.ts';
import type { RunningTurns } from './running-turns.ts';
import { type AnswerQuestion, createTurns } from './turn.ts';
import { refuseWhileTaskWaits } from './waiting-task.ts';

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
  /** Throws UserErrors `ignored-file` and `task-waits`, and what a turn throws; CancelledError. */
  send(message: ChatMessage, options: SendOptions): Promise<Reply>;
}

export interface ChatDeps extends TurnDeps {
  gate: ModelGate;
  contexts: Pick<Contexts, 'gather'>;
  pictures: Pick<AttachedPictures, 'take' | 'find'>;
  /** The project that a sender works in. */
  projectOf(sender: Sender): Promise<Pick<StoredProject, 'id'> | undefined>;
  running: RunningTurns;
  /** Prompts that a project keeps in files are used in folders that the sender trusts. */
  trust: { trusts(sender: Sender, file: string): Promise<boolean> };
  /** What a mode says, by its name. Throws UserErrors where it can't be talked in; left out, no mode says anything. */
  modes?(name: string): Promise<TalkingMode>;
  /** Makes what is described in a mode that makes pictures; left out, there is none. */
  pictureMaker?: PictureTurnDeps['pictureMaker'];
}

interface TalkingMode {
  prompt: string;
  /** `provider/model`, where it prefers one. */
  model?: string | undefined;
  /** Whether a kept answer may be used. */
  cache: boolean;
  /** What answers in it, in place of a text. */
  makes?: 'picture' | 'video' | undefined;
}

export function createChat(deps: ChatDeps): Chat {
  const answer: AnswerQuestion = createTurns(deps);
  const { pictureMaker } = deps;
  const makePicture = pictureMaker && createPictureTurns({ ...deps, pictureMaker });
  return {
    async send(message, { sender, profile, signal, onPart }) {
      const { chatId, attachments = [] } = message;
      const roots = sender.roots.flatMap((root) => toPath(root) ?? []);
      const trusts = (file: string): Promise<boolean> => deps.trust.trusts(sender, file);
      const [text] = await Promise.all([
        withPromptFile(message.text, { roots, gate: deps.gate, trusts }),
        isNewQuestion(message) && refuseWhileTaskWaits(deps.storage.in(profile), chatId),
      ]);
      const mode = message.mode === undefined ? undefined : await deps.modes?.(message.mode);
      const projectId = chatId === undefined ? (await deps.projectOf(sender))?.id : undefined;
      using running = deps.running.begin(chatId);
      const follow = (part: ReplyPart): void => {
        if (part.kind === 'decision') running.chosen(part.chatId, part.decision.model);
        onPart(part);
      };
      const options = { signal: AbortSignal.any([signal, running.signal]), onPart: follow };
      const asked = {
        ...{ ...message, text, profile, projectId, model: message.model ?? mode?.model },
        workspace: sender.roots[0],
      };
      if (makePicture && mode?.makes === 'picture') return await makePicture(asked, options);
      const found = await deps.contexts.gather({ text, attached: attachments }, { session: sender, profile, signal });
      const { seen, ...sent } = await takeAttachments(deps, attachments, { profile, roots: sender.roots, signal });
      const given = await withoutKeptProblems(found.attachments, sender.roots, deps.gate);
      const request = {
        ...asked,
        modeWords: mode?.prompt,
        noCache: message.noCache ?? mode?.cache === false,
        attachments: [...sent.attachments, ...given.attachments],
        pictures: new Map(seen.map((picture) => [picture.facts.hash, picture])),
        notes: [...found.notes, ...given.notes, ...sent.notes],
        workspaceModel: sender.options.model,
        windowPolicy: sender.options.policy,
      };
      return await answer(request, options);
    },
  };
}

/** Rather than another version of one, or of its answer. */
function isNewQuestion({ retryOf, editOf, continueOf }: ChatMessage): boolean {
  return retryOf === undefined && editOf === undefined && continueOf === undefined;
}

/**
 * What goes along with a question or a task, as it is stored, with its pictures, which aren't. Throws UserError `ignored-file` and what
 * `AttachedPictures.take` throws.
 */
export async function takeAttachments(
  { gate, pictures }: Pick<ChatDeps, 'gate' | 'pictures'>,
  given: readonly GivenAttachment[],
  owner: Parameters<AttachedPictures['take']>[1],
): Promise<{ attachments: PromptAttachment[]; notes: string[]; seen: TakenPicture[] }> {
  const { roots } = owner;
  for (const { uri } of given) await gate.refuseKept(uri, roots, "wasn't attached");
  const seen = await pictures.take(given.filter(isPicture), owner);
  const { attachments, notes } = await withoutKeptProblems(withFacts(given, seen), roots, gate);
  return { attachments, notes: [...notes, ...seen.flatMap(({ note }) => note ?? [])], seen };
}

/** As they are stored: of pictures the facts, and not the bytes. */
function withFacts(attachments: readonly GivenAttachment[], seen: readonly TakenPicture[]): PromptAttachment[] {
  const facts = seen.values();
  return attachments.map((attachment) => {
    if (!isPicture(attachment)) return attachment;
    return { kind: 'image', uri: attachment.uri, text: '', picture: facts.next().value?.facts };
  });
}
