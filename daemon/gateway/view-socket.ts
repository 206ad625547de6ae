// A view in a browser: the envelope of `shared/webview.ts` over a WebSocket, answered by the same rows as every client.
import type { WebSocket } from 'ws';
import { mostViewMessageChars, viewMethods, type FromHost, type ToHost } from '../../shared/webview.ts';
import type { Session } from '../session.ts';

/** How the daemon answers one request of a session; handed in, so that this file needs no part of it. */
export type Answer = (
  method: string,
  params: unknown,
  call: { session: Session; signal: AbortSignal; emit(part: unknown): void },
) => Promise<{ result: unknown } | { error: { message: string; code: number; data?: { code: string; retryable: boolean } } }>;

/** Answers a view until its socket closes. Methods that are not a view's are refused. */
export function serveView(socket: WebSocket, session: Session, answer: Answer): void {
  const running = new Map<number, AbortController>();
  const send = (message: FromHost): void => {
    const text = JSON.stringify(message);
    if (text.length <= mostViewMessageChars) return socket.send(text);
    if (message.type === 'response') socket.send(JSON.stringify({ type: 'error', id: message.id, code: 'too-large', retryable: false, message: 'The answer is too large for this view. Ask for a smaller page.' } satisfies FromHost));
  };
  const onRequest = async (id: number, method: string, params: unknown): Promise<void> => {
    if (!viewMethods.has(method)) return send({ type: 'error', id, code: 'not-allowed', retryable: false, message: 'A view may not call this method.' });
    const controller = new AbortController();
    running.set(id, controller);
    const outcome = await answer(method, params, { session, signal: controller.signal, emit: (part) => send({ type: 'part', id, part }) });
    running.delete(id);
    if ('result' in outcome) return send({ type: 'response', id, result: outcome.result });
    const { message, data } = outcome.error;
    send({ type: 'error', id, message, code: data?.code ?? (controller.signal.aborted ? 'cancelled' : 'internal'), retryable: data?.retryable ?? false });
  };
  socket.on('message', (data) => {
    const message = parse(String(data));
    if (message?.type === 'ready') {
      send({ type: 'hello', host: 'browser', actions: ['copy', 'open-external', 'save-export', 'open-chat', 'open-history', 'export-all', 'import-chats'] });
      send({ type: 'connection', state: 'connected' });
    } else if (message?.type === 'request') {
      void onRequest(message.id, message.method, message.params);
    } else if (message?.type === 'cancel') {
      running.get(message.id)?.abort();
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
