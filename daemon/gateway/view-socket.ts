// A view in a browser: the envelope of `shared/webview.ts` over a WebSocket, answered by the same rows as every client.
import type { WebSocket } from 'ws';
import { IndexRefresh } from '../../shared/protocol/code-index.ts';
import { ProfileUse } from '../../shared/protocol/profiles.ts';
import {
  type FromHost,
  type HostAction,
  type HostActionKind,
  maxViewMessageChars,
  type ToHost,
  viewMethods,
} from '../../shared/webview.ts';
import type { Session } from '../sessions/session.ts';
import { IndexStrip } from './index-strip.ts';

/** How the daemon answers one request of a session; handed in, so that this file needs no part of it. */
export type Answer = (
  method: string,
  params: unknown,
  call: { session: Session; signal: AbortSignal; emit(part: unknown): void },
) => Promise<
  { result: unknown } | { error: { message: string; code: number; data?: { code: string; retryable: boolean } } }
>;

export interface ViewDeps {
  session: Session;
  answer: Answer;
  /** Calls the listener when an index of code may have changed; returns how to end that. */
  onIndexChange(listener: () => void): () => void;
  /** The view has been switched to another profile. */
  onSwitched(): void;
}

/** What a page does by itself, and what is done for it here. */
const ownActions: readonly HostActionKind[] = [
  'copy',
  'open-external',
  'save-export',
  'open-chat',
  'open-history',
  'export-all',
  'import-chats',
  'switch-profile',
];

/** Answers a view until its socket closes. Methods that are not a view's are refused. */
export function serveView(socket: WebSocket, { session, answer, onIndexChange, onSwitched }: ViewDeps): void {
  const running = new Map<number, AbortController>();
  const send = (message: FromHost): void => {
    const text = JSON.stringify(message);
    if (text.length <= maxViewMessageChars) return socket.send(text);
    if (message.type === 'response')
      socket.send(
        JSON.stringify({
          type: 'error',
          id: message.id,
          code: 'too-large',
          retryable: false,
          message: 'The answer is too large for this view. Ask for a smaller page.',
        } satisfies FromHost),
      );
  };
  const onRequest = async (id: number, method: string, params: unknown): Promise<void> => {
    if (!viewMethods.has(method))
      return send({
        type: 'error',
        id,
        code: 'not-allowed',
        retryable: false,
        message: 'A view may not call this method.',
      });
    const controller = new AbortController();
    running.set(id, controller);
    const outcome = await answer(method, params, {
      session,
      signal: controller.signal,
      emit: (part) => send({ type: 'part', id, part }),
    });
    running.delete(id);
    if ('result' in outcome) return send({ type: 'response', id, result: outcome.result });
    const { message, data } = outcome.error;
    send({
      type: 'error',
      id,
      message,
      code: data?.code ?? (controller.signal.aborted ? 'cancelled' : 'internal'),
      retryable: data?.retryable ?? false,
    });
  };
  /** For the host's own part; a failure is told by what is shown after it. */
  const ask = async (method: string, params: unknown): Promise<unknown> => {
    const outcome = await answer(method, params, { session, signal: session.closed, emit() {} });
    return 'result' in outcome ? outcome.result : undefined;
  };
  const index = new IndexStrip({
    roots: session.roots,
    ask,
    show: (status) => send({ type: 'index', ...(status && { status }) }),
  });
  const forgetIndex = onIndexChange(() => index.look());
  socket.on('close', () => {
    forgetIndex();
    index[Symbol.dispose]();
  });
  const act = async (action: HostAction): Promise<void> => {
    if (action.kind === 'refresh-index')
      await Promise.all(session.roots.map((root) => ask(IndexRefresh.method, { root })));
    if (action.kind !== 'switch-profile' || typeof action.profileId !== 'string') return;
    if (await ask(ProfileUse.method, { profile: action.profileId, bind: false })) onSwitched();
    send({ type: 'profile-changed' });
    index.look();
  };
  socket.on('message', (data) => {
    const message = parse(String(data));
    if (message?.type === 'ready') {
      send({
        type: 'hello',
        host: 'browser',
        actions: session.roots.length > 0 ? [...ownActions, 'refresh-index'] : [...ownActions],
      });
      send({ type: 'connection', state: 'connected' });
      index.look();
    } else if (message?.type === 'request') {
      void onRequest(message.id, message.method, message.params);
    } else if (message?.type === 'cancel') {
      running.get(message.id)?.abort();
    } else if (message?.type === 'action' && typeof message.action === 'object' && message.action !== null) {
      void act(message.action);
    }
  });
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
