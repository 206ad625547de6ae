// Relays between one page of a view and the daemon: lets through only what a view may ask, and nothing that is too large.
// Knows neither VS Code nor the wire; both are handed in.
import { PageDecisions } from '../../shared/page-decisions.ts';
import {
  type FromHost,
  type HostAction,
  maxHostMessageChars,
  maxViewMessageChars,
  type ToHost,
  viewMethods,
} from '../../shared/webview.ts';

export interface RelayEnds {
  post(message: FromHost): void;
  request(
    method: string,
    params: unknown,
    options: { signal: AbortSignal; onPart(part: unknown): void },
  ): Promise<unknown>;
  act(action: HostAction): void;
  /** Takes a run of the agent that goes on by a request whose page is gone. */
  left?(run: LeftRun): void;
}

export interface LeftRun {
  jobId: string;
  /** The step that the page has shown to be asked about last. */
  shownCall?: string | undefined;
}

/** A request that is under way. */
interface RunningRequest {
  controller: AbortController;
  /** What it begins or goes on with, if that is a run. */
  run: LeftRun | undefined;
}

const resume = 'switchyard/jobs/resume';

/** Lives as long as one page of a view. Requests outlive it, since the daemon stores an answer in any case. */
export class ViewRelay {
  readonly #ends: RelayEnds;
  readonly #running = new Map<number, RunningRequest>();
  readonly #decisions = new PageDecisions('vscode');
  #isClosed = false;

  constructor(ends: RelayEnds) {
    this.#ends = ends;
  }

  /** Takes one message of the page; whatever is not one is dropped. */
  receive(message: ToHost): void {
    if (message.type === 'request') void this.#request(message);
    else if (message.type === 'cancel') this.#running.get(message.id)?.controller.abort();
    else if (message.type === 'action') this.#ends.act(message.action);
  }

  post(message: FromHost): void {
    if (!this.#isClosed) this.#ends.post(message);
  }

  /** The page is gone: whatever still arrives for it is dropped. */
  close(): void {
    this.#isClosed = true;
    for (const { run } of this.#running.values()) if (run) this.#ends.left?.(run);
  }

  /** What a part says of the run that its request began. */
  #follow(request: RunningRequest, part: unknown): void {
    const { kind, jobId, approval } = fieldsOf(part);
    if (kind === 'started' && typeof jobId === 'string') {
      request.run = { jobId };
      if (this.#isClosed) this.#ends.left?.(request.run);
    }
    const { callId } = fieldsOf(approval);
    if (kind === 'approval' && typeof callId === 'string' && request.run && !this.#isClosed)
      request.run.shownCall = callId;
  }

  async #request({ id, method, params }: ToHost & { type: 'request' }): Promise<void> {
    if (!viewMethods.has(method)) return this.#fail(id, 'not-allowed', `A view may not call ${method}.`);
    const refusal = this.#decisions.refusal(method, params);
    if (refusal !== undefined) return this.#fail(id, 'not-allowed', refusal);
    if (isLongerThan(maxHostMessageChars, params))
      return this.#fail(id, 'too-large', 'This is too much text for one message. Attach less, or send it in parts.');

    const controller = new AbortController();
    const { jobId } = fieldsOf(params);
    const running: RunningRequest = {
      controller,
      run: method === resume && typeof jobId === 'string' ? { jobId } : undefined,
    };
    this.#running.set(id, running);
    const see = this.#decisions.watch(method);
    try {
      const result = await this.#ends.request(method, params, {
        signal: controller.signal,
        onPart: (part) => {
          this.#follow(running, part);
          if (this.#isClosed) return;
          if (isLongerThan(maxViewMessageChars, part)) return;
          see(part);
          this.post({ type: 'part', id, part });
        },
      });
      if (isLongerThan(maxViewMessageChars, result))
        return this.#fail(id, 'too-large', 'The answer is too large for this view. Ask for less at once.');
      this.#decisions.receive(method, result);
      this.post({ type: 'response', id, result });
    } catch (error) {
      const { code, retryable } = error as { code?: unknown; retryable?: unknown };
      this.#fail(
        id,
        typeof code === 'string' ? code : 'bug',
        error instanceof Error ? error.message : String(error),
        retryable === true,
      );
    } finally {
      this.#running.delete(id);
    }
  }

  #fail(id: number, code: string, message: string, retryable = false): void {
    this.post({ type: 'error', id, message, code, retryable });
  }
}

/** Whether something a page sent has the form of a message. */
export function isToHost(message: unknown): message is ToHost {
  if (typeof message !== 'object' || message === null) return false;
  const { type, id, method, action } = message as Record<string, unknown>;
  if (type === 'ready') return true;
  if (type === 'request') return Number.isInteger(id) && typeof method === 'string';
  if (type === 'cancel') return Number.isInteger(id);
  return (
    type === 'action' &&
    typeof action === 'object' &&
    action !== null &&
    typeof (action as { kind?: unknown }).kind === 'string'
  );
}

function isLongerThan(maxChars: number, value: unknown): boolean {
  return (JSON.stringify(value)?.length ?? 0) > maxChars;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
