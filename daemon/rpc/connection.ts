// From a byte stream to a session: one for each client, closed with its stream.
import type { Readable, Writable } from 'node:stream';
import { serveConnection } from '../server.ts';
import type { Services } from '../services.ts';
import { Session } from '../sessions/session.ts';
import { createTransport } from './transport.ts';

interface ByteStream {
  input: Readable;
  output: Writable;
  rest?: Buffer;
  /** Ends the stream, from our side. */
  end(): void;
}

/** Serves a client until its stream ends. */
export function openSession(stream: ByteStream, services: Services): Session {
  const { sessions, log } = services;
  const connection = createTransport({
    ...stream,
    onBroken(reason) {
      log.warn({ session: session.id, reason }, 'closed a connection with broken framing');
      close();
    },
  });
  const session = new Session(
    sessions.takeId(),
    {
      notify: (method, params) => void connection.sendNotification(method, params).catch(() => {}),
      ask: (method, params) => connection.sendRequest(method, params),
    },
    Date.now(),
  );
  const close = (): void => {
    sessions.leave(session);
    connection.dispose();
    stream.end();
  };
  connection.onClose(close);
  connection.onError(close);
  connection.onNotification('exit', () => {
    session.exitCode = session.isShutDown ? 0 : 1; // as LSP says
    close();
  });
  sessions.add(session);
  serveConnection(connection, session, services);
  connection.listen();
  return session;
}
