// Titles of new chats, made after an answer by a model of this machine that is in memory already, while all models are idle. Until
// then, and where none can be made, the question's first words are the title.
import { LRUCache } from 'lru-cache';
import { UserError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Attempt, Models } from '../../models/ask.ts';
import type { PromptMessage } from '../../models/providers/provider.ts';
import type { SelectRequest } from '../../models/router/router.ts';
import type { Chats } from '../../storage/chats.ts';
import { cleanTitle } from './clean-title.ts';
import type { AnsweredTurn } from './history-window/summaries.ts';
import type { IdleWork } from './idle-work.ts';

export interface TitlesDeps {
  chatsOf(profile: string): Pick<Chats, 'firstWords' | 'retitle'>;
  models: Models;
  idle: IdleWork;
  log: Log;
}

/** An answer that was stored whole. */
interface TitledTurn extends AnsweredTurn {
  /** What its model was sent. */
  prompt: readonly PromptMessage[];
}

const task = 'title';
const maxTurns = 6; // a chat that has gone on for longer is known by its first words
const maxSettled = 1000;
const maxCharacters = 1500; // of a question or an answer, for a model that does not hold them already
const maxTitleTokens = 600; // a model that thinks first needs more than the title itself

const instructions =
  'Write a title for this conversation: at most six words, in the language of my first question, naming its subject. ' +
  'Answer with the title alone: no quotation marks, no label, no period, no explanation.';

/** Lives as long as the daemon. */
export class Titles {
  readonly #deps: TitlesDeps;
  /** Chats that get no other title: the user gave one, or a model has been asked. */
  readonly #settled = new LRUCache<string, true>({ max: maxSettled });

  constructor(deps: TitlesDeps) {
    this.#deps = deps;
  }

  /** Call when an answer has been stored. Returns at once. */
  answered(turn: TitledTurn): void {
    const { chatId, turns, earlier } = turn;
    if (earlier > 0 || turns.length > maxTurns || this.#settled.has(chatId)) return;
    this.#deps.idle.add({ task, chatId, run: (signal) => this.#run(turn, signal) });
  }

  /** Call when the user has named a chat: that title stays. */
  settle(chatId: string): void {
    this.#settled.set(chatId, true);
    this.#deps.idle.forget(chatId, task);
  }

  async #run(turn: TitledTurn, signal: AbortSignal): Promise<void> {
    const { profile, chatId, workspace } = turn;
    const chats = this.#deps.chatsOf(profile);
    const words = await chats.firstWords(chatId);
    if (!words) return void this.#settled.set(chatId, true);
    const wanted = wantedFor(turn);
    const request = { wanted, chat: chatId, workspace, mayFallBack: false, signal };
    const { title, model } = await this.#deps.models.ask(request, async (attempt) => ({
      title: await titleBy(attempt, turn, words.question),
      model: attempt.decision.model,
    }));
    signal.throwIfAborted();
    this.#settled.set(chatId, true);
    if (title === undefined) throw new UserError('no-title', `${model} wrote no title.`);
    if (await chats.retitle(chatId, { from: words.title, to: title }))
      this.#deps.log.info({ chatId, model }, 'a title was made');
  }
}

/** The model that answered, where it runs on this machine; else the best one that is in memory here. */
function wantedFor({ profile, selection: { candidate, decision } }: TitledTurn): SelectRequest {
  const answered = candidate.provider.local && { explicit: decision.model, because: 'it answered in this chat' };
  return { task, profile, source: 'policy', localOnly: true, loadedOnly: true, ...answered };
}

async function titleBy(attempt: Attempt, turn: TitledTurn, question: string): Promise<string | undefined> {
  const messages = titlePrompt(turn, { question, isOwn: attempt.decision.model === turn.selection.decision.model });
  let text = '';
  let isWhole = false;
  for await (const part of attempt.stream({ messages, maxOutputTokens: maxTitleTokens })) {
    if (part.kind === 'text') text += part.text;
    if (part.kind === 'thought') text = '';
    if (part.kind === 'finish') isWhole = part.reason === 'stop';
  }
  return isWhole ? cleanTitle(text) : undefined;
}

/** A model's own conversation goes on, so that its context keeps what the next question begins with; another is sent an excerpt. */
function titlePrompt(
  { prompt, turns }: TitledTurn,
  { question, isOwn }: { question: string; isOwn: boolean },
): PromptMessage[] {
  const answer = turns.at(-1)?.content ?? '';
  const conversation: readonly PromptMessage[] = isOwn
    ? [...prompt, { role: 'assistant', content: answer }]
    : [
        { role: 'user', content: excerpt(question) },
        { role: 'assistant', content: excerpt(answer) },
      ];
  return [...conversation, { role: 'user', content: instructions }];
}

function excerpt(text: string): string {
  return text.slice(0, maxCharacters).toWellFormed();
}
