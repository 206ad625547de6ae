// A view in a browser: the envelope of `shared/webview.ts` over a WebSocket, answered by the same rows as every client.
import type { WebSocket } from 'ws';
import { PageDecisions } from '../../shared/page-decisions.ts';
import { IndexRefresh } from '../../shared/protocol/code-index.ts';
import { ProfileUse } from '../../shared/protocol/profiles.ts';
import {
  type FromHost,
  type HostAction,
  type HostActionKind,
  maxViewMessageChars,
  pageMethods,
  type ToHost,
} from '../../shared/webview.ts';
import type { Session } from '../sessions/session.ts';
import { IndexStrip } from './index-strip.ts';

/** How the daemon answers one request of a session. */
type AnswerRequest = (
  method: string,
  params: unknown,
  call: { session: Session; signal: AbortSignal; emit(part: unknown): void },
) => Promise<
  { result: unknown } | { error: { message: string; code: number; data?: { code: string; retryable: boolean } } }
>;

export interface ViewDeps {
  session: Session;
  answer: AnswerRequest;
  /** Calls the listener when an index of code may have changed; returns how to end that. */
  onIndexChange(listener: () => void): () => void;
  /** Called when the view was switched to another profile. */
  onSwitched(): void;
}

/** Actions that a page does by itself, or has done for it here. */
const ownActions: readonly HostActionKind[] = [
  'copy',
  'open-external',
  'save-export',
  'save-picture',
  'open-chat',
  'open-history',
  'export-all',
  'import-chats',
  'switch-profile',
  'review-run',
  'undo-run',
];

/** Answers a view until its socket closes. Methods that are not a view's are refused. */
export function serveView(socket: WebSocket, deps: ViewDeps): void {
  const view = new ViewConnection(socket, deps);
  socket.on('message', (data) => view.receive(parse(String(data))));
  socket.on('close', () => view[Symbol.dispose]());
}

/** Lives as long as its socket is open. */
class ViewConnection implements Disposable {
  readonly #socket: WebSocket;
  readonly #deps: ViewDeps;
  /** Requests of the page that are being answered, by its ids. */
  readonly #running = new Map<number, AbortController>();
  readonly #decisions = new PageDecisions('browser');
  readonly #index: IndexStrip;
  readonly #stopListening: () => void;

  constructor(socket: WebSocket, deps: ViewDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#index = new IndexStrip({
      roots: deps.session.roots,
      ask: (method, params) => this.#ask(method, params),
      show: (status) => this.#send({ type: 'index', ...(status && { status }) }),
    });
    this.#stopListening = deps.onIndexChange(() => this.#index.look());
  }

  receive(message: ToHost | undefined): void {
    if (message?.type === 'ready') this.#greet();
    else if (message?.type === 'request') void this.#answer(message.id, message.method, message.params);
    else if (message?.type === 'cancel') this.#running.get(message.id)?.abort();
    else if (message?.type === 'action' && typeof message.action === 'object' && message.action !== null)
      void this.#act(message.action);
  }

  #greet(): void {
    const [root] = this.#deps.session.roots;
    const hasFolders = root !== undefined;
    const folder = root && decodeURIComponent(root).split('/').findLast(Boolean);
    this.#send({
      type: 'hello',
      host: 'browser',
      actions: hasFolders ? [...ownActions, 'refresh-index'] : [...ownActions],
      ...(folder && { folder }),
    });
    this.#send({ type: 'connection', state: 'connected' });
    this.#index.look();
  }

  async #answer(id: number, method: string, params: unknown): Promise<void> {
    if (!pageMethods.has(method)) {
      const message = 'A view may not call this method.';
      return this.#send({ type: 'error', id, code: 'not-allowed', retryable: false, message });
    }
    const refusal = this.#decisions.refusal(method, params);
    if (refusal !== undefined)
      return this.#send({ type: 'error', id, code: 'not-allowed', retryable: false, message: refusal });
    const controller = new AbortController();
    this.#running.set(id, controller);
    const see = this.#decisions.watch(method);
    const outcome = await this.#deps.answer(method, params, {
      session: this.#deps.session,
      signal: controller.signal,
      emit: (part) => {
        see(part);
        this.#send({ type: 'part', id, part });
      },
    });
    this.#running.delete(id);
    if ('result' in outcome) {
      this.#decisions.receive(method, outcome.result);
      return this.#send({ type: 'response', id, result: outcome.result });
    }
    const { message, data } = outcome.error;
    const code = data?.code ?? (controller.signal.aborted ? 'cancelled' : 'internal');
    this.#send({ type: 'error', id, message, code, retryable: data?.retryable ?? false });
  }

  /** Asks as the page would. Undefined where that failed: what is shown next tells the user. */
  async #ask(method: string, params: unknown): Promise<unknown> {
    const { session, answer } = this.#deps;
    const outcome = await answer(method, params, { session, signal: session.closed, emit() {} });
    return 'result' in outcome ? outcome.result : undefined;
  }

  async #act(action: HostAction): Promise<void> {
    const { session, onSwitched } = this.#deps;
    if (action.kind === 'refresh-index')
      await Promise.all(session.roots.map((root) => this.#ask(IndexRefresh.method, { root })));
    if (action.kind !== 'switch-profile' || typeof action.profileId !== 'string') return;
    if (await this.#ask(ProfileUse.method, { profile: action.profileId, bind: false })) onSwitched();
    this.#send({ type: 'profile-changed' });
    this.#index.look();
  }

  #send(message: FromHost): void {
    const text = JSON.stringify(message);
    if (text.length <= maxViewMessageChars) return this.#socket.send(text);
    if (message.type !== 'response') return;
    this.#send({
      type: 'error',
      id: message.id,
      code: 'too-large',
      retryable: false,
      message: 'The answer is too large for this view. Ask for a smaller page.',
    });
  }

  [Symbol.dispose](): void {
    this.#stopListening();
    this.#index[Symbol.dispose]();
  }
}

function parse(text: string): ToHost | undefined {
  try {
    const message = JSON.parse(text) as ToHost;
    const isCall = message.type === 'request' || message.type === 'cancel';
    return isCall && !Number.isInteger(message.id) ? undefined : message;
  } catch {
    return undefined;
  }
}
