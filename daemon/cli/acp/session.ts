// A session of a client: a chat of ours, in the client's folders. A mode with tools is a run of the agent, another one an answer.
import type {
  AgentContext,
  McpServer,
  PromptResponse,
  RequestPermissionOutcome,
  SessionUpdate,
} from '@agentclientprotocol/sdk';
import { methods } from '@agentclientprotocol/sdk';
import {
  type AgentApproval,
  AgentApprove,
  type AgentMode,
  AgentModes,
  type AgentPart,
  AgentPrompts,
  AgentRun,
} from '../../../shared/protocol/agent.ts';
import { ChatRename, ChatSend } from '../../../shared/protocol/chat.ts';
import type { AnyRequest, ParamsInput, Result } from '../../../shared/protocol/define.ts';
import { McpList } from '../../../shared/protocol/mcp.ts';
import { type Model, ModelsList } from '../../../shared/protocol/models.ts';
import { CancelledError, UserError } from '../../base/errors.ts';
import type { DaemonLink } from '../kit/daemon-link.ts';
import { messagesOf, shownAgain } from './history.ts';
import { automatic, choicesFor, modelOption, modeOption, type ShownChoices } from './options.ts';
import { decisionOf, permissionFor } from './permission.ts';
import { promptOf, type SentPrompt } from './prompt.ts';
import { FolderTrust } from './trust.ts';
import { chatUpdates, noted, RunUpdates } from './updates.ts';

interface SessionPlace {
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

const defaultMode = 'act';
const cancelled: PromptResponse = { stopReason: 'cancelled' };

/** Lives until the client closes it or leaves. */
export class AcpSession {
  readonly chatId: string;
  readonly #folders: readonly string[];
  readonly #link: DaemonLink;
  readonly #client: AgentContext;
  readonly #trust: FolderTrust;
  #unusedServers: readonly string[];
  #modes: readonly AgentMode[] = [];
  #models: readonly Model[] = [];
  #mode = defaultMode;
  #model: string | undefined;
  #turn: Turn | undefined;
  /** Whether anything was asked in it. */
  isUsed = false;

  constructor(
    { chatId, folders, mcpServers }: SessionPlace,
    { link, client }: { link: DaemonLink; client: AgentContext },
  ) {
    this.chatId = chatId;
    this.#folders = folders;
    this.#link = link;
    this.#client = client;
    this.#trust = new FolderTrust(folders[0] ?? '', (message, params) => this.#call(message, params));
    this.#unusedServers = mcpServers.map(({ name }) => name);
  }

