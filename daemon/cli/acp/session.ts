// A session of a client: a chat of ours, in the client's folders. A mode with tools is a run of the agent, another one an answer.
import type { McpServer, PromptResponse } from '@agentclientprotocol/sdk';
import {
  type AgentApproval,
  type AgentMode,
  AgentModes,
  type AgentPart,
  AgentPrompts,
  AgentRun,
} from '../../../shared/protocol/agent.ts';
import { ChatList, ChatMessages, ChatRename, ChatSend } from '../../../shared/protocol/chat.ts';
import type { AnyRequest, ParamsInput, Result } from '../../../shared/protocol/define.ts';
import { JobsAnswer } from '../../../shared/protocol/jobs.ts';
import { type Model, ModelsList } from '../../../shared/protocol/models.ts';
import { CancelledError, UserError } from '../../base/errors.ts';
import type { DaemonLink } from '../kit/daemon-link.ts';
import { linkedFiles } from './buffers.ts';
import type { SessionClient } from './client.ts';
import { answer, availableCommands, commandIn, type GivenCommand, keptBy, reviewed, undone } from './commands.ts';
import { askedBy, type Call, type KnownRun, messagesOf, shownAgain, unfinished } from './history.ts';
import { automatic, choicesFor, modelOption, modeOption, type ShownChoices } from './options.ts';
import { maxAttachments, promptOf, type SentPrompt } from './prompt.ts';
import { answerInWords, askedInWords } from './questions.ts';
import { outcomeOf, type RunCall, RunTurn, resumed } from './run-turn.ts';
import { EditorServers } from './servers.ts';
import { FolderTrust } from './trust.ts';
import { chatUpdates, noted, RunUpdates, said } from './updates.ts';
import { SessionUsage } from './usage.ts';

export interface SessionPlace {
  chatId: string;
  /** As URIs; the first is the one that runs work in. */
  folders: readonly string[];
  /** Those that the client would have started. */
  mcpServers: readonly McpServer[];
}

interface Turn {
  cancelled: AbortController;
  /** Resolves once nothing of it runs any more. */
  ended: Promise<unknown>;
}

/** How a turn is stopped: by its user with `stop`, or as its client leaves. */
interface TurnEnd {
  stop: AbortController;
  signal: AbortSignal;
}

const defaultMode = 'act';
const cancelled: PromptResponse = { stopReason: 'cancelled' };
const ended: PromptResponse = { stopReason: 'end_turn' };

/** Lives until the client closes it or leaves. */
export class AcpSession {
  readonly chatId: string;
  readonly #folders: readonly string[];
  readonly #link: DaemonLink;
  readonly #client: SessionClient;
  readonly #trust: FolderTrust;
  readonly #servers: EditorServers;
  readonly #usage = new SessionUsage();
  readonly #call: Call = (message, params) => this.#ask(message, params);
  #modes: readonly AgentMode[] = [];
  #models: readonly Model[] = [];
  #mode = defaultMode;
  #model: string | undefined;
  #turn: Turn | undefined;
  /** The last one. */
  #run: RunUpdates | undefined;
  /** What it asks, which the next prompt answers. */
  #asked: AgentApproval | undefined;
  /** Whether anything was asked in it. */
  isUsed = false;
  #isTitled = false;

  constructor(
    { chatId, folders, mcpServers }: SessionPlace,
    { link, client }: { link: DaemonLink; client: SessionClient },
  ) {
    this.chatId = chatId;
    this.#folders = folders;
    this.#link = link;
    this.#client = client;
    this.#trust = new FolderTrust(folders[0] ?? '', this.#call);
    this.#servers = new EditorServers(mcpServers, this.#call);
  }

