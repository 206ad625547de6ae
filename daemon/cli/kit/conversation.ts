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

/** Ends at /exit, at the end of the input, and at Ctrl+C at the prompt, which throws CancelledError. */
export async function converse(conversation: Conversation): Promise<void> {
  let history: string[] = [];
  for (;;) {
    const question = await readLine(conversation, history, (lines) => {
      history = lines;
    });
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

/** Reads a line under an interface of its own, so that between lines Ctrl+C is the system's signal. Undefined at the end. */
function readLine(
  { input, output }: Pick<Conversation, 'input' | 'output'>,
  history: string[],
  onHistory: (lines: string[]) => void,
): Promise<string | undefined> {
  const lines = createInterface({ input, output, prompt, history: [...history], terminal: true });
  return new Promise((resolve, reject) => {
    lines.on('history', onHistory);
    let isLine = false;
    lines.on('SIGINT', () => {
      reject(new CancelledError());
      lines.close();
    });
    lines.on('line', (line) => {
      isLine = true;
      resolve(line);
      lines.close();
    });
    lines.on('close', () => {
      if (!isLine) output.write('\n');
      resolve(undefined);
    });
    lines.prompt();
  });
}