  async open(model?: string): Promise<ShownChoices> {
    const [{ modes }, { models }] = await Promise.all([this.#call(AgentModes, {}), this.#call(ModelsList, {})]);
    const talking = modes.filter(({ makes }) => makes === undefined); // its clients show no pictures that are made
    [this.#modes, this.#models, this.#model] = [talking, models, model];
    if (!talking.some(({ id }) => id === this.#mode)) this.#mode = talking[0]?.id ?? defaultMode;
    setImmediate(() => void this.#tellCommands().catch(() => {})); // the client must know the session first
    return this.#choices;
  }

  /** Shows what the chat holds. Throws UserError `chat-not-found`. */
  async replay(): Promise<void> {
    this.isUsed = true;
    const call = <M extends AnyRequest>(message: M, params: ParamsInput<M>) => this.#call(message, params);
    for (const message of await messagesOf(call, this.chatId))
      for (const update of await shownAgain(call, message)) this.#update(update);
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
      this.#update({ sessionUpdate: 'current_mode_update', currentModeId: value });
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
    const work = Promise.resolve(before).then(() => this.#answer(prompt, signal, stop));
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

  async #answer(prompt: SentPrompt, signal: AbortSignal, stop: AbortController): Promise<PromptResponse> {
    if (signal.aborted) return cancelled;
    await this.#tellUnusedServers();
    const mode = this.#modes.find(({ id }) => id === this.#mode);
    if (!mode || mode.tools.length === 0) return await this.#chat(prompt, signal);
    if (prompt.attachments.some(({ kind }) => kind === 'image'))
      throw new UserError(
        'pictures-need-chat',
        `The mode ${mode.title} can't look at pictures. Remove the picture, or choose a mode that only talks, such as Chatbot.`,
      );
    const note = await this.#trust.settle((request) =>
      this.#permission(request, signal).catch(() => ({ outcome: 'cancelled' })),
    );
    if (signal.aborted) return cancelled;
    if (note !== undefined) this.#update(noted(note));
    return await this.#run(prompt, signal, stop);
  }

  async #chat({ text, attachments }: SentPrompt, signal: AbortSignal): Promise<PromptResponse> {
    const { finishReason } = await this.#link.call(
      ChatSend,
      { chatId: this.chatId, text, attachments, mode: this.#mode, ...this.#named },
      {
        ...this.#at(signal),
        onPart: (part) => {
          if (!signal.aborted) for (const update of chatUpdates(part)) this.#update(update);
        },
      },
    );
    return { stopReason: finishReason === 'length' ? 'max_tokens' : 'end_turn' };
  }

  async #run({ text, attachments }: SentPrompt, signal: AbortSignal, stop: AbortController): Promise<PromptResponse> {
    const updates = new RunUpdates();
    const asking = new Map<string, AbortController>();
    const onPart = (part: AgentPart): void => {
      if (signal.aborted) return;
      for (const update of updates.of(part)) this.#update(update);
      if (part.kind === 'approved') asking.get(part.callId)?.abort(); // maybe by another client
      if (part.kind !== 'approval') return;
      const { approval } = part;
      const decided = new AbortController();
      asking.set(approval.callId, decided);
      void this.#decide(approval, updates, AbortSignal.any([signal, decided.signal])).catch((error) => {
        const isDecided = error instanceof UserError && error.code === 'job-not-waiting';
        if (isDecided || decided.signal.aborted || signal.aborted) return;
        this.#update(noted(`The run was stopped, since you couldn't be asked for permission: ${error.message}`));
        stop.abort();
      });
    };
    try {
      const { outcome } = await this.#link.call(
        AgentRun,
        {
          chatId: this.chatId,
          task: text,
          mode: this.#mode,
          ...this.#named,
          ...(attachments.length > 0 && {
            attachments: attachments.flatMap(({ kind, data: _, picture: __, ...rest }) =>
              kind === 'image' ? [] : [{ kind, ...rest }],
            ),
          }),
        },
        { ...this.#at(signal), onPart },
      );
      return { stopReason: outcome === 'limit' ? 'max_turn_requests' : 'end_turn' };
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'daemon-lost') throw error;
      throw new UserError(
        'daemon-lost',
        `The Switchyard daemon stopped during the run. What it did is kept in this chat. Ask again to go on${
          updates.jobId === '' ? '' : `, or run \`switchyard jobs resume ${updates.jobId}\``
        }.`,
      );
    } finally {
      for (const controller of asking.values()) controller.abort();
    }
  }

  /** Asks the user what a run waits for, and tells it. */
  async #decide(approval: AgentApproval, updates: RunUpdates, signal: AbortSignal): Promise<void> {
    const outcome = await this.#permission(permissionFor(approval, updates), signal);
    const decision = decisionOf(outcome, approval);
    if (signal.aborted) return;
    if (decision === undefined) return this.cancel();
    await this.#call(AgentApprove, { jobId: updates.jobId, callId: approval.callId, ...decision });
  }

  async #permission(request: ReturnType<typeof permissionFor>, signal: AbortSignal): Promise<RequestPermissionOutcome> {
    const { outcome } = await this.#client.request(
      methods.client.session.requestPermission,
      { sessionId: this.chatId, ...request },
      { cancellationSignal: signal, stopWaitingOnCancel: true },
    );
    return outcome;
  }

  /** Once: the servers that the client would have us start, and that only the user's own configuration may name. */
  async #tellUnusedServers(): Promise<void> {
    const named = this.#unusedServers;
    this.#unusedServers = [];
    if (named.length === 0) return;
    const { servers } = await this.#call(McpList, {});
    const unused = named.filter((name) => !servers.some((own) => own.name === name));
    if (unused.length === 0) return;
    const [names, are] = [unused.join(', '), unused.length === 1 ? "isn't" : "aren't"];
    this.#update(
      noted(
        `Your editor's MCP servers (${names}) ${are} used here, since Switchyard starts only those of its own configuration. To add one, run \`switchyard mcp add\`.`,
      ),
    );
  }

  async #tellCommands(): Promise<void> {
    const { prompts } = await this.#call(AgentPrompts, {});
    this.#update({
      sessionUpdate: 'available_commands_update',
      availableCommands: prompts.map(({ name, description, hint }) => ({
        name,
        description,
        ...(hint !== undefined && { input: { hint } }),
      })),
    });
  }

  get #choices(): ShownChoices {
    return choicesFor({ modes: this.#modes, models: this.#models, mode: this.#mode, model: this.#model });
  }

  get #named(): { model?: string } {
    return this.#model === undefined ? {} : { model: this.#model };
  }

  #update(update: SessionUpdate): void {
    this.#client.notify(methods.client.session.update, { sessionId: this.chatId, update }).catch(() => {}); // it has left
  }

  #at(signal: AbortSignal): { folders: readonly string[]; signal: AbortSignal } {
    return { folders: this.#folders, signal };
  }

  #call<M extends AnyRequest>(message: M, params: ParamsInput<M>): Promise<Result<M>> {
    return this.#link.call(message, params, this.#at(neverAborted));
  }
}

const neverAborted = new AbortController().signal;
