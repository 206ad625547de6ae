// A browser's view as a session like any other: it keeps the daemon here, sees what its opener sees, and what it asked for stops when
// it leaves, unless the page is only reloaded.
import type { WebSocket } from 'ws';
import { changesDecided, historyChanged, jobsChanged, modelsChanged } from '../../shared/notifications.ts';
import type { FromHost } from '../../shared/webview.ts';
import { Session } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { ViewScope } from './gateway.ts';
import { serveView, type ViewDeps } from './view-socket.ts';

type OpenViewDeps = Pick<ViewDeps, 'answer' | 'onIndexChange'> & { sessions: Sessions };

/** What a page is told of what the daemon tells every client. */
const news: Readonly<Record<string, FromHost>> = {
  [modelsChanged]: { type: 'models-changed' },
  [jobsChanged]: { type: 'jobs-changed' },
  [changesDecided]: { type: 'changes-decided' },
  [historyChanged]: { type: 'history-changed' },
};

/** Serves a view until its socket closes. */
export function openView(socket: WebSocket, scope: ViewScope, { sessions, answer, onIndexChange }: OpenViewDeps): void {
  const peer = {
    notify(method: string) {
      const message = news[method];
      if (message) socket.send(JSON.stringify(message));
    },
    ask: () => Promise.reject(new Error('a view answers nothing')),
  };
  const session = new Session(sessions.takeId(), peer, Date.now());
  session.name = 'browser';
  session.profile = scope.profile;
  session.roots = scope.roots;
  session.options = { index: scope.isIndexed, resumes: true };
  session.initialized = true;
  sessions.add(session);
  socket.on('close', () => {
    sessions.leave(session);
  });
  serveView(socket, {
    session,
    answer,
    onIndexChange,
    onSwitched() {
      scope.profile = session.profile; // for the next page of the same browser
    },
  });
}
