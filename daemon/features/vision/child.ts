// The daemon's side of the child that decodes pictures: what the header refuses goes nowhere, and nothing else is decided here.
import { pictureRefusal } from '../../../shared/pictures.ts';
import { CancelledError, UserError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { type ChildFailure, ChildHost, type RequestName } from '../../base/process/child-host.ts';
import { lowRights } from '../../base/process/low-rights.ts';
import type { PictureProtocol } from './messages.ts';
import type { PictureGrid, PictureOptions, Pictures, PreparedPicture } from './pictures.ts';

export interface PictureChildDeps {
  hostPath: string;
  /** The user's setting. */
  isEnabled(): boolean;
  log: Log;
}

const maxMs = 30_000; // the largest photograph takes some seconds, and far more beside a loaded model
const idleMs = 60_000; // pictures come in a row
const heapMegabytes = 1024;
/** A whole PNG. */
const onePixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

type Result<Name extends RequestName<PictureProtocol>> = PictureProtocol['requests'][Name]['result'];

/** Lives as long as the daemon. Has a process from the first picture until a while after the last; it decodes one at a time. */
export class PictureChild implements Pictures {
  readonly #deps: PictureChildDeps;
  readonly #host: ChildHost<PictureProtocol>;
  #isReady = false;
  #running = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(deps: PictureChildDeps) {
    this.#deps = deps;
    this.#host = new ChildHost({
      path: deps.hostPath,
      nodeOptions: lowRights(deps.hostPath, { levels: 3, heapMegabytes }),
      toError: (failure) => this.#toError(failure),
      onNotice: () => {
        this.#isReady = true;
      },
      onEnd: () => {
        this.#isReady = false;
      },
    });
  }

  /** Of the process, while there is one. */
  get pid(): number | undefined {
    return this.#host.pid;
  }

  prepare(bytes: Uint8Array, options: PictureOptions): Promise<PreparedPicture> {
    return this.#ask('prepare', bytes, options);
  }

  pixels(bytes: Uint8Array, options: PictureOptions): Promise<PictureGrid> {
    return this.#ask('pixels', bytes, options);
  }

  /** For `doctor`: reads a small picture. */
  async examine(signal: AbortSignal): Promise<{ ok: boolean; detail: string; fix?: string }> {
    if (!this.#deps.isEnabled()) return { ok: true, detail: 'off, as set in config.json' };
    try {
      await this.prepare(Buffer.from(onePixel, 'base64'), { name: 'A picture', signal });
      return { ok: true, detail: 'PNG, JPEG, GIF, and WebP can be attached to questions' };
    } catch (error) {
      const detail = error instanceof UserError ? error.message : "a small picture couldn't be read in time";
      return { ok: false, detail, fix: 'Reinstall Switchyard for this platform.' };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    await this.#host[Symbol.asyncDispose]();
  }

  async #ask<Name extends RequestName<PictureProtocol>>(
    request: Name,
    bytes: Uint8Array,
    { name, signal }: PictureOptions,
  ): Promise<Result<Name>> {
    if (!this.#deps.isEnabled())
      throw new UserError(
        'no-vision-part',
        'Pictures are turned off in config.json. To attach one, remove "enabled": false from "vision" there.',
      );
    const refusal = pictureRefusal(bytes, name);
    if (refusal !== undefined) throw new UserError('bad-picture', refusal);
    clearTimeout(this.#idle);
    this.#running++;
    const limit = AbortSignal.timeout(maxMs);
    try {
      return await this.#host.request(request, { bytes, name }, { signal: AbortSignal.any([signal, limit]) });
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      if (this.#running === 1) await this.#host.kill(); // nothing else ends a decoder that is at work
      if (signal.aborted || !limit.aborted) throw error;
      throw new UserError('bad-picture', `${name} took too long to read. Attach a smaller version.`, {
        retryable: true,
      });
    } finally {
      this.#running--;
      if (this.#running === 0) this.#idle = setTimeout(() => void this.#host.kill(), idleMs).unref();
    }
  }

  #toError(failure: ChildFailure): Error {
    if (failure.kind === 'error') return new UserError(failure.code, failure.message);
    const why = failure.kind === 'bug' ? failure.stack : `${failure.how}: ${failure.lastWords}`;
    this.#deps.log.warn({ why }, 'a picture was not decoded');
    if (this.#isReady)
      return new UserError('bad-picture', "The picture can't be read. Save it in another format, and attach that.");
    return new UserError(
      'no-vision-part',
      "Pictures can't be attached, because the part of Switchyard that reads them doesn't start. The log says why. Reinstall Switchyard for this platform.",
    );
  }
}
