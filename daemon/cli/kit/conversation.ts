// Questions line by line at a terminal, with the history of lines under the arrow keys.
import { createInterface } from 'node:readline';
import { CancelledError, UserError } from '../../base/errors.ts';

export interface Conversation {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
  /** Calls back at the first Ctrl+C while an answer comes; what it returns ends that. */
  onInterrupt(interrupt: () => void): () => void;
  /** Throws UserError and CancelledError: then the next question is asked for. */
  answer(question: string, signal: AbortSignal): Promise<void>;
  onFailure(error: unknown): void;
}

const prompt = '> ';
/** With it a terminal marks what is pasted, so that its lines are one question. */
const markPasted = '\u001b[?2004h';
const markNothing = '\u001b[?2004l';

/** What was typed before it was asked for. Lives as long as a conversation. */
interface TypedLines {
  history: string[];
  whole: string[];
  begun: string;
}

/** Ends at /exit, at the end of the input, and at Ctrl+C at the prompt, which throws CancelledError. */
export async function converse(conversation: Conversation): Promise<void> {
  const typed: TypedLines = { history: [], whole: [], begun: '' };
  for (;;) {
    const question = typed.whole.shift() ?? (await readQuestion(conversation, typed));
    if (question === undefined || question.trim() === '/exit') return;
    if (question.trim() !== '') await answerOne(conversation, question);
  }
}

async function answerOne({ onInterrupt, answer, onFailure }: Conversation, question: string): Promise<void> {
  const interrupted = new AbortController();
  const release = onInterrupt(() => interrupted.abort());
  try {
    await answer(question, interrupted.signal);
  } catch (error) {
    if (!(error instanceof UserError || error instanceof CancelledError)) throw error;
    onFailure(error);
  } finally {
    release();
  }
}

/** Reads a question under an interface of its own, so that between questions Ctrl+C is the system's signal. Undefined at the end. */
function readQuestion(
  { input, output }: Pick<Conversation, 'input' | 'output'>,
  typed: TypedLines,
): Promise<string | undefined> {
  const lines = createInterface({ input, output, prompt, history: [...typed.history], terminal: true });
  const [pasted, read]: [string[], string[]] = [[], []];
  let isPasting = false;
  const onKey = (_text: unknown, { name }: { name?: string }): void => {
    if (name === 'paste-start') isPasting = true;
    else if (name === 'paste-end') isPasting = false;
  };
  input.on('keypress', onKey);
  return new Promise((resolve, reject) => {
    lines.on('history', (history) => {
      typed.history = history;
    });
    lines.on('SIGINT', () => {
      reject(new CancelledError());
      lines.close();
    });
    lines.on('line', (line) => {
      if (isPasting) return void pasted.push(line);
      read.push([...pasted.splice(0), line].join('\n'));
      if (read.length === 1) setImmediate(() => lines.close()); // what came along with it is read first
    });
    lines.on('close', () => {
      input.off('keypress', onKey);
      const [question, ...more] = read;
      output.write(question === undefined ? `${markNothing}\n` : markNothing);
      typed.whole.push(...more);
      typed.begun = lines.line;
      resolve(question);
    });
    output.write(markPasted);
    lines.prompt();
    if (typed.begun !== '') lines.write(typed.begun);
  });
}
