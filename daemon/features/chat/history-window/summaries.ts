// Summaries of long chats, made after an answer while all models are idle. Of a summary that is aborted the finished rounds are kept.
import { randomBytes } from 'node:crypto';
import { UserError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import type { Attempt, Models, Prompt } from '../../../models/ask.ts';
import type { Selection, SelectRequest } from '../../../models/router/router.ts';
import type { OlderMessages } from '../../../storage/older-messages.ts';
import type { IdleWork } from '../idle-work.ts';
import type { PromptAttachment } from '../prompt.ts';
import { cleanSummary, maxSummaryTokens, type SummaryInput, summaryEnd, summaryRequest } from './summarise.ts';

/** Who makes them: a model on this machine, the model that answered, or none. */
export type SummaryMode = 'local' | 'chat model' | 'off';

export interface SummariesDeps {
  olderOf(profile: string): OlderMessages<{ attachment: PromptAttachment }>;
  models: Models;
  mode(): SummaryMode;
  idle: IdleWork;
  log: Log;
}

/** An answer that was stored whole. */
export interface AnsweredTurn extends SummaryInput {
  profile: string;
  chatId: string;
  selection: Selection;
  workspace?: string | undefined;
}

const summaryTask = 'summary';
const maxRounds = 4; // after one answer; each takes in as much as its model reads at once
const maxMessages = 60; // that are read for one round

/** Lives as long as the daemon. */
export class Summaries {
  readonly #parts: SummariesDeps;

  constructor(parts: SummariesDeps) {
    this.#parts = parts;
  }

  /** Call when an answer has been stored: the next prompt may leave messages out, which then need a summary. */
  answered(turn: AnsweredTurn): void {
    const { chatId } = turn;
    const { idle, mode } = this.#parts;
    idle.forget(chatId, summaryTask);
    if (mode() === 'off' || summaryEnd(turn, undefined) === undefined) return; // most chats fit, and wait for nothing
    idle.add({ task: summaryTask, chatId, run: (signal) => this.#run(turn, signal) });
  }

  async #run(turn: AnsweredTurn, signal: AbortSignal): Promise<void> {
    for (let round = 0; round < maxRounds; round++) {
      const made = await this.#takeIn(turn, signal);
      if (made === undefined) return;
      this.#parts.log.info({ chatId: turn.chatId, model: made }, 'a summary was made');
    }
  }

  /** One round. Returns the model that made it; undefined when nothing is left to do. */
  async #takeIn(turn: AnsweredTurn, signal: AbortSignal): Promise<string | undefined> {
    const { profile, chatId, turns } = turn;
    const older = this.#parts.olderOf(profile);
    const last = turns.at(-1)?.id;
    if (last === undefined || this.#parts.mode() === 'off') return undefined;
    const { summary } = await older.before(chatId, last, []);
    const upTo = summaryEnd(turn, summary);
    if (upTo === undefined) return undefined;
    const { messages, pinned } = await older.stretch(chatId, {
      ...(summary && { after: summary.messageId }),
      upTo,
      limit: maxMessages,
    });
    if (messages.length === 0) return undefined;
    const wanted = this.#wanted(turn);
    const { workspace } = turn;
    return this.#parts.models.ask({ wanted, workspace, mayFallBack: false, signal }, async (attempt) => {
      const marker = `=====${randomBytes(9).toString('hex')}=====`;
      const { contextTokens } = attempt.info;
      const request = summaryRequest(messages, { summary: summary?.text, contextTokens, marker });
      if (!request) return undefined;
      const text = cleanSummary(
        await textOf(attempt, { messages: request.messages, maxOutputTokens: maxSummaryTokens }),
      );
      const { model } = attempt.decision;
      if (text === undefined) throw new UserError('no-summary', `${model} wrote no summary.`);
      return (await older.saveSummary(chatId, { messageId: request.upTo, text, model, pinned })) ? model : undefined;
    });
  }

  /** The model that answered, where the setting allows it; else the best one on this machine. */
  #wanted({ profile, chatId, selection: { candidate, decision } }: AnsweredTurn): SelectRequest {
    const isLocal = this.#parts.mode() === 'local';
    const mayAnswer = candidate.provider.local || !isLocal;
    return {
      task: summaryTask,
      profile,
      chat: chatId,
      source: 'policy',
      ...(isLocal && { localOnly: true }),
      ...(mayAnswer && { explicit: decision.model, because: 'it answered in this chat' }),
    };
  }
}

async function textOf(attempt: Attempt, prompt: Prompt): Promise<string> {
  let text = '';
  for await (const part of attempt.stream(prompt)) {
    if (part.kind === 'text') text += part.text;
    if (part.kind === 'thought') text = '';
    if (part.kind === 'finish' && part.reason === 'content-filter')
      throw new UserError('no-summary', `${attempt.decision.model} declined to write a summary.`);
  }
  return text;
}
