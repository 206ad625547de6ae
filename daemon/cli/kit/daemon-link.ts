// The line to the shared daemon of a server that another program started: a session in that program's folders, joined when it is first needed, and anew once it is lost.
import type { AnyRequest, ParamsInput, Part, Result } from '../../../shared/protocol/define.ts';
import { UserError } from '../../base/errors.ts';
import { connect, type DaemonClient, type DaemonClientOptions } from './client.ts';
import { printNote } from './terminal.ts';

type LinkOptions = Pick<DaemonClientOptions, 'profile' | 'index' | 'readDocument'>;

interface LinkSession {
  /** The folders as JSON. */
  folders: string;
  client: Promise<DaemonClient>;
  calls: number;
}

interface LinkCall<M extends AnyRequest> {
  /** As URIs. Any session will do where they are left out. */
  folders?: readonly string[];
  signal: AbortSignal;
  /** Not to be asked of the next daemon: it's for what this one does. */
  isOnce?: boolean;
  onPart?(part: Part<M>): void;
}

/** Lives as long as the program. */
export class DaemonLink {
  readonly #options: LinkOptions;
  #session: LinkSession | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Hangs up: what runs for this client ends as it does when a client leaves. The next call joins anew. */
  async leave(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.client.then((client) => client.close()).catch(() => {}); // there was none
  }

  /** Asks the next daemon where this one went before it said anything. Throws UserError, and CancelledError. */
  async call<M extends AnyRequest>(
    message: M,
    params: ParamsInput<M>,
    { folders, signal, isOnce = false, onPart }: LinkCall<M>,
  ): Promise<Result<M>> {
    let isBegun = false;
    const note = (part: Part<M>): void => {
      isBegun = true;
      onPart?.(part);
    };
    const ask = () => this.#ask(folders, (client) => client.call(message, params, onPart && note, signal));
    try {
      return await ask();
    } catch (error) {
      if (isBegun || isOnce || !isLost(error)) throw error;
      return await ask();
    }
  }

  async #ask<T>(folders: readonly string[] | undefined, work: (client: DaemonClient) => Promise<T>): Promise<T> {
    const session = this.#sessionIn(folders);
    session.calls++;
    try {
      return await work(await session.client);
    } catch (error) {
      if (isLost(error)) this.#forget(session); // a daemon that is stopped may say so before it hangs up
      throw error;
    } finally {
      session.calls--;
      this.#leaveUnused(session);
    }
  }

  /** The daemon knows a session's profile by its folders, so other folders are another session. */
  #sessionIn(folders: readonly string[] | undefined): LinkSession {
    const known = this.#session;
    const wanted = JSON.stringify(folders ?? []);
    if (known && (folders === undefined || known.folders === wanted)) return known;
    const session: LinkSession = { folders: wanted, client: this.#join(folders ?? [], () => forget()), calls: 0 };
    const forget = (): void => this.#forget(session);
    session.client.catch(forget); // its callers are told why
    this.#session = session;
    if (known) this.#leaveUnused(known);
    return session;
  }

  #forget(session: LinkSession): void {
    if (this.#session === session) this.#session = undefined;
  }

  #join(roots: readonly string[], onClose: () => void): Promise<DaemonClient> {
    return connect({ ...this.#options, roots, heedsInterrupt: true, onClose });
  }

  #leaveUnused(session: LinkSession): void {
    if (session !== this.#session && session.calls === 0)
      session.client.then((client) => client.close()).catch(() => {}); // there was none, or it is closed
  }
}

function isLost(error: unknown): boolean {
  return error instanceof UserError && error.code === 'daemon-lost';
}

interface ServedProtocol {
  command: 'mcp' | 'acp';
  protocol: string;
}

/** Resolves with the code to exit with. Somebody who types the command at a terminal is told what it is for. */
export async function servedUntil(ended: Promise<unknown>, { command, protocol }: ServedProtocol): Promise<0 | 130> {
  if (process.stdin.isTTY)
    printNote(
      `This serves another program, in the ${protocol}. To set one up, run \`switchyard ${command} --config NAME\`. Press Ctrl+C to stop.`,
    );
  const interrupted = Promise.withResolvers<130>();
  process.once('SIGINT', () => interrupted.resolve(130));
  return await Promise.race([ended.then(() => 0 as const), interrupted.promise]);
}
