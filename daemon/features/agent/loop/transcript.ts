// What a run has said and got, and how it becomes a prompt. A prompt keeps its beginning from one turn to the next: results are replaced
// by their digests seldom, and then many at once. Pure.
import { estimatePictureTokens, estimateTokens } from '../../../base/tokens.ts';
import type { Image, PromptMessage } from '../../../models/providers/provider.ts';
import { type EarlierCall, earlierWords } from '../earlier-work.ts';
import { isQuestion } from '../tools/choices/choices.ts';
import { failuresAlike, isOver, maxFailuresAlike } from '../tools/choices/past-calls.ts';
import type { AgentTool, PastCall, ToolRun } from '../tools/tool.ts';
import type { Dialect, OfferedTool } from './dialects.ts';
import { objectOf } from './reading.ts';
import type { CallResult, MadeCall, ModelTurn } from './turn.ts';

type FirstCall = Pick<MadeCall, 'name' | 'arguments'>;

interface TranscriptTurn {
  said: ModelTurn;
  results: CallResult[];
  /** What it is told after this turn. */
  notice?: string;
}

export interface PromptFrame {
  /** The words before everything, without those of the dialect. */
  system: string;
  /** What the folder has, for models that call tools in words. */
  folder?(): Promise<string>;
  /** The chat up to the task, and the task itself. */
  before: readonly { role: 'user' | 'assistant'; content: string }[];
  /** Pictures of the task. */
  images?: readonly Image[];
  /** What was done for the task before, by runs that ended too early. */
  earlier?: readonly EarlierCall[];
}

/** Of what a prompt may take, so much is filled again when results are replaced by digests. */
const filledShare = 0.6;

/** Lives as long as a run is at work. */
export class Transcript {
  readonly turns: TranscriptTurn[] = [];
  /** So many of the oldest results are told as their digests. */
  digested = 0;
  /** So many calls of earlier runs are told with what they brought. */
  #earlierTexts = Number.POSITIVE_INFINITY;

  add(said: ModelTurn): TranscriptTurn {
    const turn = { said, results: [] };
    this.turns.push(turn);
    this.digested = Math.max(this.digested, said.digested);
    return turn;
  }

  /** The prompt for the next turn, within so many tokens where that can be done. */
  prompt(frame: PromptFrame, dialect: Dialect, maxTokens: number): { messages: PromptMessage[]; tokens: number } {
    const all = this.turns.reduce((count, { results }) => count + results.length, 0);
    const last = this.turns.at(-1)?.results.length ?? 0;
    let messages = this.#messages(frame, dialect);
    let tokens = tokensOf(messages);
    if (tokens <= maxTokens) return { messages, tokens };
    // What earlier runs have brought goes first.
    while (tokens > maxTokens && this.#earlierTexts > 0) {
      this.#earlierTexts = Math.floor(Math.min(this.#earlierTexts, frame.earlier?.length ?? 0) / 2);
      messages = this.#messages(frame, dialect);
      tokens = tokensOf(messages);
    }
    if (tokens <= maxTokens) return { messages, tokens };
    while (tokens > maxTokens * filledShare && this.digested < all - last) {
      this.digested++;
      messages = this.#messages(frame, dialect);
      tokens = tokensOf(messages);
    }
    // What was said before the task goes last, the oldest first.
    for (let { before } = frame; tokens > maxTokens && before.length > 1; ) {
      before = before.slice(before[1]?.role === 'assistant' && before.length > 2 ? 2 : 1);
      messages = this.#messages({ ...frame, before }, dialect);
      tokens = tokensOf(messages);
    }
    return { messages, tokens };
  }

  #messages({ system, before, images = [], earlier = [] }: PromptFrame, dialect: Dialect): PromptMessage[] {
    const messages: PromptMessage[] = [{ role: 'system', content: system }, ...before];
    const task = before.at(-1);
    const known = earlier.length > 0 ? earlierWords(earlier, this.#earlierTexts) : '';
    if (task && (images.length > 0 || known !== ''))
      messages[before.length] = { role: 'user', content: task.content + known, ...(images.length > 0 && { images }) };
    let place = 0;
    for (const { said, results, notice } of this.turns) {
      messages.push(dialect.said(said));
      if (said.problem !== undefined || results.length === 0) {
        messages.push({ role: 'user', content: [said.problem, notice].filter(Boolean).join('\n\n') });
        continue;
      }
      const told = results.map((result, index) => {
        const text = place++ < this.digested ? digestOf(result) : result.text;
        const isLast = index === results.length - 1;
        return { call: said.calls[index], text: isLast && notice !== undefined ? `${text}\n\n${notice}` : text };
      });
      messages.push(...dialect.results(told));
    }
    return messages;
  }
}

/** A result that was replaced by this can be had again. */
function digestOf({ summary }: CallResult): string {
  return `${summary} (Left out here. Call again to see it.)`;
}

const tokensPerMessage = 8; // role markers of chat templates

function tokensOf(messages: readonly PromptMessage[]): number {
  return messages.reduce((sum, message) => {
    const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
    const written = calls.map(({ name, arguments: values }) => name + values).join('');
    const images = message.role === 'user' ? (message.images ?? []) : [];
    const seen = images.reduce((tokens, image) => tokens + estimatePictureTokens(image), 0);
    return sum + tokensPerMessage + seen + estimateTokens(message.content + written);
  }, 0);
}

/** Turns before a question is answered with what is known: models that are better at it need fewer. */
const maxLooks = 10;

/** What a model whose answers are forced can call in its next turn: nothing it has just done, what is left of a task that seems done, no change where it is asked a question, and nothing at all once it was told to answer or is stuck. */
export async function choicesNow(
  tools: readonly AgentTool[],
  run: ToolRun,
  transcript: Transcript,
  task: string,
): Promise<OfferedTool[]> {
  if (transcript.turns.at(-1)?.notice !== undefined || isStuck(transcript)) return [];
  const past = pastCalls(transcript);
  const isAsked = isQuestion(task); // small models change something all the same, or go on looking
  if (isAsked && transcript.turns.length >= maxLooks) return [];
  const isDone = !isAsked && isOver(past);
  const isLeft = ({ kind }: AgentTool): boolean => (kind === 'edit' ? !isAsked : kind === 'run' || !isDone);
  return Promise.all(
    tools
      .filter(isLeft)
      .map(async (tool) => (tool.choices ? { ...tool, schemas: await tool.choices(run, past, task) } : tool)),
  );
}

/** Whether a program has failed alike too often, whatever was changed. */
export function isStuck(transcript: Transcript): boolean {
  return failuresAlike(pastCalls(transcript)) >= maxFailuresAlike;
}

/** What is called before such a model is asked anything. */
export async function callsFirst(tools: readonly AgentTool[], run: ToolRun, task: string): Promise<FirstCall[]> {
  const calls = tools.map(async ({ name, first }) =>
    ((await first?.(run, task)) ?? []).map((given) => ({ name, arguments: JSON.stringify(given) })),
  );
  return (await Promise.all(calls)).flat();
}

/** Without those that stand in the prompt as digests. */
function pastCalls({ turns, digested }: Transcript): PastCall[] {
  const calls = turns.flatMap(({ said, results }) =>
    results.map(({ ok, text }, i) => ({
      name: said.calls[i]?.name ?? '',
      given: objectOf(said.calls[i]?.arguments) ?? {},
      ok,
      text,
    })),
  );
  return calls.slice(digested);
}
