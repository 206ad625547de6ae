// The client of a session as the agent has it: what it's shown, what it's asked, and what it can.
import type {
  AgentContext,
  ClientCapabilities,
  CreateElicitationRequest,
  CreateElicitationResponse,
  RequestPermissionOutcome,
  RequestPermissionRequest,
  SessionUpdate,
} from '@agentclientprotocol/sdk';
import { methods } from '@agentclientprotocol/sdk';

/** What a client has said that it can. */
export interface ClientAbilities {
  /** Whether it asks its user with a form. */
  hasForms: boolean;
  /** Whether it says what its buffers hold. */
  readsFiles: boolean;
}

export function abilitiesOf(capabilities: ClientCapabilities | null | undefined): ClientAbilities {
  return { hasForms: Boolean(capabilities?.elicitation?.form), readsFiles: capabilities?.fs?.readTextFile === true };
}

export type Permission = Omit<RequestPermissionRequest, 'sessionId'>;
export type Form = Pick<CreateElicitationRequest & { mode: 'form' }, 'message' | 'requestedSchema'>;

/** Lives as long as its session. */
export class SessionClient {
  readonly #context: AgentContext;
  readonly #sessionId: string;
  readonly abilities: ClientAbilities;

  constructor(context: AgentContext, sessionId: string, abilities: ClientAbilities) {
    this.#context = context;
    this.#sessionId = sessionId;
    this.abilities = abilities;
  }

  update(update: SessionUpdate): void {
    const { session } = methods.client;
    this.#context.notify(session.update, { sessionId: this.#sessionId, update }).catch(() => {}); // it has left
  }

  /** What the user chose. An aborted `signal` takes the question back. */
  async permission(request: Permission, signal: AbortSignal): Promise<RequestPermissionOutcome> {
    const { outcome } = await this.#context.request(
      methods.client.session.requestPermission,
      { sessionId: this.#sessionId, ...request },
      { cancellationSignal: signal, stopWaitingOnCancel: true },
    );
    return outcome;
  }

  async form(form: Form, toolCallId: string, signal: AbortSignal): Promise<CreateElicitationResponse> {
    return await this.#context.request(
      methods.client.elicitation.create,
      { mode: 'form', sessionId: this.#sessionId, toolCallId, ...form },
      { cancellationSignal: signal, stopWaitingOnCancel: true },
    );
  }

  /** What the buffer of a file holds, or the file where there is none. Throws where it can't be read. */
  async readFile(path: string): Promise<string> {
    const { content } = await this.#context.request(methods.client.fs.readTextFile, {
      sessionId: this.#sessionId,
      path,
    });
    return content;
  }
}