  async open(model?: string): Promise<ShownChoices> {
    const [{ modes }, { models }] = await Promise.all([this.#call(AgentModes, {}), this.#call(ModelsList, {})]);
    const talking = modes.filter(({ makes }) => makes === undefined); // its clients show no pictures that are made
    [this.#modes, this.#models, this.#model] = [talking, models, model];
    if (!talking.some(({ id }) => id === this.#mode)) this.#mode = talking[0]?.id ?? defaultMode;
    setImmediate(() => {
      this.#tellUsage(); // the client must know the session first
      void this.#tellCommands().catch(() => {});
    });
    return this.#choices;
  }

  /** Goes on with what the chat holds, and shows it where the client doesn't have it. Throws UserError `chat-not-found`. */
  async replay({ isShown }: { isShown: boolean }): Promise<void> {
    this.isUsed = true;
    let last: KnownRun | undefined;
    for (const message of await messagesOf(this.#call, this.chatId)) {
      const { updates, run } = await shownAgain(this.#call, message);
      last = run ?? last;
      this.#usage.add(message);
      if (isShown) for (const update of updates) this.#client.update(update);
    }
    if (last) this.#goOnFrom(last, { isShown });
  }

  /** Says what it waits for. A client that isn't shown the chat again has seen its question. */
  #goOnFrom(last: KnownRun, { isShown }: { isShown: boolean }): void {
    this.#run = last.updates;
    last.updates.again(last.text);
    const asked = askedBy(last);
    const why = unfinished(last);
    if (asked?.kind === 'ask' && !this.#client.abilities.hasForms) {
      this.#asked = asked;
      if (isShown) this.#client.update(said('agent_message_chunk', `\n\n${askedInWords(asked)}`));
    } else if (why !== undefined) this.#client.update(answer([`\n\n${why}`]));
  }

  /** Throws UserError `no-such-mode`. */
  async choose(option: string, value: string): Promise<ShownChoices> {
    if (option === modelOption) {
      const model = value === automatic ? undefined : value;
      await this.#call(ChatRename, { chatId: this.chatId, model: model ?? null });
      this.#model = model;
    } else if (option === modeOption) {
      if (!this.#modes.some(({ id }) => id === value))
        throw new UserError('no-such-mode', `There's no mode "${value}". Choose another one.`);
      this.#mode = value;
      this.#client.update({ sessionUpdate: 'current_mode_update', currentModeId: value });
      this.#client.update({ sessionUpdate: 'config_option_update', configOptions: this.#choices.configOptions });
    } else throw new UserError('no-such-option', `There's no option "${option}".`);
    return this.#choices;
  }

  /** Throws what the prompt's own text is refused for, UserError `session-busy`, and what runs and chats throw. */
  async prompt(blocks: Parameters<typeof promptOf>[0], gone: AbortSignal): Promise<PromptResponse> {
    const prompt = promptOf(blocks);
    if (this.#turn && !this.#turn.cancelled.signal.aborted)
      throw new UserError('session-busy', 'This chat is still being answered. Wait for the answer, or stop it.');
    const before = this.#turn?.ended;
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, gone]);
    const work = Promise.resolve(before).then(() => this.#answer(prompt, { stop, signal }));
    const turn = { cancelled: stop, ended: work.catch(() => {}) };
    this.#turn = turn;
    this.isUsed = true;
    const { promise: stopped, resolve } = Promise.withResolvers<PromptResponse>();
    signal.addEventListener('abort', () => resolve(cancelled));
    try {
      return await Promise.race([stopped, work]);
    } catch (error) {
      // Another client stopped it.
      if (error instanceof CancelledError || (error instanceof UserError && error.code === 'stopped')) return cancelled;
      throw error;
    } finally {
      void turn.ended.then(() => {
        if (this.#turn === turn) this.#turn = undefined;
      });
    }
  }

  cancel(): void {
    this.#turn?.cancelled.abort();
  }

  async #answer(prompt: SentPrompt, end: TurnEnd): Promise<PromptResponse> {
    const { signal } = end;
    if (signal.aborted) return cancelled;
    const note = await this.#servers.tell();
    if (note !== undefined) this.#client.update(noted(note));
    const command = commandIn(prompt.text);
    if (command) return await this.#do(command, end);
    const told = this.#run && this.#asked && (await this.#tell(this.#run, this.#asked, prompt, end));
    if (told) return told;
    const mode = this.#modes.find(({ id }) => id === this.#mode);
    const answering = mode && mode.tools.length > 0 ? this.#work(prompt, end) : this.#chat(prompt, signal);
    const response = await answering.catch((error) => this.#notSent(error));
    await this.#tellTitle().catch(() => {}); // the next turn tells it
    return response;
  }

  /** Where a task of the chat waits, whoever began it, that is shown instead. */
  async #notSent(error: unknown): Promise<PromptResponse> {
    if (!(error instanceof UserError) || error.code !== 'task-waits') throw error;
    this.#client.update(noted("Your message wasn't sent, since the last task in this chat waits for your answer."));
    const [message] = (await this.#call(ChatMessages, { chatId: this.chatId, limit: 1 })).messages;
    const { run } = message ? await shownAgain(this.#call, message) : {};
    if (run) this.#goOnFrom(run, { isShown: true });
    return ended;
  }

  async #work(prompt: SentPrompt, end: TurnEnd): Promise<PromptResponse> {
    const { signal } = end;
    const untrusted = await this.#trust.settle((request) =>
      this.#client.permission(request, signal).catch(() => ({ outcome: 'cancelled' })),
    );
    if (signal.aborted) return cancelled;
    if (untrusted !== undefined) this.#client.update(noted(untrusted));
    return await this.#follow(new RunUpdates(), this.#newRun(prompt), end);
  }

  async #chat({ text, attachments, links }: SentPrompt, signal: AbortSignal): Promise<PromptResponse> {
    const linked = await linkedFiles(links.slice(0, maxAttachments - attachments.length), this.#client);
    const answered = await this.#link.call(
      ChatSend,
      { chatId: this.chatId, text, attachments: [...attachments, ...linked], mode: this.#mode, ...this.#named },
      {
        ...this.#at(signal),
        onPart: (part) => {
          if (!signal.aborted) for (const update of chatUpdates(part)) this.#client.update(update);
        },
      },
    );
    this.#usage.add({ ...answered, id: answered.messageId });
    this.#tellUsage();
    return { stopReason: answered.finishReason === 'length' ? 'max_tokens' : 'end_turn' };
  }

  #newRun({ text, attachments }: SentPrompt): RunCall {
    const { chatId } = this;
    const task = { chatId, task: text, mode: this.#mode, attachments, ...this.#named };
    return async (link, at) => (await link.call(AgentRun, task, at)).outcome;
  }

  /** Tells a run that waits what the user says to its question. Undefined where another client has answered it. */
  async #tell(
    run: RunUpdates,
    asked: AgentApproval,
    { text, attachments }: SentPrompt,
    end: TurnEnd,
  ): Promise<PromptResponse | undefined> {
    if (attachments.length > 0)
      this.#client.update(noted("Only your words answer the question. What you attached isn't sent with them."));
    const { mark } = asked; // of what was shown
    const answered = { jobId: run.jobId, answer: 'once', reply: answerInWords(text, asked) };
    const params = { ...answered, ...(mark !== undefined && { mark }) };
    run.again();
    try {
      return await this.#follow(run, async (link, at) => outcomeOf((await link.call(JobsAnswer, params, at)).job), end);
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'job-not-waiting') throw error;
      this.#client.update(noted('The question was answered in another window, so this is a new message.'));
      return undefined;
    }
  }

  async #follow(run: RunUpdates, call: RunCall, end: TurnEnd): Promise<PromptResponse> {
    const [link, client, folders] = [this.#link, this.#client, this.#folders];
    this.#run = run;
    this.#asked = undefined;
    const onPart = (part: AgentPart): void => this.#count(run, part);
    const turn = await new RunTurn({ link, client, folders, onPart }, run, end).follow(call);
    if ('response' in turn) return turn.response;
    this.#asked = turn.asked;
    return ended;
  }

  async #do({ name, rest }: GivenCommand, end: TurnEnd): Promise<PromptResponse> {
    if (name === 'add-server') {
      this.#client.update(answer([await this.#servers.add(rest, this.#client, end.signal)]));
      return ended;
    }
    const run = this.#run;
    if (!run || run.jobId === '') throw new UserError('no-task', 'There was no task in this chat yet.');
    if (name === 'continue') {
      run.again();
      return await this.#follow(run, resumed(run.jobId), end);
    }
    const does = { review: reviewed, keep: keptBy, undo: undone }[name];
    for (const update of await does(this.#call, run.jobId, rest)) this.#client.update(update);
    return ended;
  }

  #count(run: RunUpdates, part: AgentPart): void {
    if (part.kind === 'decision') this.#usage.answeredBy(part.decision.model);
    if (part.kind !== 'spent') return;
    this.#usage.spent(run.jobId, part);
    this.#tellUsage();
  }

  #tellUsage(): void {
    for (const update of this.#usage.updates(this.#models)) this.#client.update(update);
  }

  /** Once: a chat has its title from its first question on. */
  async #tellTitle(): Promise<void> {
    if (this.#isTitled) return;
    const { chats } = await this.#call(ChatList, { limit: 10 });
    const chat = chats.find(({ id }) => id === this.chatId);
    if (!chat) return;
    this.#isTitled = true;
    this.#client.update({ sessionUpdate: 'session_info_update', title: chat.title });
  }

  async #tellCommands(): Promise<void> {
    const prompts = await this.#call(AgentPrompts, {});
    const commands = availableCommands(prompts, { hasServers: !this.#servers.isEmpty });
    this.#client.update({ sessionUpdate: 'available_commands_update', availableCommands: commands });
  }

  get #choices(): ShownChoices {
    return choicesFor({ modes: this.#modes, models: this.#models, mode: this.#mode, model: this.#model });
  }

  get #named(): { model?: string } {
    return this.#model === undefined ? {} : { model: this.#model };
  }

  #at(signal: AbortSignal): { folders: readonly string[]; signal: AbortSignal } {
    return { folders: this.#folders, signal };
  }

  #ask<M extends AnyRequest>(message: M, params: ParamsInput<M>): Promise<Result<M>> {
    return this.#link.call(message, params, this.#at(neverAborted));
  }
}

const neverAborted = new AbortController().signal;
