// Summaries of long chats, made one at a time after an answer while all models are idle. Any other request to a model aborts the
// summary: its finished rounds are kept, and the rest is made after the next answer.
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { UserError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import type { Attempt, Models, Prompt } from '../../../models/ask.ts';
import type { Selection, SelectRequest } from '../../../models/router/router.ts';
import type { OlderMessages } from '../../../storage/older-messages.ts';
import type { PromptAttachment } from '../prompt.ts';
import { cleanSummary, maxSummaryTokens, type SummaryInput, summaryEnd, summaryRequest } from './summarise.ts';

/** Who makes them: a model on this machine, the model that answered, or none. */
export type SummaryMode = 'local' | 'chat model' | 'off';

export interface SummariesDeps {
  olderOf(profile: string): OlderMessages<{ attachment: PromptAttachment }>;
  models: Models;
  mode(): SummaryMode;
  log: Log;
  quietMs?: number;
}

/** An answer that was stored whole. */
export interface AnsweredTurn extends SummaryInput {
  profile: string;
  chatId: string;
  selection: Selection;
  workspace?: string | undefined;
}

interface Job {
  turn: AnsweredTurn;
  /** Runs on behalf of the session that asked. */
  inContext<T>(work: () => T): T;
}

const summaryTask = 'summary';
const maxRounds = 4; // after one answer; each takes in as much as its model reads at once
const maxJobs = 20; // the oldest goes first; its chat's next answer makes it anew
const maxMessages = 60; // that are read for one round
const defaultQuietMs = 700; // after the last request: who reads an answer may ask on at once

/** Lives as long as the daemon. No timer runs while there is no work. */
export class Summaries {
  readonly #parts: SummariesDeps;
  readonly #jobs = new Map<string, Job>(); // by chat, in the order of their answers
  #busy = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: { stop: AbortController; ended: Promise<void> } | undefined;
  #isClosed = false;

  constructor(parts: SummariesDeps) {
    this.#parts = parts;
  }

  /** Call when an answer has been stored: the next prompt may leave messages out, which then need a summary. */
  answered(turn: AnsweredTurn): void {
    this.#jobs.delete(turn.chatId);
    if (this.#parts.mode() === 'off' || summaryEnd(turn, undefined) === undefined) return; // most chats fit, and wait for nothing
    this.#keep({ turn, inContext: AsyncLocalStorage.snapshot() });
    this.#schedule();
  }

  /** Call when a chat was deleted. */
  forget(chatId: string): void {
    this.#jobs.delete(chatId);
  }

  /** How many chats wait for a summary. */
  get waiting(): number {
    return this.#jobs.size;
  }

  #keep(job: Job): void {
    this.#jobs.set(job.turn.chatId, job);
    for (const chatId of [...this.#jobs.keys()].slice(0, -maxJobs)) this.#jobs.delete(chatId);
  }

  /** Call when a model is asked for something else, which goes first. Call the returned function when that has ended. */
  giveWay(task: string): () => void {
    if (task === summaryTask || task === 'embedding') return () => {};
    this.#busy++;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running?.stop.abort();
    return () => {
      this.#busy--;
      this.#schedule();
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#jobs.clear();
    clearTimeout(this.#timer);
    this.#running?.stop.abort();
    await this.#running?.ended;
  }

  #schedule(): void {
    if (this.#isClosed || this.#busy > 0 || this.#timer || this.#running || this.#jobs.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const [[chatId, job] = []] = this.#jobs;
      if (chatId === undefined || !job) return;
      this.#jobs.delete(chatId);
      const stop = new AbortController();
      const ended = job
        .inContext(() => this.#run(job, stop.signal))
        .finally(() => {
          this.#running = undefined;
          this.#schedule();
        });
      this.#running = { stop, ended };
    }, this.#parts.quietMs ?? defaultQuietMs).unref();
  }

  /** Never throws: a failure goes to the log, and prompts stay without a summary as before. */
  async #run(job: Job, signal: AbortSignal): Promise<void> {
    const { chatId } = job.turn;
    try {
      for (let round = 0; round < maxRounds; round++) {
        const made = await this.#takeIn(job.turn, signal);
        if (made === undefined) return;
        this.#parts.log.info({ chatId, model: made }, 'a summary was made');
      }
    } catch (error) {
      if (signal.aborted && !this.#isClosed && !this.#jobs.has(chatId)) this.#keep(job);
      else if (!signal.aborted)
        this.#parts.log.info(
          { chatId, error: error instanceof UserError ? error.message : String(error) },
          'no summary was made',
        );
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
