// One question to a chat, and its answer on the terminal: the text on stdout, everything about it on stderr.
import { type ChatPart, ChatSend } from '../../../shared/protocol/chat.ts';
import type { ParamsInput, Result } from '../../../shared/protocol/define.ts';
import { CancelledError } from '../../base/errors.ts';
import { CleanStream } from './clean-stream.ts';
import type { DaemonClient } from './client.ts';
import { withHint } from './command.ts';
import { clean, styled } from './terminal.ts';

export type ChatReply = Result<typeof ChatSend>;

interface AnswerOptions {
  /** Prints nothing, since the reply is printed as JSON. */
  quiet: boolean;
  signal?: AbortSignal;
  /** Told the chat as soon as it is known, also when the answer then fails. */
  onChat?(chatId: string): void;
}

/** Throws UserError and CancelledError, with the chat that the question is in as their hint. Nothing was saved where an answer could not be continued. */
export async function printAnswer(
  client: DaemonClient,
  params: ParamsInput<typeof ChatSend>,
  { quiet, signal = client.interrupted, onChat }: AnswerOptions,
): Promise<ChatReply> {
  const printer = new AnswerPrinter(quiet);
  let chatId = params.continueOf === undefined ? params.chatId : undefined;
  const onPart = (part: ChatPart): void => {
    if (part.kind === 'decision') {
      chatId = part.chatId;
      onChat?.(chatId);
    }
    printer.add(part);
  };
  try {
    const reply = await client.call(ChatSend, params, onPart, signal);
    printer.end(reply);
    return reply;
  } catch (error) {
    printer.break();
    throw withHint(
      error,
      chatId && hintOfChat(chatId, { hasAnswer: error instanceof CancelledError || params.continueOf !== undefined }),
    );
  }
}

function hintOfChat(chatId: string, { hasAnswer }: { hasAnswer: boolean }): string {
  if (hasAnswer) return `The partial answer is saved in chat ${chatId}. ${continueHint(chatId)}`;
  return `The question is saved in chat ${chatId}. To continue, run \`switchyard chat --chat ${chatId} "TEXT"\`.`;
}

function continueHint(chatId: string): string {
  return `To continue the answer, run \`switchyard chat --continue --chat ${chatId}\`.`;
}

/** Lives as long as an answer. */
class AnswerPrinter {
  readonly #quiet: boolean;
  /** Lines for after the answer. */
  readonly #later: string[] = [];
  #isInLine = false;
  readonly #text = new CleanStream();
  /** What it waits for, as last told. */
  #waiting: string | undefined;

  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  add(part: ChatPart): void {
    if (part.kind === 'note' && !(part.waiting && part.text === this.#waiting)) this.#told(part.text);
    if (part.kind === 'note' && part.waiting) this.#waiting = part.text;
    if (this.#quiet) return;
    if (part.kind === 'text') {
      const text = this.#text.add(part.text);
      process.stdout.write(text);
      if (text !== '') this.#isInLine = !text.endsWith('\n');
    }
    if (part.kind === 'thought') process.stdout.write('\n\n'); // what was printed before was reasoning
    if (part.kind === 'memory')
      this.#later.push(
        `Remember "${part.memory.text}"? Run \`switchyard memories accept ${part.memory.id}\` to save it, or \`switchyard memories dismiss ${part.memory.id}\` to never be asked again.`,
      );
    if (part.kind === 'memories')
      this.#later.push(
        `Used ${part.used.length} ${part.used.length === 1 ? 'memory' : 'memories'}. To list them, run \`switchyard memories\`.`,
      );
  }

  end(reply: ChatReply): void {
    if (!this.#quiet) process.stdout.write('\n');
    if (reply.finishReason === 'length') this.#later.push(continueHint(reply.chatId));
    for (const line of this.#quiet ? this.#later : [label(reply), ...this.#later]) printNote(line);
  }

  /** Ends an answer that stops in the middle. */
  break(): void {
    if (this.#isInLine) process.stdout.write('\n');
    for (const line of this.#later) printNote(line);
  }

  /** Retries, and other models that step in, are told as they happen, also beside a JSON document. Within a line it waits. */
  #told(note: string): void {
    if (this.#isInLine) this.#later.push(note);
    else printNote(note);
  }
}

function printNote(text: string): void {
  process.stderr.write(`${styled(process.stderr, 'dim', clean(text))}\n`);
}

function label({ decision, usage, chatId, context }: ChatReply): string {
  const { found = [], summarised = 0, leftOut = 0 } = context ?? {};
  const read = usage.input + usage.cacheRead + usage.cacheWrite;
  const older = [
    found.length > 0 && `${found.length} found again`,
    summarised > 0 && `${summarised} summarized`,
    leftOut > 0 && `${leftOut} left out`,
  ].filter((part) => part !== false);
  const shown = older.length === 0 ? '' : ` · of older messages ${older.join(', ')}`;
  return `${decision.model} · ${decision.reason} · ${read} tokens in, ${usage.output + usage.reasoning} out${shown} · chat ${chatId}`;
}
