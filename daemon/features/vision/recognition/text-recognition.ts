// Text out of pictures without a model: Tesseract in a child process of low rights, started when it is needed and gone a while after.
import { CancelledError, throwIfCancelled, UserError } from '../../../base/errors.ts';
import { FairQueue } from '../../../base/fair-queue.ts';
import { LinkedAbort } from '../../../base/listeners.ts';
import type { Log } from '../../../base/log.ts';
import { type ChildFailure, ChildHost } from '../../../base/process/child-host.ts';
import { lowRights } from '../../../base/process/low-rights.ts';
import type { Pictures } from '../pictures.ts';
import { languageData } from './languages.ts';
import type { RecognitionProtocol, RecognizedLine } from './messages.ts';

export type { RecognizedLine };

export interface RecognizedText {
  /** The lines, with their indentation; empty where the picture has no text. */
  text: string;
  lines: RecognizedLine[];
}

export interface TextRecognitionDeps {
  /** The child's script. */
  hostPath: string;
  pictures: Pick<Pictures, 'pixels'>;
  /** Names of languages, or paths of Tesseract's data. */
  languages(): readonly string[];
  log: Log;
}

interface NamedPicture {
  bytes: Uint8Array;
  /** What sentences call it. */
  name: string;
}

const idleMs = 60_000;
const maxMs = 120_000;
const heapMegabytes = 1024;

/** Lives as long as the daemon. Reads one picture at a time. */
export class TextRecognition implements AsyncDisposable {
  readonly #deps: TextRecognitionDeps;
  readonly #host: ChildHost<RecognitionProtocol>;
  readonly #queue = new FairQueue();
  #idle: NodeJS.Timeout | undefined;

  constructor(deps: TextRecognitionDeps) {
    this.#deps = deps;
    this.#host = new ChildHost({
      path: deps.hostPath,
      nodeOptions: lowRights(deps.hostPath, { levels: 4, heapMegabytes }),
      toError: (failure) => toError(failure, deps.log),
    });
  }

  /** Of the process, while there is one. */
  get pid(): number | undefined {
    return this.#host.pid;
  }

  /** Throws UserError as `Pictures.pixels` does, `no-language`, `recognition-failed` and `recognition-slow`; and CancelledError. */
  async read({ bytes, name }: NamedPicture, signal: AbortSignal): Promise<RecognizedText> {
    const [languages, picture] = await Promise.all([
      languageData(this.#deps.languages()),
      this.#deps.pictures.pixels(bytes, { name, signal }),
    ]);
    const lines = await this.#queue.run(() => this.#ask({ picture, languages }, name, signal), {
      signal,
      priority: 'interactive',
    });
    return { text: lines.map(({ text }) => text).join('\n'), lines };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    await this.#host[Symbol.asyncDispose]();
  }

  /** The child hears nothing while it reads, so it is ended where nobody waits for it any more. */
  async #ask(
    request: RecognitionProtocol['requests']['read']['params'],
    name: string,
    signal: AbortSignal,
  ): Promise<RecognizedLine[]> {
    clearTimeout(this.#idle);
    using limit = new LinkedAbort([signal], maxMs);
    try {
      return await this.#host.request('read', request, { signal: limit.signal });
    } catch (error) {
      if (limit.signal.aborted) await this.#host.kill();
      throwIfCancelled(signal);
      if (!(error instanceof CancelledError)) throw error;
      throw new UserError(
        'recognition-slow',
        `Reading the text of ${name} took longer than ${maxMs / 60_000} minutes. Crop it to the part that matters, and try again.`,
      );
    } finally {
      this.#idle = setTimeout(() => void this.#host.kill(), idleMs).unref();
    }
  }
}

function toError(failure: ChildFailure, log: Log): Error {
  if (failure.kind === 'error') return new UserError(failure.code, failure.message);
  const why = failure.kind === 'bug' ? failure.stack : `${failure.how}: ${failure.lastWords}`;
  log.warn({ why }, 'the text of a picture was not read');
  return new UserError(
    'recognition-failed',
    "The text of the picture couldn't be read. Try again. If it stays so, reinstall Switchyard for this platform; the log says why.",
    { retryable: true },
  );
}
