// Switchyard's models for VS Code's own chat, and for other extensions that ask VS Code for a model: lists them, streams their answers
// through the daemon, and counts tokens. Of the chats, nothing is stored.
import * as vscode from 'vscode';
import { ModelAnswer, ModelTokens, type PromptMessage } from '../../shared/protocol/answer.ts';
import type { ParamsInput, Part } from '../../shared/protocol/define.ts';
import { ModelsList } from '../../shared/protocol/models.ts';
import type { Context } from '../context.ts';
import { DaemonError } from '../daemon-client.ts';
import { window } from '../window.ts';
import { argumentsOf, errorKind, maxTokenText, tokensOf } from './answer-words.ts';
import { signalOf } from './cancellation.ts';
import { type ModelEntry, modelEntries } from './model-entries.ts';
import { measure, toPromptMessages } from './prompt-messages.ts';

const maxSignatures = 1000; // of calls: an agent's turn has some dozens
const maxShownNotes = 200;

type Asked = Parameters<vscode.LanguageModelChatProvider<ModelEntry>['provideLanguageModelChatResponse']>;
type Messages = Asked[1];
type Options = Asked[2];
type AnswerProgress = Asked[3];

/** Lives as long as the extension is active. */
export class ChatModels {
  readonly #ctx: Context;
  /** What providers want back with a tool call, by the call's id: VS Code's messages have no place for it. */
  readonly #signatures = new Map<string, string>();
  /** Notes that were shown: an agent asks often, and hears the same each time. */
  readonly #shownNotes = new Set<string>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  async offer(
    { silent }: vscode.PrepareLanguageModelChatModelOptions,
    token: vscode.CancellationToken,
  ): Promise<ModelEntry[]> {
    const { models } = await this.#ctx.daemon.call(ModelsList, {}, { signal: signalOf(token) });
    const entries = modelEntries(models, vscode.l10n.t);
    if (!silent && !entries.some(({ target }) => target.model !== undefined))
      await vscode.commands.executeCommand('switchyard.manageModels');
    return entries;
  }

  async answer(...[entry, messages, options, progress, token]: Asked): Promise<void> {
    try {
      const params = paramsOf(entry, this.#promptOf(messages), options);
      const { decision, finishReason, toolCalls } = await this.#ctx.daemon.call(ModelAnswer, params, {
        signal: signalOf(token),
        onPart: (part) => this.#report(part, progress),
      });
      for (const call of toolCalls) {
        if (call.signature !== undefined) this.#keep(call.id, call.signature);
        progress.report(new vscode.LanguageModelToolCallPart(call.id, call.name, argumentsOf(call)));
      }
      if (finishReason === 'content-filter')
        throw new DaemonError('refused', `${decision.model} declined to answer, or its provider stopped the answer.`);
      if (finishReason === 'length')
        void window.showWarningMessage(
          vscode.l10n.t('{0} stopped at its output limit, so its answer is incomplete.', decision.model),
        );
    } catch (error) {
      throw this.#toShow(error);
    }
  }

  async countTokens(
    _entry: ModelEntry,
    text: string | Pick<vscode.LanguageModelChatRequestMessage, 'content'>,
    token: vscode.CancellationToken,
  ): Promise<number> {
    const size = typeof text === 'string' ? { text, images: 0 } : measure(text.content);
    const counted = size.text.slice(0, maxTokenText);
    if (counted === '') return tokensOf(size, 0);
    const { tokens } = await this.#ctx.daemon.call(ModelTokens, { text: counted }, { signal: signalOf(token) });
    return tokensOf(size, tokens);
  }

  #promptOf(messages: Messages): PromptMessage[] {
    return toPromptMessages(messages, (callId) => this.#signatures.get(callId));
  }

  /** Reasoning isn't shown, as VS Code has no part for it yet. Tool calls come whole, with the result. */
  #report(part: Part<typeof ModelAnswer>, progress: AnswerProgress): void {
    if (part.kind === 'text') progress.report(new vscode.LanguageModelTextPart(part.text));
    else if (part.kind === 'thought') progress.report(new vscode.LanguageModelTextPart('\n\n---\n\n'));
    else if (part.kind === 'note') this.#tell(part.text, part.waiting ?? false);
  }

  #keep(callId: string, signature: string): void {
    this.#signatures.set(callId, signature);
    for (const oldest of [...this.#signatures.keys()].slice(0, -maxSignatures)) this.#signatures.delete(oldest);
  }

  #tell(note: string, isWaiting: boolean): void {
    this.#ctx.log.info(note);
    if (isWaiting || this.#shownNotes.has(note)) return;
    if (this.#shownNotes.size >= maxShownNotes) this.#shownNotes.clear();
    this.#shownNotes.add(note);
    void window.showInformationMessage(note);
  }

  #toShow(error: unknown): unknown {
    if (!(error instanceof DaemonError)) return error;
    if (error.code === 'cancelled') return new vscode.CancellationError();
    this.#ctx.log.error(`Answer for VS Code's chat: ${error.message}`);
    const kind = errorKind(error.code);
    return kind ? vscode.LanguageModelError[kind](error.message) : error;
  }
}

function paramsOf(
  { target }: ModelEntry,
  messages: PromptMessage[],
  { tools = [], toolMode, modelOptions = {} }: Options,
): ParamsInput<typeof ModelAnswer> {
  const { temperature, maxOutputTokens } = modelOptions as Record<string, unknown>;
  return {
    messages,
    ...target,
    ...(tools.length > 0 && { tools: tools.map(toTool) }),
    ...(tools.length > 0 && toolMode === vscode.LanguageModelChatToolMode.Required && { mustCallTool: true }),
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof maxOutputTokens === 'number' && { maxOutputTokens }),
  };
}

function toTool({ name, description, inputSchema }: vscode.LanguageModelChatTool) {
  const parameters = (inputSchema ?? { type: 'object', properties: {} }) as Record<string, unknown>;
  return { name, description, parameters };
}
