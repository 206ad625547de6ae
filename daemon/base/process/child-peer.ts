// The child's end of `child-host.ts`: answers the daemon's requests by a table, and says by itself what the daemon should know.
import { CancelledError, UserError } from '../errors.ts';
import type { ChildProtocol, FromChild, RequestName, ThrownFailure, ToChild } from './child-host.ts';

export interface ChildCall<Part> {
  /** Aborted when whoever asked no longer wants the result. */
  signal: AbortSignal;
  send(part: Part): void;
}

export interface ChildPeerDeps<P extends ChildProtocol> {
  answers: {
    [Name in RequestName<P>]: (
      params: P['requests'][Name]['params'],
      call: ChildCall<P['requests'][Name]['part']>,
    ) => Promise<P['requests'][Name]['result']>;
  };
  onNotice?(notice: P['toChild']): void;
  /** The daemon is gone; the process exits where left out. */
  onDisconnect?(): void;
}

/** Listens from now on. Requests run side by side; whoever cannot do two at once queues them. */
export function serveParent<P extends ChildProtocol>(deps: ChildPeerDeps<P>): ChildPeer<P> {
  return new ChildPeer(deps);
}

/** Lives as long as the child process. */
export class ChildPeer<P extends ChildProtocol> {
  readonly #deps: ChildPeerDeps<P>;
  readonly #running = new Map<number, AbortController>();

  constructor(deps: ChildPeerDeps<P>) {
    this.#deps = deps;
    process.on('message', (message) => this.#receive(message as ToChild<P>));
    process.on('disconnect', deps.onDisconnect ?? (() => process.exit(0)));
  }

  notify(notice: P['fromChild']): void {
    this.#send({ kind: 'notice', notice });
  }

  #receive(message: ToChild<P>): void {
    switch (message.kind) {
      case 'notice':
        this.#deps.onNotice?.(message.notice);
        break;
      case 'cancel':
        this.#running.get(message.id)?.abort();
        break;
      case 'request':
        void this.#answer(message);
        break;
    }
  }

  async #answer({ id, name, params }: Extract<ToChild<P>, { kind: 'request' }>): Promise<void> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    const send = (part: P['requests'][string]['part']): void => this.#send({ kind: 'part', id, part });
    try {
      const result = await this.#deps.answers[name](params, { signal: controller.signal, send });
      this.#send({ kind: 'result', id, result });
    } catch (error) {
      if (error instanceof CancelledError) this.#send({ kind: 'cancelled', id });
      else this.#send({ kind: 'failure', id, failure: toFailure(error) });
    } finally {
      this.#running.delete(id);
    }
  }

  #send(message: FromChild<P>): void {
    process.send?.(message);
  }
}

function toFailure(error: unknown): ThrownFailure {
  if (error instanceof UserError) return { kind: 'error', code: error.code, message: error.message };
  return { kind: 'bug', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
